/* [host] What leaves a run: results, and lines for people. */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "run/state.h"

bool writing_is_held(const struct run *run)
{
    return sink_is_full(&run->sink) || notes_is_full(run->setting->notes);
}

bool writing_has_unwritten(const struct run *run)
{
    return sink_has_unwritten(&run->sink) ||
           notes_has_unwritten(run->setting->notes);
}

/* Watch a descriptor only while something waits to be written to it. */
static void watch_sink(struct run *run, const struct sink *sink, bool *watched)
{
    bool on = sink_has_unwritten(sink);
    if (*watched == on || !sink->pollable)
        return;
    *watched = on;
    /* By edges: all that can be written is written in every turn, and there are
     * terminals that say that they take more when they do not. */
    if (on)
        dispatch_watch(run->dispatch, sink->descriptor, EPOLLOUT | EPOLLET,
                       RUN_WRITING, 0);
    else
        dispatch_unwatch(run->dispatch, sink->descriptor);
}

void writing_flush(struct run *run)
{
    struct notes *notes = run->setting->notes;
    sink_flush(&run->sink);
    notes_flush(notes, clock_now_ms());
    watch_sink(run, &run->sink, &run->sink_watched);
    watch_sink(run, &notes->sink, &run->notes_watched);
}

bool writing_is_idle(const struct run *run)
{
    return (!sink_has_unwritten(&run->sink) || run->sink_watched) &&
           (!notes_has_unwritten(run->setting->notes) || run->notes_watched);
}

void writing_give_up(struct run *run)
{
    sink_give_up(&run->sink, ECANCELED);
    notes_give_up(run->setting->notes);
}

/* What to wait for: a descriptor that does not take all, or none. */
static struct pollfd room_in(const struct sink *sink)
{
    return (struct pollfd){ .fd = sink_has_unwritten(sink) ? sink->descriptor
                                                           : -1,
                            .events = POLLOUT };
}

bool writing_wait(struct run *run)
{
    struct pollfd polled[] = {
        room_in(&run->sink),
        room_in(&run->setting->notes->sink),
        { .fd = run->signals, .events = POLLIN },
    };
    return poll(polled, 3, -1) > 0 && polled[2].revents != 0;
}
