#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/reach.h"
#include "cli/runlog.h"
#include "cli/status.h"

enum { LOOK_MS = 100 };

static const char *set_follow(void *context, const char *value)
{
    bool *follow = context;
    (void)value;
    *follow = true;
    return NULL;
}

static const struct option_row options[] = {
    { 'f', "follow", NULL, "go on until the run's process is gone",
      set_follow },
    { .name = NULL },
};

/* Who waits for nothing is to know. */
static void tell_empty(const struct runlog *log, const char *text)
{
    if (runlog_is_empty(log))
        say("%s: its log is empty: nothing has been said", text);
}

static int print(struct runlog *log, bool follow)
{
    int status = runlog_copy(log, STDOUT_FILENO);
    while (status == 0 && follow) {
        follow = runlog_wait(log, LOOK_MS);
        status = runlog_copy(log, STDOUT_FILENO);
    }
    if (status == 0)
        return STATUS_OK;
    if (status == -EPIPE)
        return STATUS_SIGNAL + SIGPIPE;
    say("cannot write to standard output: %s", strerror(-status));
    return STATUS_IO;
}

static int open_log(const char *text, struct runlog *log,
                    struct drover_error *err)
{
    struct reference reference;
    int status = reference_find(text, &reference, err);
    if (status < 0)
        return status;
    if (reference.folder == NULL)
        status = error_set(err, ENOENT, "its store is not there");
    else
        status = runlog_open(log, reference.folder, err);
    reference_clear(&reference);
    return status;
}

static int run(const struct command *command, int argc, char **argv)
{
    bool follow = false;
    int first = options_parse(command, argc, argv, &follow);
    if (first < 0)
        return -1 - first;
    const char *operand =
        options_operand(command, argc, argv, first, "address");
    if (operand == NULL)
        return STATUS_USAGE;
    struct runlog log;
    struct drover_error err;
    if (open_log(operand, &log, &err) < 0)
        return reach_complain(operand, &err);
    int status = print(&log, follow);
    if (status == STATUS_OK)
        tell_empty(&log, operand);
    runlog_close(&log);
    return status;
}

const struct command command_logs = {
    .name = "logs",
    .operands = "ADDRESS",
    .summary = "Print what a run in the background has to say",
    .options = options,
    .run = run,
};
