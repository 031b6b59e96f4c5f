#include "cli/carry_out.h"
#include "cli/commands.h"
#include "cli/status.h"

static const struct option_row options[] = {
    { 'w', "workers", "N", "how many calls may run at once",
      carry_out_set_workers },
    CARRY_OUT_OPTIONS,
    { .name = NULL },
};

static int run(const struct command *command, int argc, char **argv)
{
    struct carry_out_setting setting = carry_out_defaults();
    int first = options_parse(command, argc, argv, &setting);
    if (first < 0)
        return -1 - first;
    const char *operand =
        options_operand(command, argc, argv, first, "job file");
    if (operand == NULL)
        return STATUS_USAGE;
    struct session session;
    int status = session_open(&session, operand);
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
