/* [host] The calls of stages: made, answered from the record or given to a
 * worker, and their results. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "run/state.h"

enum { ARGS_LIMIT_BYTES = MESSAGE_LIMIT_BYTES - 4096 };

/* Results cannot be kept: the run cannot go on. */
static void fail_results(struct run *run, size_t stage, int status)
{
    struct drover_error err;
    stages_explain(run, stage, status, &err);
    dispatch_halt(run->dispatch, &err);
}

/* The next call cannot be made, for a reason of its own, or be run. */
static void note_unmade(struct run *run, size_t i, enum drover_cause cause,
                        const char *text)
{
    struct stage_run *stage = &run->stages[i];
    stages_tell_failure(run, i, 1, cause, text);
    int status = order_end(stage->order, stage->made);
    if (status < 0)
        fail_results(run, i, status);
    stage->made++;
    schedule_unmade(run->schedule, i);
    stages_review_hold(run, i);
    feeding_supply(run, stage);
}

/* The stage goes on when there is something to read, or it is fed. */
static void await_input(struct run *run, size_t i)
{
    struct stage_run *stage = &run->stages[i];
    int descriptor = expansion_descriptor(stage->expansion);
    if (descriptor < 0) {
        schedule_supply(run->schedule, i, 0);
        return;
    }
    int status =
        dispatch_watch(run->dispatch, descriptor, EPOLLIN, RUN_INPUT, i);
    if (status < 0)
        dispatch_fail(run->dispatch, status, "cannot wait for input");
    stage->awaiting = true;
    stages_review_hold(run, i);
}

void calls_resume(struct run *run, size_t i)
{
    struct stage_run *stage = &run->stages[i];
    stage->awaiting = false;
    dispatch_unwatch(run->dispatch, expansion_descriptor(stage->expansion));
    stages_review_hold(run, i);
}

/* Make the next call. Returns it, or NULL when there is none or it could not be
 * made; the schedule has been told then. */
static struct call *make_call(struct run *run, size_t i)
{
    struct stage_run *stage = &run->stages[i];
    struct drover_error err;
    struct call *call = dispatch_take_call(run->dispatch);
    if (call == NULL)
        return NULL;
    int status = expansion_next(stage->expansion, &call->args, &err);
    if (status > 0 && buffer_size(&call->args) > ARGS_LIMIT_BYTES)
        status =
            error_set(&err, E2BIG, "its arguments have %zu bytes, limit %d",
                      buffer_size(&call->args), ARGS_LIMIT_BYTES);
    if (status > 0) {
        call->stage = i;
        call->index = stage->made;
        call->plugin = stage->plugin;
        call->task = stage->task;
        return call;
    }
    dispatch_give_call(run->dispatch, call);
    if (status == -EAGAIN)
        await_input(run, i);
    else if (status < 0)
        note_unmade(run, i, DROVER_ERROR, err.message);
    else
        schedule_exhausted(run->schedule, i);
    return NULL;
}

static void count_made(struct run *run, size_t i)
{
    run->stages[i].made++;
    stages_review_hold(run, i);
    feeding_supply(run, &run->stages[i]);
}

/* CALL need not be run: what is known of it is taken over. */
static int take_over(struct run *run, struct call *call,
                     const struct record_found *found, struct drover_error *err)
{
    size_t i = call->stage;
    int status = known_adopt(run, call, found, err);
    count_made(run, i);
    if (found->cause == DROVER_OK)
        schedule_known(run->schedule, i);
    else
        schedule_unmade(run->schedule, i);
    return status;
}

struct call *calls_expand(void *context, size_t i)
{
    struct run *run = context;
    struct record_found found;
    struct drover_error err = { .code = ENOMEM, .message = "out of memory" };
    struct call *call = make_call(run, i);
    if (call == NULL)
        return NULL;
    enum known known = known_look(run, call, &found, &err);
    int status = known == KNOWN_UNREADABLE ? -err.code : 0;
    if (known == KNOWN_DONE)
        status = take_over(run, call, &found, &err);
    else if (known == KNOWN_RETRY)
        status = known_retry(run, call, &found, &err);
    if (status < 0)
        dispatch_halt(run->dispatch, &err);
    if (known == KNOWN_DONE) {
        dispatch_give_call(run->dispatch, call);
        return NULL;
    }
    count_made(run, i);
    return call;
}

void calls_refuse(void *context, size_t i, const char *why)
{
    struct run *run = context;
    struct call *call = make_call(run, i);
    if (call == NULL)
        return;
    note_unmade(run, i, DROVER_LOAD, why);
    dispatch_give_call(run->dispatch, call);
}

static void add_result(struct run *run, const struct call *call,
                       struct drover_value value, uint64_t item)
{
    int status =
        order_add(run->stages[call->stage].order, call->index,
                  &(struct order_result){ .value = value, .item = item });
    if (status < 0)
        fail_results(run, call->stage, status);
}

void calls_take_result(void *context, struct call *call,
                       struct drover_value value, bool ahead)
{
    struct run *run = context;
    if (ahead)
        add_result(run, call, value, recording_add_value(run, call, value));
    else
        run->returned = value; /* its outcome follows at once */
}

bool calls_must_wait(void *context, const struct call *call, uint64_t *first)
{
    const struct run *run = context;
    const struct stage_run *stage = &run->stages[call->stage];
    bool full = feeding_is_full(stage);
    /* Where others cannot take more, no other call has to go on first. */
    *first = full ? call->index : order_first(stage->order);
    return full || order_is_swamped(stage->order, call->index);
}

void calls_settle(void *context, struct call *call,
                  const struct outcome *outcome)
{
    struct run *run = context;
    struct stage_run *stage = &run->stages[call->stage];
    if (outcome->cause == DROVER_OK) {
        run->summary->succeeded++;
    } else {
        run->summary->failed++;
        stage->failed = true;
    }
    uint64_t item = recording_end(run, call, outcome);
    if (run->returned.size > 0)
        add_result(run, call, run->returned, item);
    run->returned = (struct drover_value){ NULL, 0 };
    run->setting->observer.ended(run->setting->observer.context, outcome);
    int status = order_end(stage->order, call->index);
    if (status < 0)
        fail_results(run, call->stage, status);
    if (stage->held)
        stages_review_hold(run, call->stage);
}
