#include <assert.h>

#include "dispatch/schedule_state.h"

static void push_front(struct schedule *schedule, struct waiting waiting)
{
    assert(schedule->line_count < schedule->line_capacity);
    schedule->line_first =
        (schedule->line_first + schedule->line_capacity - 1) %
        schedule->line_capacity;
    schedule->line[schedule->line_first] = waiting;
    schedule->line_count++;
}

struct waiting schedule_pop_line(struct schedule *schedule)
{
    struct waiting first = schedule->line[schedule->line_first];
    schedule->line_first = (schedule->line_first + 1) % schedule->line_capacity;
    schedule->line_count--;
    return first;
}

void schedule_push_queue(struct slot *slot, struct waiting waiting)
{
    assert(slot->queued < SCHEDULE_WINDOW_MAX);
    size_t last = (slot->first + slot->queued++) % SCHEDULE_WINDOW_MAX;
    slot->queue[last] = waiting.call;
    slot->stages[last] = waiting.stage;
}

struct waiting schedule_pop_queue(struct slot *slot)
{
    assert(slot->queued > 0);
    size_t first = slot->first;
    slot->first = (first + 1) % SCHEDULE_WINDOW_MAX;
    slot->queued--;
    return (struct waiting){ slot->queue[first], slot->stages[first] };
}

void schedule_give_back(struct schedule *schedule, struct slot *slot,
                        size_t count)
{
    for (; count > 0; count--) {
        size_t last = (slot->first + --slot->queued) % SCHEDULE_WINDOW_MAX;
        push_front(schedule,
                   (struct waiting){ slot->queue[last], slot->stages[last] });
    }
}

size_t schedule_queued(const struct schedule *schedule, int slot)
{
    return schedule->slots[slot].queued;
}

struct call *schedule_queued_call(const struct schedule *schedule, int slot,
                                  size_t i)
{
    const struct slot *asked = &schedule->slots[slot];
    return asked->queue[(asked->first + i) % SCHEDULE_WINDOW_MAX];
}
