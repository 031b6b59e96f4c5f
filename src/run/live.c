/* [host] Looking after calls while they run.
 *
 * All workers of a slot print into one pipe. In forked mode there is one call
 * at a time, so what is in the pipe is its. A reused worker empties the pipe
 * itself when a call may have printed, and sends the text along with the
 * result; the host reads only what a call prints that runs for long, and keeps
 * the worker from going on to the next one while it does. */
#include <sys/epoll.h>

#include "run/state.h"

/* What is printed from now on belongs to the first call in the slot's queue. */
static void attribute(struct run *run, size_t i, const struct call *first)
{
    run->slots[i].stage = (int)first->stage;
    run->slots[i].index = first->index;
}

/* A forked worker has one call, so what it prints is that call's. */
static void receive_from_forked(struct run *run, size_t i)
{
    if (schedule_queued(run->schedule, (int)i) > 0)
        attribute(run, i, schedule_queued_call(run->schedule, (int)i, 0));
    output_drain(run, i);
}

/* Whether the pipe may be read now, the worker being kept where it is. */
static bool hold_worker(struct run *run, size_t i)
{
    struct slot_run *slot = &run->slots[i];
    if (!slate_try_lock(slot->slot.slate))
        return false;
    inbox_rescue(run, i);
    if (schedule_queued(run->schedule, (int)i) > 0) {
        const struct call *first =
            schedule_queued_call(run->schedule, (int)i, 0);
        if (first->sequence == slot->confirmed &&
            slate_is_started(slot->slot.slate, first->sequence)) {
            attribute(run, i, first);
            return true;
        }
    }
    slate_unlock(slot->slot.slate);
    return false;
}

static void watch_pipe(struct run *run, size_t i, bool on)
{
    struct slot_run *slot = &run->slots[i];
    struct epoll_event event = { .events = on ? EPOLLIN : 0,
                                 .data.u64 = source_tag(SOURCE_PRINTED, i) };
    slot->muted = !on;
    epoll_ctl(run->events, EPOLL_CTL_MOD, slot->slot.printed, &event);
}

void live_receive(struct run *run, size_t i)
{
    struct slot_run *slot = &run->slots[i];
    if (slot->slot.printed < 0)
        return;
    /* Whoever prints waits, as it would for a slow terminal. */
    if (notes_is_full(run->setting->notes)) {
        watch_pipe(run, i, false);
        return;
    }
    if (!slot->slot.current.reused) {
        receive_from_forked(run, i);
    } else if (hold_worker(run, i)) {
        output_drain(run, i);
        slate_unlock(slot->slot.slate);
    } else {
        watch_pipe(run, i, false);
    }
}

/* Results that the worker has finished, but has not sent because the next call
 * takes long; and whether it is still at the call of the last tick. */
static void tick_reused(struct run *run, size_t i)
{
    struct slot_run *slot = &run->slots[i];
    inbox_receive(run, i);
    if (!slot->paused)
        inbox_rescue(run, i);
    uint64_t first = 0;
    if (schedule_queued(run->schedule, (int)i) > 0)
        first = schedule_queued_call(run->schedule, (int)i, 0)->sequence;
    slot->confirmed = first == slot->seen ? first : 0;
    slot->seen = first;
}

/* What a forked worker sends is waited for once it takes its time. */
static void tick_forked(struct run *run, size_t i)
{
    struct slot_run *slot = &run->slots[i];
    uint64_t worker = slot->slot.current.id;
    if (worker == slot->seen && !slot->watched &&
        schedule_queued(run->schedule, (int)i) > 0)
        workers_watch(run, i);
    slot->seen = worker;
}

void live_tick(struct run *run, size_t i)
{
    const struct slot_worker *worker = &run->slots[i].slot.current;
    /* Whichever worker it was muted for: the next one prints, too. */
    if (run->slots[i].muted)
        watch_pipe(run, i, true);
    if (!worker->born)
        return;
    inbox_resume(run, i);
    if (!worker->reused)
        tick_forked(run, i);
    else if (!writing_is_held(run))
        tick_reused(run, i);
}
