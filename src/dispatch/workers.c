/* [host] */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "dispatch/state.h"

enum {
    FUTILE_MAX = 3, /* workers lost in a row without a call having ended */
    LOSSES_MAX = 3, /* workers that one call may cost before it has begun */
    AHEAD_MAX = 64,
    UNSENT_MAX_BYTES = 1024 * 1024, /* on the way to one worker */
};

int workers_create(struct dispatch *dispatch)
{
    dispatch->slots = calloc(dispatch->slot_count, sizeof *dispatch->slots);
    if (dispatch->slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < dispatch->slot_count; i++) {
        slot_init(&dispatch->slots[i].slot, dispatch->setting.maker,
                  dispatch->setting.material);
        dispatch->slots[i].control = -1;
        printed_init(&dispatch->slots[i].printed);
        dispatch->slots[i].stage = DISPATCH_NO_STAGE;
    }
    return 0;
}

void dispatch_dismiss(struct dispatch *dispatch)
{
    /* All makers are told before any is waited for. */
    for (size_t i = 0; i < dispatch->slot_count; i++)
        slot_dismiss(&dispatch->slots[i].slot);
    for (size_t i = 0; i < dispatch->slot_count; i++)
        slot_close(&dispatch->slots[i].slot);
}

void workers_destroy(struct dispatch *dispatch)
{
    if (dispatch->slots == NULL)
        return;
    dispatch_dismiss(dispatch);
    for (size_t i = 0; i < dispatch->slot_count; i++)
        printed_clear(&dispatch->slots[i].printed);
    free(dispatch->slots);
}

/* --- Beginnings ---------------------------------------------------------- */

/* Makers that fork have another descriptor for each worker. */
static int watch_control(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    if (slot->control == slot->slot.control)
        return 0;
    slot->control = slot->slot.control;
    return dispatch_watch_in(dispatch->events, slot->control, EPOLLIN,
                             SOURCE_CONTROL, i);
}

/* A fork may hold a copy of a descriptor that we close, and keep it watched. */
static void unwatch_control(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    if (slot->control >= 0)
        epoll_ctl(dispatch->events, EPOLL_CTL_DEL, slot->control, NULL);
    slot->control = -1;
}

void workers_adopt(struct dispatch *dispatch, size_t i)
{
    const struct slot *slot = &dispatch->slots[i].slot;
    int status = 0;
    if (slot->control >= 0)
        status = watch_control(dispatch, i);
    if (status == 0 && slot->printed >= 0)
        status = dispatch_watch_in(dispatch->events, slot->printed, EPOLLIN,
                                   SOURCE_PRINTED, i);
    if (status < 0)
        dispatch_fail(dispatch, status, "cannot watch a slot");
}

/* How many forked workers a slot may order at once. */
static uint64_t count_ahead(const struct dispatch *dispatch)
{
    uint64_t work =
        schedule_work(dispatch->schedule, AHEAD_MAX * dispatch->slot_count);
    uint64_t share = work / dispatch->slot_count;
    return share > 1 ? share : 1;
}

/* Returns whether the slot is open. */
static bool open_slot(struct dispatch *dispatch, size_t i)
{
    struct slot *slot = &dispatch->slots[i].slot;
    struct drover_error err;
    if (slot_is_open(slot))
        return true;
    if (slot_open(slot, &err) < 0) {
        workers_break(dispatch, i, err.message);
        return false;
    }
    workers_adopt(dispatch, i);
    return true;
}

void workers_start(struct dispatch *dispatch, int i, bool reused)
{
    struct slot *slot = &dispatch->slots[i].slot;
    if (!open_slot(dispatch, (size_t)i))
        return;
    int status = slot_start_worker(slot, reused, count_ahead(dispatch));
    if (status < 0)
        dispatch_fail(dispatch, status, "cannot order a worker");
    else if (status > 0)
        workers_greet(dispatch, (size_t)i);
    else
        /* No more than that: what was printed before comes first. */
        control_take(dispatch, (size_t)i);
}

void workers_watch(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    int socket = slot->slot.current.channel.socket;
    slot->watched = true;
    int status = dispatch_watch_in(dispatch->worker_events, socket,
                                   EPOLLIN | (slot->blocked ? EPOLLOUT : 0),
                                   SOURCE_WORKER, i);
    if (status < 0 && status != -EEXIST)
        dispatch_fail(dispatch, status, "cannot watch a worker");
}

void workers_unwatch(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    int socket = slot->slot.current.channel.socket;
    if (slot->watched && socket >= 0)
        epoll_ctl(dispatch->worker_events, EPOLL_CTL_DEL, socket, NULL);
    slot->watched = false;
}

void workers_greet(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    slot->retry_ms = slot->retrying_since_ms = 0;
    schedule_born(dispatch->schedule, (int)i);
    if (slot->slot.control >= 0 && watch_control(dispatch, i) < 0)
        dispatch_fail(dispatch, -errno, "cannot watch a worker");
    /* What a forked worker sends is read when it has ended, unless it takes
     * its time: one awakening of the host for a call. */
    if (slot->slot.current.reused || dispatch->setting.watchful)
        workers_watch(dispatch, i);
}

/* --- Sending ---------------------------------------------------------------
 */

/* Large arguments would pile up in the channel. */
static void review_choke(struct dispatch *dispatch, size_t i)
{
    size_t unsent = buffer_size(&dispatch->slots[i].slot.current.channel.out);
    schedule_choke(dispatch->schedule, (int)i, unsent > UNSENT_MAX_BYTES);
}

void workers_send(struct dispatch *dispatch, int i, struct call *call)
{
    struct slot_work *slot = &dispatch->slots[i];
    call->sequence = slot_take_sequence(&slot->slot);
    if (slot->slot.current.reused)
        slate_post(slot->slot.slate, call->sequence);
    struct message message = {
        .type = MESSAGE_CALL,
        .as.call = { .sequence = call->sequence,
                     .plugin = call->plugin,
                     .task = call->task,
                     .index = call->index,
                     .args = { buffer_bytes(&call->args),
                               buffer_size(&call->args) } },
    };
    int status = channel_queue(&slot->slot.current.channel, &message);
    slot->later_bytes = 0;
    if (status == 0 && call->passed != NULL)
        status = calls_queue_passed(dispatch, (size_t)i, call);
    if (status < 0)
        dispatch_fail(dispatch, status, "cannot send a call");
    slot->unflushed = true;
    review_choke(dispatch, (size_t)i);
}

/* Be woken when the worker takes more, or no longer. */
static void watch_room(struct dispatch *dispatch, size_t i, bool on)
{
    struct slot_work *slot = &dispatch->slots[i];
    struct epoll_event event = { .events = EPOLLIN | (on ? EPOLLOUT : 0),
                                 .data.u64 =
                                     (uint64_t)SOURCE_WORKER << 32 | i };
    if (slot->blocked == on)
        return;
    slot->blocked = on;
    if (!slot->watched)
        workers_watch(dispatch, i);
    else
        epoll_ctl(dispatch->worker_events, EPOLL_CTL_MOD,
                  slot->slot.current.channel.socket, &event);
}

void workers_flush(struct dispatch *dispatch)
{
    for (size_t i = 0; i < dispatch->slot_count; i++) {
        struct slot_work *slot = &dispatch->slots[i];
        if (!slot->unflushed)
            continue;
        /* A worker that is dead will be reported gone. */
        slot->unflushed = channel_flush(&slot->slot.current.channel) == -EAGAIN;
        watch_room(dispatch, i, slot->unflushed);
        review_choke(dispatch, i);
    }
}

size_t workers_recall(struct dispatch *dispatch, int i, size_t count)
{
    struct slot *slot = &dispatch->slots[i].slot;
    size_t queued = schedule_queued(dispatch->schedule, i);
    size_t recalled = 0;
    while (recalled < count) {
        const struct call *last =
            schedule_queued_call(dispatch->schedule, i, queued - 1 - recalled);
        if (!slate_recall(slot->slate, last->sequence))
            break;
        slot_give_sequence(slot, last->sequence);
        recalled++;
    }
    return recalled;
}

/* --- Ends ------------------------------------------------------------------
 */

bool workers_has_begun(const struct dispatch *dispatch, size_t i,
                       const struct call *call)
{
    const struct slot *slot = &dispatch->slots[i].slot;
    if (dispatch->setting.bound)
        return true;
    if (slot->current.reused)
        return slate_is_started(slot->slate, call->sequence);
    /* A worker that did not get all of its call cannot have begun it. What was
     * passed to the call comes behind it. */
    return buffer_size(&slot->current.channel.out) <=
           dispatch->slots[i].later_bytes;
}

/* The call that the slot's worker has begun, or NULL. */
static const struct call *begun_call(const struct dispatch *dispatch, size_t i)
{
    if (schedule_queued(dispatch->schedule, (int)i) == 0)
        return NULL;
    const struct call *first =
        schedule_queued_call(dispatch->schedule, (int)i, 0);
    return workers_has_begun(dispatch, i, first) ? first : NULL;
}

static void judge_death(struct outcome *outcome, const struct slot_event *event,
                        char *text, size_t size)
{
    if (event->type != SLOT_DEAD && !event->unseen) {
        outcome_judge_death(outcome, event->number, text, size);
        return;
    }
    outcome->cause = DROVER_LOST;
    snprintf(text, size, "%s",
             event->unseen
                 ? "its process has ended, and somebody else was told "
                   "how: children are waited for elsewhere, or "
                   "SIGCHLD is ignored"
                 : "the process that keeps its worker was killed");
}

static void judge(struct dispatch *dispatch, size_t i,
                  const struct slot_event *event, struct outcome *outcome,
                  char *text, size_t size)
{
    const struct slot_work *slot = &dispatch->slots[i];
    outcome->text = text;
    if (slot->garbage[0] != '\0') {
        outcome->cause = DROVER_PROTOCOL;
        outcome->text = slot->garbage;
    } else if (dispatch->cancelling) {
        outcome->cause = DROVER_CANCELLED;
        outcome->text = "killed while it ran";
    } else {
        judge_death(outcome, event, text, size);
    }
    outcome->cpu_us = event->cpu_us;
    outcome->memory_kib = event->memory_kib;
}

/* Several losses in a row without any progress: it will not get better. */
static void count_loss(struct dispatch *dispatch, size_t i,
                       const struct slot_event *event)
{
    struct outcome outcome;
    char text[256], why[384];
    if (dispatch->cancelling || ++dispatch->slots[i].futile < FUTILE_MAX)
        return;
    judge_death(&outcome, event, text, sizeof text);
    snprintf(why, sizeof why, "%d workers in a row died before any call: %s",
             FUTILE_MAX, text);
    workers_break(dispatch, i, why);
}

/* Whether the first call in the queue is what its workers die of, one after the
 * other, before they have all of it: too large for them, perhaps. */
static bool is_deadly(struct dispatch *dispatch, size_t i)
{
    if (schedule_queued(dispatch->schedule, (int)i) == 0 ||
        !channel_has_unsent(&dispatch->slots[i].slot.current.channel))
        return false;
    struct call *first = schedule_queued_call(dispatch->schedule, (int)i, 0);
    return ++first->losses >= LOSSES_MAX;
}

/* CALL ends with the slot's worker. */
static void end_with_worker(struct dispatch *dispatch, size_t i,
                            const struct slot_event *event, struct call *call)
{
    struct outcome outcome = { 0 };
    char text[512], why[600];
    judge(dispatch, i, event, &outcome, text, sizeof text);
    if (call->losses >= LOSSES_MAX) {
        snprintf(why, sizeof why,
                 "%u workers died before they had all of its arguments, the "
                 "last one: %s",
                 call->losses, outcome.text);
        outcome.text = why;
    }
    output_finish(dispatch, i, &outcome);
    dispatch_settle(dispatch, call, &outcome);
    printed_reset(&dispatch->slots[i].printed);
    dispatch->slots[i].futile = 0;
}

void workers_bury(struct dispatch *dispatch, size_t i,
                  const struct slot_event *event)
{
    struct slot_work *slot = &dispatch->slots[i];
    bool idle = slot->slot.current.born &&
                schedule_queued(dispatch->schedule, (int)i) == 0;
    inbox_receive_last(dispatch, i);
    const struct call *begun = begun_call(dispatch, i);
    if (begun != NULL) {
        slot->stage = (int)begun->stage;
        slot->index = begun->index;
    }
    output_drain(dispatch, i);
    bool ends = begun != NULL || is_deadly(dispatch, i);
    struct call *call = schedule_gone(dispatch->schedule, (int)i, ends);
    if (call != NULL)
        end_with_worker(dispatch, i, event, call);
    slot->garbage[0] = '\0';
    workers_unwatch(dispatch, i);
    if (slot->slot.maker->many_controls)
        unwatch_control(dispatch, i);
    slot->unflushed = slot->blocked = slot->paused = false;
    slot->retry_ms = 0;
    slot_bury(&slot->slot);
    if (call == NULL && !idle)
        count_loss(dispatch, i, event);
}

void workers_break(struct dispatch *dispatch, size_t i, const char *why)
{
    snprintf(dispatch->broken, sizeof dispatch->broken, "%s", why);
    dispatch->slots[i].retry_ms = 0;
    schedule_gone(dispatch->schedule, (int)i, false);
    schedule_broken(dispatch->schedule, (int)i);
    workers_unwatch(dispatch, i);
    slot_close(&dispatch->slots[i].slot);
    dispatch->slots[i].control = -1;
}
