#include <errno.h>

#include "background/link.h"
#include "base/clock.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/reach.h"
#include "cli/stand.h"
#include "cli/status.h"
#include "store/store.h"

static const struct option_row options[] = { { .name = NULL } };

/* The process of a job's run that had ended waits for collectors no more. */
static void tell(struct drover_value standing, bool had_ended)
{
    struct buffer line = BUFFER_INIT(1024);
    struct stand stand = stand_read(standing);
    bool leaves = had_ended && stand.resumable;
    if (stand_put_counts(&line, &stand) == 0)
        say("%.*s: %s, %.*s%s", (int)stand.run.size, stand.run.data,
            had_ended ? "it had ended already" : "cancelled",
            (int)buffer_size(&line), (const char *)buffer_bytes(&line),
            leaves ? "; its process goes, results are collected from the store"
                   : "");
    buffer_clear(&line);
}

static int refuse(const struct reference *reference, struct drover_error *err)
{
    pid_t pid = reference->folder == NULL ? 0 : store_owner(reference->folder);
    if (pid > 0 && reference->path == NULL)
        return error_set(err, ECONNREFUSED,
                         "it runs in the foreground: interrupt process %ld",
                         (long)pid);
    return error_set(err, ECONNREFUSED,
                     "nobody serves it: it has ended or was killed, and "
                     "there is nothing to cancel");
}

static int ask(const struct reference *reference, struct drover_error *err)
{
    struct link link;
    struct drover_value standing;
    int64_t deadline_ms = clock_now_ms() + REACH_PATIENCE_MS;
    int status = link_reach(&link, reference, deadline_ms, err);
    if (status == -ECONNREFUSED || status == -ENOENT)
        return refuse(reference, err);
    if (status < 0)
        return status;
    bool had_ended = false;
    status = link_ask(&link, false, deadline_ms, &standing, err);
    if (status == 0) {
        had_ended = stand_read(standing).ended.data != NULL;
        status = link_cancel(&link, deadline_ms, &standing, err);
    }
    if (status == 0)
        tell(standing, had_ended);
    link_close(&link);
    return status;
}

static int cancel(const char *text)
{
    struct reference reference;
    struct drover_error err;
    int status = reference_find(text, &reference, &err);
    if (status < 0)
        return reach_complain(text, &err);
    status = ask(&reference, &err);
    reference_clear(&reference);
    return status == 0 ? STATUS_OK : reach_complain(text, &err);
}

static int run(const struct command *command, int argc, char **argv)
{
    int result = STATUS_OK;
    int first = options_parse(command, argc, argv, NULL);
    if (first < 0)
        return -1 - first;
    if (options_operands(command, argc, argv, first, "address") == 0)
        return STATUS_USAGE;
    for (int i = first; i < argc; i++) {
        int status = cancel(argv[i]);
        result = result > status ? result : status;
    }
    return result;
}

const struct command command_cancel = {
    .name = "cancel",
    .operands = "ADDRESS...",
    .summary = "Cancel runs in the background",
    .options = options,
    .run = run,
};
