/* [host] */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "run/state.h"
#include "value/encode.h"

enum { LIST_HEAD_BYTES = 9, RESULTS_LIMIT_BYTES = MESSAGE_LIMIT_BYTES - 4096 };

static int reserve_head(struct buffer *results)
{
    static const uint8_t room[LIST_HEAD_BYTES];
    return buffer_append(results, room, sizeof room);
}

/* Unless it goes to collectors, or has done so before. */
static int print(struct stage_run *stage, const struct order_result *result)
{
    if (!stage->printed || recording_is_served(stage->run) ||
        result->item == RECORDING_DELIVERED)
        return 0;
    int status = sink_add(&stage->run->sink, result->value);
    return status == 0 ? recording_printed(stage->run, result->item) : status;
}

/* A result leaves the stage, in its order. */
static int emit(void *context, uint64_t index,
                const struct order_result *result)
{
    struct stage_run *stage = context;
    struct drover_value value = result->value;
    (void)index;
    int status = print(stage, result);
    if (status == 0 && stage->gathered) {
        if (stage->result_count++ == 0)
            status = reserve_head(&stage->results);
        if (status == 0)
            status = buffer_append(&stage->results, value.data, value.size);
    }
    if (status == 0)
        status = feeding_add(stage->run, stage, value);
    return status;
}

static bool is_gathered(const struct run *run, size_t stage)
{
    for (size_t i = 0; i < run->setting->job->stage_count; i++)
        if (plan_substitutes(run->setting->plan, i, stage))
            return true;
    return false;
}

static int create_one(struct run *run, size_t i)
{
    const struct job_stage *job_stage = &run->setting->job->stages[i];
    struct stage_run *stage = &run->stages[i];
    stage->run = run;
    stage->plugin = job_stage->plugin;
    stage->task = plan_stage_task(run->setting->plan, i);
    stage->printed = job_stage->printed;
    stage->gathered = is_gathered(run, i);
    buffer_init(&stage->results, RESULTS_LIMIT_BYTES);
    stage->order = order_create(job_stage->arrival, emit, stage);
    run->schedule_stages[i] =
        (struct schedule_stage){ .needs = job_stage->needs,
                                 .needs_count = job_stage->needs_count,
                                 .reused = job_stage->reused,
                                 .fed = stage->feed != NULL };
    return stage->order == NULL ? -ENOMEM : 0;
}

int stages_create(struct run *run)
{
    size_t count = run->setting->job->stage_count;
    run->stages = calloc(count, sizeof *run->stages);
    run->schedule_stages = calloc(count, sizeof *run->schedule_stages);
    run->lists = calloc(count, sizeof *run->lists);
    if (run->stages == NULL || run->schedule_stages == NULL ||
        run->lists == NULL)
        return -ENOMEM;
    int status = feeding_create(run);
    for (size_t i = 0; status == 0 && i < count; i++)
        status = create_one(run, i);
    return status;
}

void stages_destroy(struct run *run)
{
    size_t count = run->stages == NULL ? 0 : run->setting->job->stage_count;
    for (size_t i = 0; i < count; i++) {
        expansion_close(run->stages[i].expansion);
        order_destroy(run->stages[i].order);
        buffer_clear(&run->stages[i].results);
        feed_destroy(run->stages[i].feed);
    }
    free(run->stages);
    free(run->schedule_stages);
    free(run->lists);
}

/* A stage as a whole, or a call of it that could not be made, has failed. */
static void tell_unmade(struct run *run, size_t stage, uint64_t calls,
                        enum drover_cause cause, const char *text)
{
    struct outcome outcome = { .stage = stage,
                               .index = run->stages[stage].made,
                               .calls = calls,
                               .cause = cause,
                               .text = text };
    run->summary->failed += calls;
    run->summary->stages_unbegun += calls == 0;
    run->stages[stage].failed = true;
    recording_unmade(run, &outcome);
    run->setting->observer.ended(run->setting->observer.context, &outcome);
}

/* How many calls stage I has; UINT64_MAX: that is not known yet. */
static uint64_t count_calls(const struct run *run, size_t i)
{
    const struct stage_run *stage = &run->stages[i];
    if (stage->expansion != NULL)
        return expansion_total(stage->expansion);
    if (stage->begun)
        return stage->made;
    return run->setting->job->stages[i].each_count == 0 ? 1 : UINT64_MAX;
}

/* Let those who watch know how many calls there are. */
static void tell_total(const struct run *run)
{
    uint64_t total = 0;
    if (run->setting->store == NULL)
        return;
    for (size_t i = 0; i < run->setting->job->stage_count; i++) {
        uint64_t calls = count_calls(run, i);
        total = calls > UINT64_MAX - total ? UINT64_MAX : total + calls;
    }
    store_set_total(run->setting->store, total);
}

void stages_open(void *context, size_t i)
{
    struct run *run = context;
    struct stage_run *stage = &run->stages[i];
    struct drover_error err;
    stage->begun = true;
    const struct expansion_input input = { .results = run->lists,
                                           .feed = stage->feed,
                                           .folder = run->setting->folder };
    int status =
        expansion_open(run->setting->plan, i, &input, &stage->expansion, &err);
    if (status < 0) {
        tell_unmade(run, i, 0, DROVER_ERROR, err.message);
        schedule_failed(run->schedule, i);
        feeding_close(run, stage);
        return;
    }
    tell_total(run);
    schedule_opened(run->schedule, i, expansion_total(stage->expansion));
    feeding_supply(run, stage);
}

/* The first stage that STAGE needs and in which something has failed. */
static const char *find_culprit(const struct run *run, size_t stage)
{
    const struct job *job = run->setting->job;
    const struct job_stage *skipped = &job->stages[stage];
    for (size_t n = 0; n < skipped->needs_count; n++)
        if (run->stages[skipped->needs[n]].failed)
            return job->stages[skipped->needs[n]].name;
    return "?";
}

void stages_skip(void *context, size_t i)
{
    struct run *run = context;
    char text[256];
    snprintf(text, sizeof text, "needs stage %s, which did not succeed",
             find_culprit(run, i));
    run->stages[i].begun = true;
    tell_unmade(run, i, 0, DROVER_SKIPPED, text);
    feeding_close(run, &run->stages[i]);
    feeding_end(run, &run->stages[i]);
}

/* The results, written behind room for a head, become a list. */
static int finish_list(struct stage_run *stage, struct drover_value *list)
{
    struct buffer head = BUFFER_INIT(LIST_HEAD_BYTES);
    struct buffer *results = &stage->results;
    int status = value_put_list_head(&head, stage->result_count);
    if (status == 0 && stage->result_count == 0)
        status = reserve_head(results);
    if (status == 0) {
        size_t size = buffer_size(&head);
        size_t unused = LIST_HEAD_BYTES - size;
        memcpy(buffer_bytes(results) + unused, buffer_bytes(&head), size);
        *list = (struct drover_value){ buffer_bytes(results) + unused,
                                       buffer_size(results) - unused };
    }
    buffer_clear(&head);
    return status;
}

void stages_close(void *context, size_t i)
{
    struct run *run = context;
    struct stage_run *stage = &run->stages[i];
    expansion_close(stage->expansion);
    stage->expansion = NULL;
    tell_total(run);
    feeding_close(run, stage);
    feeding_end(run, stage);
    if (stage->gathered && finish_list(stage, &run->lists[i]) < 0)
        dispatch_fail(run->dispatch, -ENOMEM, "cannot gather results");
}

void stages_review_hold(struct run *run, size_t i)
{
    struct stage_run *stage = &run->stages[i];
    bool held = stage->awaiting || order_is_full(stage->order, stage->made) ||
                feeding_is_full(stage);
    if (held == stage->held)
        return;
    stage->held = held;
    schedule_hold(run->schedule, i, held);
}

/* The next call cannot be made, for a reason of its own, or be run. */
static void note_unmade(struct run *run, size_t i, enum drover_cause cause,
                        const char *text)
{
    struct stage_run *stage = &run->stages[i];
    tell_unmade(run, i, 1, cause, text);
    if (order_end(stage->order, stage->made) < 0)
        dispatch_fail(run->dispatch, -ENOMEM, "cannot keep results");
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

void stages_resume(struct run *run, size_t i)
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
    if (status > 0 && buffer_size(&call->args) > RESULTS_LIMIT_BYTES)
        status =
            error_set(&err, E2BIG, "its arguments have %zu bytes, limit %d",
                      buffer_size(&call->args), RESULTS_LIMIT_BYTES);
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

struct call *stages_expand(void *context, size_t i)
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

void stages_refuse(void *context, size_t i, const char *why)
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
        dispatch_fail(
            run->dispatch, status,
            status == -EMSGSIZE
                ? "the results of a stage are too large to be substituted"
                : "cannot keep results");
}

void stages_take_result(void *context, struct call *call,
                        struct drover_value value, bool ahead)
{
    struct run *run = context;
    if (ahead)
        add_result(run, call, value, recording_add_value(run, call, value));
    else
        run->returned = value; /* its outcome follows at once */
}

bool stages_must_wait(void *context, const struct call *call, uint64_t *first)
{
    const struct run *run = context;
    const struct stage_run *stage = &run->stages[call->stage];
    bool full = feeding_is_full(stage);
    /* Where others cannot take more, no other call has to go on first. */
    *first = full ? call->index : order_first(stage->order);
    return full || order_is_swamped(stage->order, call->index);
}

void stages_settle(void *context, struct call *call,
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
        dispatch_fail(run->dispatch, status, "cannot keep results");
    if (stage->held)
        stages_review_hold(run, call->stage);
}

static void tell_stage_unmade(struct run *run, size_t i)
{
    const struct stage_run *stage = &run->stages[i];
    const char *name = run->setting->job->stages[i].name;
    char text[256];
    uint64_t total = stage->expansion == NULL
                         ? stage->made
                         : expansion_total(stage->expansion);
    if (total == UINT64_MAX)
        snprintf(text, sizeof text, "stage %s: further calls were not made",
                 name);
    else if (total > stage->made)
        snprintf(text, sizeof text,
                 "stage %s: %" PRIu64 " of %" PRIu64 " calls were not made",
                 name, total - stage->made, total);
    else if (!stage->begun)
        snprintf(text, sizeof text, "stage %s was not begun", name);
    else
        return;
    run_notice(run, text);
}

void stages_tell_unmade(struct run *run)
{
    for (size_t i = 0; i < run->setting->job->stage_count; i++)
        tell_stage_unmade(run, i);
}
