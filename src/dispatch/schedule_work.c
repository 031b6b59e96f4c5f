/* What there is to do. */
#include "dispatch/schedule_state.h"

static bool can_expand(const struct stage *stage)
{
    return stage->state == STAGE_ACTIVE && !stage->held && stage->left > 0;
}

static bool can_give(const struct stage *stage, bool any_mode, bool reused)
{
    return can_expand(stage) && (any_mode || stage->setting->reused == reused);
}

struct work schedule_find_work(const struct schedule *schedule, bool any_mode,
                               bool reused)
{
    if (schedule->line_count > 0) {
        size_t stage = schedule->line[schedule->line_first].stage;
        if (any_mode || schedule->stages[stage].setting->reused == reused)
            return (struct work){ true, true, stage };
        return (struct work){ false };
    }
    struct work work = { false };
    for (size_t i = 0; i < schedule->stage_count && !work.found; i++)
        if (can_give(&schedule->stages[i], any_mode, reused))
            work = (struct work){ true, false, i };
    /* What is fed comes first, the last in line above all: what has come so far
     * is to come to its end. */
    for (size_t i = schedule->stage_count; work.found && i-- > 0;)
        if (schedule->stages[i].setting->fed &&
            can_give(&schedule->stages[i], any_mode, reused))
            return (struct work){ true, false, i };
    return work;
}

uint64_t schedule_work(const struct schedule *schedule, uint64_t limit)
{
    uint64_t count = schedule->line_count;
    for (size_t i = 0; i < schedule->stage_count && count < limit; i++) {
        const struct stage *stage = &schedule->stages[i];
        if (can_expand(stage))
            count = stage->left < limit - count ? count + stage->left : limit;
    }
    return count < limit ? count : limit;
}

/* Workers that are idle, or will be as soon as they are born; for a slot that
 * is WARM only if that is soon: the first worker of a slot waits for plugins
 * to be loaded, which takes long, or for ever. */
static size_t count_idle(const struct schedule *schedule, bool warm)
{
    size_t idle = 0;
    for (size_t i = 0; i < schedule->slot_count; i++) {
        const struct slot *slot = &schedule->slots[i];
        if ((slot->worker == WORKER_STARTING && slot->warm >= warm) ||
            (slot->worker == WORKER_READY && slot->queued == 0))
            idle++;
    }
    return idle;
}

bool schedule_wants_worker(const struct schedule *schedule, bool warm)
{
    size_t idle = count_idle(schedule, warm);
    return schedule_work(schedule, idle + 1) > idle;
}
