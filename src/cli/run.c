#include "cli/carry_out.h"
#include "cli/commands.h"
#include "cli/start.h"
#include "cli/status.h"

static const struct option_row options[] = {
    { 'w', "workers", "N", "how many calls may run at once",
      carry_out_set_workers },
    CARRY_OUT_OPTIONS,
    { 0, "no-store", NULL, "record nothing: what is interrupted is lost",
      carry_out_set_no_store },
    { .name = NULL },
};

static bool wants_background(const struct job *job)
{
    bool wants = job->background != NULL;
    for (size_t i = 0; i < job->stage_count; i++)
        wants = wants || job->stages[i].background != NULL;
    return wants;
}

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
    bool background = status == STATUS_OK && wants_background(session.job);
    if (status == STATUS_OK && !background)
        status = carry_out(&session, &setting);
    struct buffer text = session.text;
    buffer_init(&session.text, 0);
    session_close(&session);
    /* From its beginning on, for it must not share what we had open. */
    if (background)
        status = start_job(operand, &text, &setting);
    buffer_clear(&text);
    return status;
}

const struct command command_run = {
    .name = "run",
    .operands = "JOB",
    .summary = "Carry out a job; results go to standard output",
    .options = options,
    .run = run,
};
