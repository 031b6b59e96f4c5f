#include <errno.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/reach.h"
#include "cli/stand.h"
#include "cli/status.h"
#include "job/duration.h"

/* deadline_ms  -1: for ever */
struct waiting {
    int64_t deadline_ms;
};

static const char *set_timeout(void *context, const char *value)
{
    struct waiting *waiting = context;
    int64_t timeout_ms = 0;
    const char *wrong = options_duration(value, &timeout_ms);
    waiting->deadline_ms = clock_now_ms() + timeout_ms;
    return wrong;
}

static const struct option_row options[] = {
    { 0, "timeout", "DURATION", "wait no longer than this, as in 90s",
      set_timeout },
    { .name = NULL },
};

static int await(const char *text, const struct waiting *waiting)
{
    struct buffer standing = BUFFER_INIT(SIZE_MAX);
    struct reference reference;
    struct drover_error err;
    int status = reference_find(text, &reference, &err);
    if (status < 0)
        return reach_complain(text, &err);
    status = reach_end(&reference, waiting->deadline_ms, &standing, &err);
    int result = STATUS_OK;
    if (status == 0)
        result = stand_explain(text, &standing);
    else
        result = reach_complain(text, &err);
    if (status == -ETIMEDOUT && waiting->deadline_ms >= 0)
        result = STATUS_TIMEOUT;
    buffer_clear(&standing);
    reference_clear(&reference);
    return result;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct waiting waiting = { .deadline_ms = -1 };
    int result = STATUS_OK;
    int first = options_parse(command, argc, argv, &waiting);
    if (first < 0)
        return -1 - first;
    if (options_operands(command, argc, argv, first, "address") == 0)
        return STATUS_USAGE;
    for (int i = first; i < argc; i++) {
        int status = await(argv[i], &waiting);
        result = result > status ? result : status;
    }
    return result;
}

const struct command command_wait = {
    .name = "wait",
    .operands = "ADDRESS...",
    .summary = "Wait until runs have ended",
    .options = options,
    .run = run,
};
