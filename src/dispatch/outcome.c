#include "dispatch/outcome.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buffer.h"
#include "base/text.h"

const char *drover_cause_name(enum drover_cause cause)
{
    static const char *const names[DROVER_CAUSES] = {
        [DROVER_OK] = "ok",
        [DROVER_ERROR] = "error",
        [DROVER_EXIT] = "exit",
        [DROVER_SIGNAL] = "signal",
        [DROVER_CANCELLED] = "cancelled",
        [DROVER_SKIPPED] = "skipped",
        [DROVER_LOST] = "lost",
        [DROVER_LOAD] = "load",
        [DROVER_PROTOCOL] = "protocol",
    };
    return names[cause];
}

static void judge_signal(int number, bool core, char *text, size_t size)
{
    const char *name = sigabbrev_np(number);
    const char *what = sigdescr_np(number);
    int used =
        snprintf(text, size, "killed by signal %d (SIG%s, %s)", number,
                 name == NULL ? "?" : name, what == NULL ? "unknown" : what);
    if (used < 0 || (size_t)used >= size)
        return;
    /* We never kill a worker that runs a call without saying so. */
    if (number == SIGKILL)
        snprintf(text + used, size - (size_t)used,
                 " by somebody else, perhaps for want of memory");
    else if (core)
        snprintf(text + used, size - (size_t)used, ", core dumped");
}

void outcome_judge_death(struct outcome *outcome, int wait_status, char *text,
                         size_t size)
{
    outcome->text = text;
    if (WIFSIGNALED(wait_status)) {
        outcome->cause = DROVER_SIGNAL;
        outcome->number = WTERMSIG(wait_status);
        judge_signal(outcome->number, WCOREDUMP(wait_status), text, size);
    } else {
        outcome->cause = DROVER_EXIT;
        outcome->number = WEXITSTATUS(wait_status);
        snprintf(text, size,
                 "ended its process with exit status %d instead of returning%s",
                 outcome->number,
                 outcome->number == 0 ? ", or closed descriptors of its worker"
                                      : "");
    }
}

/* What a call made: its value, or that it has none. */
static const char *describe_success(const struct drover_outcome *outcome,
                                    char **json)
{
    if (outcome->value.size == 0)
        return "ended without a value";
    drover_value_to_json(outcome->value, DROVER_JSON_NAN_TEXT, json, NULL);
    return *json == NULL ? "a value that cannot be shown" : *json;
}

enum { SAID_BYTES = 64 * 1024 };

/* What a task says may have several lines, or worse. */
static const char *on_one_line(const char *text, struct buffer *room)
{
    if (text_escape(room, text, strlen(text)) < 0 ||
        buffer_append(room, "", 1) < 0)
        return text;
    return (const char *)buffer_bytes(room);
}

char *drover_outcome_format(const struct drover_outcome *outcome, char *out,
                            size_t size)
{
    struct buffer said = BUFFER_INIT(SAID_BYTES);
    char *args = NULL, *value = NULL;
    if (outcome->args.size > 0)
        drover_value_to_json(outcome->args, DROVER_JSON_NAN_TEXT, &args, NULL);
    const char *what = outcome->cause == DROVER_OK
                           ? describe_success(outcome, &value)
                           : on_one_line(outcome->text, &said);
    snprintf(out, size, "call %" PRIu64 "%s%s: %s", outcome->index,
             args == NULL ? "" : " ", args == NULL ? "" : args, what);
    if (size > 0)
        out[text_utf8_valid(out, strlen(out))] = '\0';
    free(args);
    free(value);
    buffer_clear(&said);
    return out;
}
