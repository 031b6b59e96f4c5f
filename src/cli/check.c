#include <stdio.h>

#include "cli/commands.h"
#include "cli/session.h"
#include "cli/status.h"

static const struct option_row options[] = { { .name = NULL } };

static int check(const struct command *command, int argc, char **argv)
{
    int first = options_parse(command, argc, argv, NULL);
    if (first < 0)
        return -1 - first;
    const char *operand =
        options_operand(command, argc, argv, first, "job file");
    if (operand == NULL)
        return STATUS_USAGE;
    struct session session;
    int status = session_open(&session, operand);
    session_close(&session);
    if (status == STATUS_OK)
        printf("%s: no mistakes found\n", operand);
    return status;
}

const struct command command_check = {
    .name = "check",
    .operands = "JOB",
    .summary = "Say what is wrong with a job file, without running it",
    .options = options,
    .run = check,
};
