/* [host] */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int stages_explain(const struct run *run, size_t stage, int status,
                   struct drover_error *err)
{
    const char *name = run->setting->job->stages[stage].name;
    if (status == -EMSGSIZE)
        return error_set(err, EMSGSIZE,
                         "the results of stage %s are too large to be "
                         "substituted: limit %d bytes",
                         name, RESULTS_LIMIT_BYTES);
    return error_set(err, -status, "cannot keep the results of stage %s: %s",
                     name, strerror(-status));
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
void stages_tell_failure(struct run *run, size_t stage, uint64_t calls,
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
        stages_tell_failure(run, i, 0, DROVER_ERROR, err.message);
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
    stages_tell_failure(run, i, 0, DROVER_SKIPPED, text);
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
