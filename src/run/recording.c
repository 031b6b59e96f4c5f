/* [host] */
#include "run/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "run/state.h"
#include "store/delivery.h"

/* How long something may wait to be committed together with what comes after
 * it, and how much of it. */
enum { COMMIT_MS = 20, COMMIT_BYTES = 4 * 1024 * 1024 };

/* end  how much must be written until the item is */
struct unproven {
    uint64_t end;
    uint64_t item;
};

static struct store *store_of(const struct run *run)
{
    return run->setting->store;
}

/* The run cannot go on: what it cannot record has not happened. */
static void halt(struct run *run, const struct drover_error *err)
{
    dispatch_halt(run->dispatch, err);
}

/* --- Beginning and end -----------------------------------------------------
 */

/* For whoever looks into the record. */
static int note_begin(const struct run *run, struct drover_error *err)
{
    char text[64];
    snprintf(text, sizeof text, "process %d %s", (int)getpid(),
             run->setting->resumed ? "carries the run on" : "begins the run");
    return store_add_event(store_of(run), text, err);
}

int recording_open(struct run *run, struct drover_error *err)
{
    const struct run_setting *setting = run->setting;
    buffer_init(&run->recording.unproven, SIZE_MAX);
    matching_init(&run->recording.matching, setting->store);
    if (setting->store == NULL)
        return 0;
    struct serving_setting serving = {
        .store = setting->store,
        .path = setting->address,
        .linger_ms = setting->linger_ms,
        .client = { .context = run, .cancel = run_cancel },
    };
    int status = serving_open(&run->recording.serving, &serving, err);
    if (status == 0 && setting->resumed)
        status = record_forget_unmade(setting->store, err);
    if (status == 0)
        status = note_begin(run, err);
    run->sink.gated = status == 0;
    if (status == 0 && recording_is_served(run))
        status = dispatch_watch(run->dispatch, recording_descriptor(run),
                                EPOLLIN, RUN_SERVING, 0);
    return status;
}

static void forget_record(struct call *call)
{
    struct call_record *record = call->client;
    if (record != NULL)
        free(record->known);
    free(record);
    call->client = NULL;
}

void recording_close(struct run *run)
{
    if (run->dispatch != NULL)
        dispatch_forget_calls(run->dispatch, forget_record);
    serving_close(run->recording.serving);
    buffer_clear(&run->recording.unproven);
    matching_clear(&run->recording.matching);
}

bool recording_is_served(const struct run *run)
{
    return run->setting->address != NULL;
}

/* --- Values and outcomes ---------------------------------------------------
 */

static struct record_call describe(const struct run *run,
                                   const struct call *call,
                                   const struct call_key *key)
{
    return (struct record_call){
        .stage = run->setting->job->stages[call->stage].name,
        .index = call->index,
        .key = key->bytes,
        .args = { buffer_bytes(&call->args), buffer_size(&call->args) },
    };
}

struct call_key recording_key(const struct run *run, const struct call *call)
{
    const struct job_stage *stage = &run->setting->job->stages[call->stage];
    return call_key_of_task(run->setting->build_ids[stage->plugin], stage->task,
                            (struct drover_value){ buffer_bytes(&call->args),
                                                   buffer_size(&call->args) });
}

/* Begin the record of a call that goes on. */
static struct call_record *begin(const struct run *run, struct call *call,
                                 struct drover_error *err)
{
    struct call_record *record = calloc(1, sizeof *record);
    struct call_key key = recording_key(run, call);
    struct record_call described = describe(run, call, &key);
    if (record == NULL) {
        error_no_memory(err);
        return NULL;
    }
    if (record_begin(store_of(run), &described, &record->id, err) < 0) {
        free(record);
        return NULL;
    }
    call->client = record;
    return record;
}

/* Record the next value of the call with this record. Returns 0 or negative;
 * *ITEM is as recording_add_value() gives it. */
static int add(const struct run *run, const struct call *call, int64_t id,
               uint64_t number, struct drover_value value, bool last,
               uint64_t *item, struct drover_error *err)
{
    struct record_value added = {
        .number = number,
        .value = value,
        .last = last,
        .offered = run->stages[call->stage].printed,
    };
    return record_add_value(store_of(run), id, &added, item, err);
}

uint64_t recording_add_value(struct run *run, struct call *call,
                             struct drover_value value)
{
    struct drover_error err;
    struct call_record *record = call->client;
    uint64_t item = 0;
    if (store_of(run) == NULL)
        return 0;
    if (record == NULL)
        record = begin(run, call, &err);
    if (record == NULL) {
        halt(run, &err);
        return 0;
    }
    uint64_t number = record->values++;
    if (number < record->known_count) {
        const struct known_value *known = &record->known[number];
        return known->acknowledged ? RECORDING_DELIVERED : known->item;
    }
    if (add(run, call, record->id, number, value, false, &item, &err) < 0)
        halt(run, &err);
    return item;
}

/* The value that the call has returned, behind all others. */
static int add_returned(struct run *run, const struct call *call, int64_t id,
                        uint64_t *item, struct drover_error *err)
{
    const struct call_record *record = call->client;
    uint64_t number = record == NULL ? 0 : record->values;
    if (record != NULL && number < record->known_count)
        number = record->known_count; /* it gave more the last time */
    return add(run, call, id, number, run->returned, true, item, err);
}

uint64_t recording_end(struct run *run, struct call *call,
                       const struct outcome *outcome)
{
    struct call_record *record = call->client;
    struct drover_error err;
    uint64_t item = 0;
    if (store_of(run) == NULL)
        return 0;
    struct record_outcome ended = {
        .cause = outcome->cause,
        .text = outcome->text,
        .number = outcome->number,
        .attempts = 1 + (record == NULL ? 0 : record->attempts),
        .elapsed_ns = outcome->elapsed_ns,
        .cpu_us = outcome->cpu_us,
        .memory_kib = outcome->memory_kib,
        .printed = outcome->printed,
        .printed_size = outcome->printed_size,
        .printed_cut = outcome->printed_cut,
    };
    int64_t id = record == NULL ? 0 : record->id;
    struct call_key key = { { 0 } };
    if (id == 0)
        key = recording_key(run, call);
    struct record_call described = describe(run, call, &key);
    int status = record_end(store_of(run), &id, &described, &ended, true, &err);
    if (status == 0 && run->returned.size > 0)
        status = add_returned(run, call, id, &item, &err);
    if (status < 0)
        halt(run, &err);
    forget_record(call);
    return item;
}

void recording_unmade(struct run *run, const struct outcome *outcome)
{
    static const uint8_t no_key[RECORD_KEY_BYTES];
    struct record_call call = {
        .stage = run->setting->job->stages[outcome->stage].name,
        .index = outcome->index,
        .key = no_key,
        .args = outcome->args,
    };
    struct record_outcome ended = { .cause = outcome->cause,
                                    .text = outcome->text };
    struct drover_error err;
    int64_t id = 0;
    if (store_of(run) != NULL &&
        record_end(store_of(run), &id, &call, &ended, true, &err) < 0)
        halt(run, &err);
}

void recording_notice(struct run *run, const char *text)
{
    struct drover_error err;
    if (store_of(run) != NULL && store_add_event(store_of(run), text, &err) < 0)
        halt(run, &err);
}

/* --- What was printed ------------------------------------------------------
 */

int recording_printed(struct run *run, uint64_t item)
{
    struct unproven printed = { sink_added(&run->sink), item };
    if (item == 0)
        return 0;
    return buffer_append(&run->recording.unproven, &printed, sizeof printed);
}

static bool next_unproven(const struct run *run, struct unproven *out)
{
    const struct buffer *unproven = &run->recording.unproven;
    if (buffer_size(unproven) == 0)
        return false;
    memcpy(out, buffer_bytes(unproven), sizeof *out);
    return out->end <= run->sink.written;
}

/* Items are acknowledged once their lines are written, one range after the
 * other. */
static void acknowledge_written(struct run *run)
{
    struct unproven next;
    struct drover_error err;
    int status = 0;
    while (status == 0 && !run->sink.closed && next_unproven(run, &next)) {
        uint64_t first = next.item;
        uint64_t last = first;
        do
            buffer_consume(&run->recording.unproven, sizeof next);
        while (next_unproven(run, &next) && next.item == last + 1 && ++last);
        status = delivery_acknowledge(store_of(run), first, last, &err);
    }
    if (status < 0)
        halt(run, &err);
}

/* --- Committing ------------------------------------------------------------
 */

void recording_commit(struct run *run)
{
    struct drover_error err;
    if (run->recording.serving == NULL)
        return;
    run->recording.due_ms = 0;
    if (serving_commit(run->recording.serving, &err) < 0)
        halt(run, &err);
    else
        sink_release(&run->sink);
}

static bool is_due(const struct run *run, size_t bytes)
{
    return bytes >= COMMIT_BYTES || run->sink.held >= SINK_FULL_BYTES ||
           clock_now_ms() >= run->recording.due_ms;
}

void recording_turn(struct run *run)
{
    if (run->recording.serving == NULL)
        return;
    acknowledge_written(run);
    size_t bytes = store_uncommitted(store_of(run));
    if (bytes == 0)
        return;
    if (run->recording.due_ms == 0)
        run->recording.due_ms = clock_now_ms() + COMMIT_MS;
    else if (is_due(run, bytes))
        recording_commit(run);
}

void recording_serve(struct run *run)
{
    struct drover_error err;
    if (run->recording.serving != NULL &&
        serving_turn(run->recording.serving, &err) < 0)
        halt(run, &err);
}

int recording_descriptor(const struct run *run)
{
    return recording_is_served(run) ? serving_descriptor(run->recording.serving)
                                    : -1;
}

bool recording_is_wanted(const struct run *run)
{
    return !serving_is_over(run->recording.serving);
}

int recording_patience_ms(const struct run *run)
{
    const struct recording *recording = &run->recording;
    if (recording->serving == NULL)
        return -1;
    int patience_ms = serving_patience_ms(recording->serving);
    if (recording->due_ms == 0)
        return patience_ms;
    int64_t left_ms = recording->due_ms - clock_now_ms();
    if (left_ms < 0)
        left_ms = 0;
    return patience_ms < 0 || left_ms < patience_ms ? (int)left_ms
                                                    : patience_ms;
}

/* What was told at the end has been told, if nobody is to collect it. */
static int acknowledge_all(struct run *run, struct drover_error *err)
{
    acknowledge_written(run);
    if (recording_is_served(run) || run->sink.closed)
        return 0;
    return delivery_acknowledge(store_of(run), 1, UINT64_MAX >> 1, err);
}

int recording_finish(struct run *run, struct drover_error *err)
{
    enum store_state state =
        run->summary->cancelled ? STORE_CANCELLED : STORE_FINISHED;
    if (run->recording.serving == NULL)
        return 0;
    int status = dispatch_failure(run->dispatch, NULL);
    if (status < 0)
        state = STORE_HALTED;
    else
        status = acknowledge_all(run, err);
    if (status == 0 || state == STORE_HALTED)
        status = serving_finish(run->recording.serving, state, err);
    if (status < 0 && state != STORE_HALTED)
        serving_finish(run->recording.serving, STORE_HALTED, NULL);
    return status;
}
