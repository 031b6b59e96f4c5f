#include <assert.h>

#include "dispatch/schedule_state.h"

enum need { NEED_WAIT, NEED_MET, NEED_FAILED };

static enum need judge_needs(const struct schedule *schedule,
                             const struct stage *stage)
{
    enum need need = NEED_MET;
    for (size_t i = 0; i < stage->setting->needs_count; i++) {
        const struct stage *needed =
            &schedule->stages[stage->setting->needs[i]];
        if (needed->state != STAGE_COMPLETE)
            need = NEED_WAIT;
        else if (needed->failed)
            return NEED_FAILED;
    }
    return need;
}

static void complete(struct schedule *schedule, struct stage *stage)
{
    stage->state = STAGE_COMPLETE;
    schedule->stages_changed = true;
}

struct action schedule_next_stage(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->stage_count; i++) {
        struct stage *stage = &schedule->stages[i];
        struct action action = { .type = ACTION_NONE, .stage = i };
        enum need need = NEED_WAIT;
        if (stage->state == STAGE_WAITING && !schedule->draining)
            need = judge_needs(schedule, stage);
        if (need == NEED_MET) {
            stage->state = STAGE_OPENING;
            action.type = ACTION_OPEN;
        } else if (need == NEED_FAILED) {
            stage->failed = true;
            complete(schedule, stage);
            action.type = ACTION_SKIP;
        } else if (stage->state == STAGE_EXHAUSTED && stage->unsettled == 0) {
            complete(schedule, stage);
            action.type = ACTION_CLOSE;
        }
        if (action.type != ACTION_NONE)
            return action;
    }
    schedule->stages_changed = false;
    return (struct action){ .type = ACTION_NONE };
}

static void note_last_call(struct schedule *schedule, size_t stage)
{
    const struct stage *made = &schedule->stages[stage];
    if (made->left == 0 && !made->setting->fed)
        schedule_exhausted(schedule, stage);
}

void schedule_opened(struct schedule *schedule, size_t stage, uint64_t total)
{
    schedule->stages[stage].state = STAGE_ACTIVE;
    schedule->stages[stage].left = total;
    note_last_call(schedule, stage);
}

void schedule_supply(struct schedule *schedule, size_t stage, uint64_t left)
{
    schedule->stages[stage].left = left;
}

void schedule_failed(struct schedule *schedule, size_t stage)
{
    schedule->stages[stage].failed = true;
    schedule_exhausted(schedule, stage);
}

void schedule_exhausted(struct schedule *schedule, size_t stage)
{
    schedule->stages[stage].state = STAGE_EXHAUSTED;
    schedule->stages[stage].left = 0;
    schedule->stages_changed = true;
}

void schedule_count_made(struct schedule *schedule, size_t stage)
{
    struct stage *made = &schedule->stages[stage];
    if (!made->setting->fed && made->left != UINT64_MAX && made->left > 0)
        made->left--;
    note_last_call(schedule, stage);
}

void schedule_known(struct schedule *schedule, size_t stage)
{
    schedule_count_made(schedule, stage);
}

void schedule_unmade(struct schedule *schedule, size_t stage)
{
    schedule->stages[stage].failed = true;
    schedule_count_made(schedule, stage);
}

void schedule_settled(struct schedule *schedule, size_t stage, bool succeeded)
{
    struct stage *settled = &schedule->stages[stage];
    assert(settled->unsettled > 0);
    settled->unsettled--;
    if (!succeeded)
        settled->failed = true;
    if (settled->unsettled == 0 && settled->state == STAGE_EXHAUSTED)
        schedule->stages_changed = true;
}

void schedule_hold(struct schedule *schedule, size_t stage, bool held)
{
    schedule->stages[stage].held = held;
}
