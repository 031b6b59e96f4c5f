#include "scheduled.h"

#include "unit.h"

struct call scheduled_calls[1000];
static int call_count;

struct schedule *
scheduled_begin(size_t slots, const struct schedule_stage *stages, size_t count)
{
    struct schedule *schedule = schedule_create(slots, stages, count);
    ASSERT(schedule != NULL);
    call_count = 0;
    return schedule;
}

void expect_none(struct schedule *schedule)
{
    ASSERT_INT(schedule_next(schedule).type, ACTION_NONE);
}

void expect_finished(struct schedule *schedule)
{
    expect_none(schedule);
    ASSERT(schedule_is_finished(schedule));
    schedule_destroy(schedule);
}

void expect_stage(struct schedule *schedule, enum action_type type,
                  size_t stage)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, type);
    ASSERT_INT(action.stage, stage);
}

void expect_open(struct schedule *schedule, size_t stage, uint64_t total)
{
    expect_stage(schedule, ACTION_OPEN, stage);
    schedule_opened(schedule, stage, total);
}

void expect_start(struct schedule *schedule, int slot, bool reused)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_START);
    ASSERT_INT(action.slot, slot);
    ASSERT_INT(action.reused, reused);
}

void expect_stop(struct schedule *schedule, int slot)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_STOP);
    ASSERT_INT(action.slot, slot);
}

struct call *expect_expand(struct schedule *schedule, int slot, size_t stage)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_EXPAND);
    ASSERT_INT(action.slot, slot);
    ASSERT_INT(action.stage, stage);
    struct call *call = &scheduled_calls[call_count];
    call->number = call_count++;
    schedule_expanded(schedule, slot, stage, call);
    return call;
}

void expect_send(struct schedule *schedule, int slot, const struct call *call)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_SEND);
    ASSERT_INT(action.slot, slot);
    ASSERT(action.call == call);
}

void expect_drop(struct schedule *schedule, const struct call *call)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_DROP);
    ASSERT_INT(action.slot, SCHEDULE_NOBODY);
    ASSERT(action.call == call);
}

void expect_recall(struct schedule *schedule, int slot, size_t count,
                   size_t taken)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_RECALL);
    ASSERT_INT(action.slot, slot);
    ASSERT_INT(action.count, count);
    schedule_recalled(schedule, slot, taken);
}

void end_call(struct schedule *schedule, int slot, size_t stage,
              const struct call *call, uint64_t elapsed_ns)
{
    ASSERT(schedule_ended(schedule, slot, elapsed_ns) == call);
    schedule_settled(schedule, stage, true);
}

void expect_born(struct schedule *schedule, int slot, bool reused)
{
    expect_start(schedule, slot, reused);
    schedule_born(schedule, slot);
}

struct schedule *scheduled_lopsided(void)
{
    static const struct schedule_stage stages[] = { { .reused = true } };
    struct schedule *schedule = scheduled_begin(2, stages, 1);
    expect_open(schedule, 0, 5);
    expect_start(schedule, 0, true);
    expect_start(schedule, 1, true);
    schedule_born(schedule, 0);
    struct call *first = expect_expand(schedule, 0, 0);
    expect_expand(schedule, 0, 0);
    end_call(schedule, 0, 0, first, MS / 10);
    for (int i = 0; i < 3; i++)
        expect_expand(schedule, 0, 0);
    expect_none(schedule);
    schedule_born(schedule, 1);
    return schedule;
}
