/* [host] */
#include <stdlib.h>

#include "run/state.h"

enum { ARGS_KEPT_BYTES = 4096 };

struct call *calls_take(struct run *run)
{
    struct call *call = run->free_calls;
    if (call != NULL) {
        run->free_calls = call->next;
        return call;
    }
    call = calloc(1, sizeof *call);
    if (call != NULL)
        buffer_init(&call->args, MESSAGE_LIMIT_BYTES);
    return call;
}

void calls_give(struct run *run, struct call *call)
{
    buffer_reset(&call->args);
    buffer_shrink(&call->args, ARGS_KEPT_BYTES);
    call->next = run->free_calls;
    run->free_calls = call;
}

void calls_clear(struct run *run)
{
    while (run->free_calls != NULL) {
        struct call *call = run->free_calls;
        run->free_calls = call->next;
        buffer_clear(&call->args);
        free(call);
    }
}

void calls_settle(struct run *run, struct call *call, struct outcome *outcome)
{
    size_t stage = call->stage;
    bool succeeded = outcome->cause == OUTCOME_OK;
    outcome->stage = stage;
    outcome->index = call->index;
    outcome->calls = 1;
    outcome->args = (struct drover_value){ buffer_bytes(&call->args),
                                           buffer_size(&call->args) };
    if (succeeded)
        run->summary->succeeded++;
    else
        run->summary->failed++;
    run->setting->observer.ended(run->setting->observer.context, outcome);
    int status = order_end(run->stages[stage].order, call->index);
    if (status < 0)
        run_fail(run, status, "cannot keep results");
    schedule_settled(run->schedule, stage, succeeded);
    calls_give(run, call);
    if (run->stages[stage].held)
        stages_review_hold(run, stage);
}
