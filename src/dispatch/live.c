/* [host] Looking after calls while they run.
 *
 * All workers of a slot print into one pipe. In forked mode there is one call
 * at a time, so what is in the pipe is its. A reused worker empties the pipe
 * itself when a call may have printed, and sends the text along with the
 * result; the host reads only what a call prints that runs for long, and keeps
 * the worker from going on to the next one while it does. */
#include <sys/epoll.h>

#include "dispatch/state.h"

/* What is printed from now on belongs to the first call in the slot's queue. */
static void attribute(struct dispatch *dispatch, size_t i,
                      const struct call *first)
{
    dispatch->slots[i].stage = (int)first->stage;
    dispatch->slots[i].index = first->index;
}

/* A forked worker has one call, so what it prints is that call's. */
static void receive_from_forked(struct dispatch *dispatch, size_t i)
{
    if (schedule_queued(dispatch->schedule, (int)i) > 0)
        attribute(dispatch, i,
                  schedule_queued_call(dispatch->schedule, (int)i, 0));
    output_drain(dispatch, i);
}

/* Whether the pipe may be read now, the worker being kept where it is. */
static bool hold_worker(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    if (!slate_try_lock(slot->slot.slate))
        return false;
    inbox_rescue(dispatch, i);
    if (schedule_queued(dispatch->schedule, (int)i) > 0) {
        const struct call *first =
            schedule_queued_call(dispatch->schedule, (int)i, 0);
        if (first->sequence == slot->confirmed &&
            slate_is_started(slot->slot.slate, first->sequence)) {
            attribute(dispatch, i, first);
            return true;
        }
    }
    slate_unlock(slot->slot.slate);
    return false;
}

static void watch_pipe(struct dispatch *dispatch, size_t i, bool on)
{
    struct slot_work *slot = &dispatch->slots[i];
    struct epoll_event event = { .events = on ? EPOLLIN : 0,
                                 .data.u64 =
                                     (uint64_t)SOURCE_PRINTED << 32 | i };
    slot->muted = !on;
    epoll_ctl(dispatch->events, EPOLL_CTL_MOD, slot->slot.printed, &event);
}

void live_receive(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    if (slot->slot.printed < 0)
        return;
    if (!dispatch->showing) {
        watch_pipe(dispatch, i, false);
        return;
    }
    if (!slot->slot.current.reused) {
        receive_from_forked(dispatch, i);
    } else if (hold_worker(dispatch, i)) {
        output_drain(dispatch, i);
        slate_unlock(slot->slot.slate);
    } else {
        watch_pipe(dispatch, i, false);
    }
}

/* Results that the worker has finished, but has not sent because the next call
 * takes long; and whether it is still at the call of the last tick. */
static void tick_reused(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    inbox_receive(dispatch, i);
    if (!slot->paused)
        inbox_rescue(dispatch, i);
    uint64_t first = 0;
    if (schedule_queued(dispatch->schedule, (int)i) > 0)
        first = schedule_queued_call(dispatch->schedule, (int)i, 0)->sequence;
    slot->confirmed = first == slot->seen ? first : 0;
    slot->seen = first;
}

/* What a forked worker sends is waited for once it takes its time. */
static void tick_forked(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    uint64_t worker = slot->slot.current.id;
    if (worker == slot->seen && !slot->watched &&
        schedule_queued(dispatch->schedule, (int)i) > 0)
        workers_watch(dispatch, i);
    slot->seen = worker;
}

void live_tick(struct dispatch *dispatch, size_t i)
{
    const struct slot_worker *worker = &dispatch->slots[i].slot.current;
    /* Whichever worker it was muted for: the next one prints, too. */
    if (dispatch->slots[i].muted)
        watch_pipe(dispatch, i, true);
    if (!worker->born)
        return;
    inbox_resume(dispatch, i);
    if (!worker->reused)
        tick_forked(dispatch, i);
    else if (dispatch->receiving)
        tick_reused(dispatch, i);
}
