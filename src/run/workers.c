/* [host] */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "run/state.h"

enum {
    FUTILE_MAX = 3, /* workers lost in a row without a call having ended */
    AHEAD_MAX = 64,
    UNSENT_MAX_BYTES = 1024 * 1024, /* on the way to one worker */
};

int workers_create(struct run *run)
{
    run->slots = calloc(run->setting->workers, sizeof *run->slots);
    if (run->slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->setting->workers; i++) {
        slot_init(&run->slots[i].slot);
        printed_init(&run->slots[i].printed);
        run->slots[i].stage = RUN_NO_STAGE;
    }
    return 0;
}

void workers_destroy(struct run *run)
{
    size_t count = run->slots == NULL ? 0 : run->setting->workers;
    /* All keepers are told before any is waited for. */
    for (size_t i = 0; i < count; i++)
        slot_dismiss(&run->slots[i].slot);
    for (size_t i = 0; i < count; i++) {
        slot_close(&run->slots[i].slot);
        printed_clear(&run->slots[i].printed);
    }
    free(run->slots);
}

static int watch(int epoll, int descriptor, uint32_t events, uint64_t tag)
{
    struct epoll_event event = { .events = events, .data.u64 = tag };
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0 ? -errno : 0;
}

/* --- Beginnings ---------------------------------------------------------- */

void workers_adopt(struct run *run, size_t i)
{
    struct slot *slot = &run->slots[i].slot;
    int status = watch(run->events, slot->control.socket, EPOLLIN,
                       source_tag(SOURCE_CONTROL, i));
    if (status == 0)
        status = watch(run->events, slot->printed, EPOLLIN,
                       source_tag(SOURCE_PRINTED, i));
    if (status < 0)
        run_fail(run, status, "cannot watch a keeper");
}

/* How many forked workers a slot may order at once. */
static uint64_t count_ahead(const struct run *run)
{
    uint64_t work =
        schedule_work(run->schedule, AHEAD_MAX * run->setting->workers);
    uint64_t share = work / run->setting->workers;
    return share > 1 ? share : 1;
}

void workers_start(struct run *run, int i, bool reused)
{
    struct slot *slot = &run->slots[i].slot;
    struct drover_error err;
    if (slot->keeper == 0) {
        if (slot_open(slot, run->setting->files,
                      run->setting->job->plugin_count, &err) < 0) {
            workers_break(run, (size_t)i, err.message);
            return;
        }
        workers_adopt(run, (size_t)i);
        control_begin(run, (size_t)i);
    }
    int status = slot_start_worker(slot, reused, count_ahead(run));
    if (status < 0)
        run_fail(run, status, "cannot order a worker");
    if (status > 0)
        workers_greet(run, (size_t)i);
}

void workers_watch(struct run *run, size_t i)
{
    struct slot_run *slot = &run->slots[i];
    int socket = slot->slot.current.channel.socket;
    slot->watched = true;
    int status = watch(run->worker_events, socket,
                       EPOLLIN | (slot->blocked ? EPOLLOUT : 0),
                       source_tag(SOURCE_WORKER, i));
    if (status < 0)
        run_fail(run, status, "cannot watch a worker");
}

void workers_greet(struct run *run, size_t i)
{
    schedule_born(run->schedule, (int)i);
    /* What a forked worker sends is read when it has ended, unless it takes
     * its time: one awakening of the host for a call. */
    run->slots[i].watched = false;
    if (run->slots[i].slot.current.reused)
        workers_watch(run, i);
}

/* --- Sending ---------------------------------------------------------------
 */

/* Large arguments would pile up in the channel. */
static void review_choke(struct run *run, size_t i)
{
    size_t unsent = buffer_size(&run->slots[i].slot.current.channel.out);
    schedule_choke(run->schedule, (int)i, unsent > UNSENT_MAX_BYTES);
}

void workers_send(struct run *run, int i, struct call *call)
{
    struct slot_run *slot = &run->slots[i];
    const struct stage_run *stage = &run->stages[call->stage];
    call->sequence = slot_take_sequence(&slot->slot);
    if (slot->slot.current.reused)
        slate_post(slot->slot.slate, call->sequence);
    struct message message = {
        .type = MESSAGE_CALL,
        .as.call = { .sequence = call->sequence,
                     .plugin = stage->plugin,
                     .task = stage->task,
                     .index = call->index,
                     .args = { buffer_bytes(&call->args),
                               buffer_size(&call->args) } },
    };
    int status = channel_queue(&slot->slot.current.channel, &message);
    if (status < 0)
        run_fail(run, status, "cannot send a call");
    slot->unflushed = true;
    review_choke(run, (size_t)i);
}

/* Be woken when the worker takes more, or no longer. */
static void watch_room(struct run *run, size_t i, bool on)
{
    struct slot_run *slot = &run->slots[i];
    struct epoll_event event = { .events = EPOLLIN | (on ? EPOLLOUT : 0),
                                 .data.u64 = source_tag(SOURCE_WORKER, i) };
    if (slot->blocked == on)
        return;
    slot->blocked = on;
    if (!slot->watched)
        workers_watch(run, i);
    epoll_ctl(run->worker_events, EPOLL_CTL_MOD,
              slot->slot.current.channel.socket, &event);
}

void workers_flush(struct run *run)
{
    for (size_t i = 0; i < run->setting->workers; i++) {
        struct slot_run *slot = &run->slots[i];
        if (!slot->unflushed)
            continue;
        /* A worker that is dead will be reported gone. */
        slot->unflushed = channel_flush(&slot->slot.current.channel) == -EAGAIN;
        watch_room(run, i, slot->unflushed);
        review_choke(run, i);
    }
}

size_t workers_recall(struct run *run, int i, size_t count)
{
    struct slot *slot = &run->slots[i].slot;
    size_t queued = schedule_queued(run->schedule, i);
    size_t recalled = 0;
    while (recalled < count) {
        const struct call *last =
            schedule_queued_call(run->schedule, i, queued - 1 - recalled);
        if (!slate_recall(slot->slate, last->sequence))
            break;
        slot_give_sequence(slot, last->sequence);
        recalled++;
    }
    return recalled;
}

/* --- Ends ------------------------------------------------------------------
 */

static bool is_started(const struct run *run, size_t i)
{
    const struct slot *slot = &run->slots[i].slot;
    if (schedule_queued(run->schedule, (int)i) == 0)
        return false;
    const struct call *first = schedule_queued_call(run->schedule, (int)i, 0);
    if (slot->current.reused)
        return slate_is_started(slot->slate, first->sequence);
    /* A worker that did not get all of its call cannot have begun it. */
    return !channel_has_unsent(&slot->current.channel);
}

static void judge(struct run *run, size_t i, const struct slot_event *event,
                  struct outcome *outcome, char *text, size_t size)
{
    const struct slot_run *slot = &run->slots[i];
    outcome->text = text;
    if (slot->garbage[0] != '\0') {
        outcome->cause = OUTCOME_PROTOCOL;
        outcome->text = slot->garbage;
    } else if (run->cancelling) {
        outcome->cause = OUTCOME_CANCELLED;
        outcome->text = "killed while it ran";
    } else if (event->type == SLOT_DEAD) {
        outcome->cause = OUTCOME_LOST;
        snprintf(text, size, "the process that keeps its worker was killed");
    } else {
        outcome_judge_death(outcome, event->number, text, size);
    }
    outcome->cpu_us = event->cpu_us;
    outcome->memory_kib = event->memory_kib;
}

/* Several losses in a row without any progress: it will not get better. */
static void count_loss(struct run *run, size_t i,
                       const struct slot_event *event)
{
    struct outcome outcome;
    char text[256], why[384];
    if (run->cancelling || ++run->slots[i].futile < FUTILE_MAX)
        return;
    outcome_judge_death(&outcome, event->number, text, sizeof text);
    snprintf(why, sizeof why, "%d workers in a row died before any call: %s",
             FUTILE_MAX, text);
    workers_break(run, i, why);
}

void workers_bury(struct run *run, size_t i, const struct slot_event *event)
{
    struct slot_run *slot = &run->slots[i];
    bool idle =
        slot->slot.current.born && schedule_queued(run->schedule, (int)i) == 0;
    inbox_receive_last(run, i);
    bool started = is_started(run, i);
    if (started) {
        const struct call *first =
            schedule_queued_call(run->schedule, (int)i, 0);
        slot->stage = (int)first->stage;
        slot->index = first->index;
    }
    output_drain(run, i);
    struct call *call = schedule_gone(run->schedule, (int)i, started);
    if (call != NULL) {
        struct outcome outcome = { 0 };
        char text[512];
        judge(run, i, event, &outcome, text, sizeof text);
        output_finish(run, i, &outcome);
        stages_settle(run, call, &outcome);
        printed_reset(&slot->printed);
        slot->futile = 0;
    }
    slot->garbage[0] = '\0';
    slot->unflushed = slot->blocked = slot->paused = false;
    slot->retry_ms = 0;
    slot_bury(&slot->slot);
    if (call == NULL && !idle)
        count_loss(run, i, event);
}

void workers_break(struct run *run, size_t i, const char *why)
{
    snprintf(run->broken, sizeof run->broken, "%s", why);
    run->slots[i].retry_ms = run->slots[i].load_limit_ms = 0;
    schedule_gone(run->schedule, (int)i, false);
    schedule_broken(run->schedule, (int)i);
    slot_close(&run->slots[i].slot);
}
