#include "cli/carry_out.h"
#include "cli/commands.h"
#include "cli/status.h"

static const struct option_row options[] = {
    { 'w', "workers", "N", "how many calls may run at once",
      carry_out_set_workers },
    { 0, "log-level", "LEVEL",
      "log entries: error, warning, info (default), debug",
      carry_out_set_log_level },
    { 0, "nan", "null|text", "how JSON shows NaN and infinities (default null)",
      carry_out_set_nan },
    { .name = NULL },
};

static int run(const struct command *command, int argc, char **argv)
{
    struct carry_out_setting setting = carry_out_defaults();
    int first = options_parse(command, argc, argv, &setting);
    if (first < 0)
        return -1 - first;
    if (argc - first != 1)
        return options_complain(command, "run takes one job file");
    struct session session;
    int status = session_open(&session, argv[first]);
    if (status == STATUS_OK)
        status = carry_out(&session, &setting);
    session_close(&session);
    return status;
}

const struct command command_run = {
    .name = "run",
    .operands = "JOB",
    .summary = "Carry out a job; results go to standard output",
    .options = options,
    .run = run,
};
