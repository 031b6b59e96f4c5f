#include "exchange/outcome.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

const char *outcome_cause_name(enum outcome_cause cause)
{
    static const char *const names[OUTCOME_CAUSES] = {
        [OUTCOME_OK] = "ok",
        [OUTCOME_ERROR] = "error",
        [OUTCOME_EXIT] = "exit",
        [OUTCOME_SIGNAL] = "signal",
        [OUTCOME_CANCELLED] = "cancelled",
        [OUTCOME_SKIPPED] = "skipped",
        [OUTCOME_LOST] = "lost",
        [OUTCOME_LOAD] = "load",
        [OUTCOME_PROTOCOL] = "protocol",
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
        outcome->cause = OUTCOME_SIGNAL;
        outcome->number = WTERMSIG(wait_status);
        judge_signal(outcome->number, WCOREDUMP(wait_status), text, size);
    } else {
        outcome->cause = OUTCOME_EXIT;
        outcome->number = WEXITSTATUS(wait_status);
        snprintf(text, size,
                 "ended its process with exit status %d instead of returning%s",
                 outcome->number,
                 outcome->number == 0 ? ", or closed descriptors of its worker"
                                      : "");
    }
}
