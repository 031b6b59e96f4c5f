/* [host] What calls print.
 *
 * All workers of a slot print into one pipe. In forked mode there is one call
 * at a time, so what is in the pipe is its. A reused worker empties the pipe
 * itself when a call may have printed, and sends the text along with the
 * result; the host reads only what a call prints that runs for long, and keeps
 * the worker from going on to the next one while it does. */
#include <sys/epoll.h>
#include <unistd.h>

#include "run/state.h"

enum { READ_BYTES = 16 * 1024 };

struct line_context {
    struct run *run;
    const struct slot_run *slot;
};

static void emit_line(void *context, const char *line, size_t size)
{
    const struct line_context *from = context;
    const struct run_observer *observer = &from->run->setting->observer;
    observer->printed(observer->context, from->slot->stage, from->slot->index,
                      line, size);
}

void output_add(struct run *run, size_t i, const char *bytes, size_t size)
{
    struct slot_run *slot = &run->slots[i];
    struct line_context context = { run, slot };
    printed_add(&slot->printed, bytes, size, emit_line, &context);
}

void output_finish(struct run *run, size_t i, struct outcome *outcome)
{
    struct slot_run *slot = &run->slots[i];
    struct line_context context = { run, slot };
    printed_finish(&slot->printed, emit_line, &context);
    outcome->printed = (const char *)buffer_bytes(&slot->printed.last);
    outcome->printed_size = buffer_size(&slot->printed.last);
}

void output_drain(struct run *run, size_t i)
{
    char bytes[READ_BYTES];
    ssize_t size;
    int pipe = run->slots[i].slot.printed;
    if (pipe < 0)
        return;
    while ((size = read(pipe, bytes, sizeof bytes)) > 0)
        output_add(run, i, bytes, (size_t)size);
}

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
    workers_rescue(run, i);
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

void output_receive(struct run *run, size_t i)
{
    struct slot_run *slot = &run->slots[i];
    if (slot->slot.printed < 0)
        return;
    if (!slot->slot.current.reused) {
        receive_from_forked(run, i);
    } else if (hold_worker(run, i)) {
        output_drain(run, i);
        slate_unlock(slot->slot.slate);
    } else {
        watch_pipe(run, i, false);
    }
}

void output_tick(struct run *run, size_t i)
{
    struct slot_run *slot = &run->slots[i];
    if (!slot->slot.current.reused || !slot->slot.current.born)
        return;
    /* Results that a worker has finished, but has not sent because the next
     * call takes long. */
    workers_receive(run, i);
    workers_rescue(run, i);
    uint64_t first = 0;
    if (schedule_queued(run->schedule, (int)i) > 0)
        first = schedule_queued_call(run->schedule, (int)i, 0)->sequence;
    slot->confirmed = first == slot->seen ? first : 0;
    slot->seen = first;
    if (slot->muted)
        watch_pipe(run, i, true);
}
