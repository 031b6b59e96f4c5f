/* The schedule: stages that are fed by the results of others, and workers that
 * rest meanwhile. */
#include "scheduled.h"
#include "unit.h"

/* Stage 1 runs over what stage 0 gives; stage 0 has been opened. */
static struct schedule *begin_fed(size_t slots, bool reused, uint64_t total)
{
    static struct schedule_stage stages[2];
    stages[0] = (struct schedule_stage){ .reused = reused };
    stages[1] = (struct schedule_stage){ .reused = reused, .fed = true };
    struct schedule *schedule = scheduled_begin(slots, stages, 2);
    expect_open(schedule, 0, total);
    expect_open(schedule, 1, 0);
    return schedule;
}

static void a_fed_stage_opens_at_once_and_waits(void)
{
    struct schedule *schedule = begin_fed(1, true, 1);
    expect_born(schedule, 0, true);
    const struct call *call = expect_expand(schedule, 0, 0);
    end_call(schedule, 0, 0, call, MS);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_none(schedule);
    ASSERT(!schedule_is_finished(schedule));
    schedule_exhausted(schedule, 1);
    expect_stage(schedule, ACTION_CLOSE, 1);
    expect_finished(schedule);
}

static void what_is_fed_comes_first(void)
{
    struct schedule *schedule = begin_fed(1, false, 5);
    expect_born(schedule, 0, false);
    const struct call *call = expect_expand(schedule, 0, 0);
    schedule_supply(schedule, 1, 1);
    end_call(schedule, 0, 0, call, MS);
    schedule_gone(schedule, 0, false);
    expect_born(schedule, 0, false);
    schedule_supply(schedule, 1, 1);
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_EXPAND);
    ASSERT_INT(action.stage, 1);
    schedule_destroy(schedule);
}

static void no_more_workers_than_what_was_fed(void)
{
    struct schedule *schedule = begin_fed(4, false, 1);
    schedule_hold(schedule, 0, true);
    expect_none(schedule);
    schedule_supply(schedule, 1, 2);
    expect_start(schedule, 0, false);
    expect_start(schedule, 1, false);
    expect_none(schedule);
    schedule_destroy(schedule);
}

static void a_stage_is_fed_although_calls_of_its_feeder_fail(void)
{
    struct schedule *schedule = begin_fed(1, true, 1);
    expect_born(schedule, 0, true);
    expect_expand(schedule, 0, 0);
    schedule_ended(schedule, 0, MS);
    schedule_settled(schedule, 0, false);
    schedule_supply(schedule, 1, 1);
    expect_stage(schedule, ACTION_CLOSE, 0);
    const struct call *call = expect_expand(schedule, 0, 1);
    schedule_exhausted(schedule, 1);
    end_call(schedule, 0, 1, call, MS);
    expect_stage(schedule, ACTION_CLOSE, 1);
    expect_finished(schedule);
}

static void calls_of_a_feeder_and_what_it_feeds_do_not_share_a_queue(void)
{
    struct schedule *schedule = begin_fed(1, true, 10);
    expect_born(schedule, 0, true);
    const struct call *call = expect_expand(schedule, 0, 0);
    schedule_supply(schedule, 1, 1);
    expect_none(schedule);
    end_call(schedule, 0, 0, call, 1000);
    expect_expand(schedule, 0, 1);
    schedule_supply(schedule, 1, 0);
    expect_none(schedule);
    schedule_destroy(schedule);
}

static void a_worker_that_rests_lets_another_one_work(void)
{
    struct schedule *schedule = begin_fed(2, false, 1);
    schedule_limit(schedule, 1);
    expect_born(schedule, 0, false);
    const struct call *first = expect_expand(schedule, 0, 0);
    schedule_supply(schedule, 1, 5);
    expect_none(schedule);
    ASSERT(schedule_has_other(schedule, 0));
    schedule_rest(schedule, 0, true);
    ASSERT(!schedule_has_other(schedule, 1));
    expect_born(schedule, 1, false);
    const struct call *second = expect_expand(schedule, 1, 1);
    schedule_rest(schedule, 0, false);
    end_call(schedule, 1, 1, second, MS);
    schedule_gone(schedule, 1, false);
    expect_none(schedule);
    end_call(schedule, 0, 0, first, MS);
    schedule_destroy(schedule);
}

static void an_idle_worker_beyond_the_limit_ends(void)
{
    struct schedule *schedule = begin_fed(2, true, 1);
    schedule_limit(schedule, 1);
    expect_born(schedule, 0, true);
    expect_expand(schedule, 0, 0);
    schedule_supply(schedule, 1, 5);
    schedule_rest(schedule, 0, true);
    expect_born(schedule, 1, true);
    const struct call *call = expect_expand(schedule, 1, 1);
    schedule_rest(schedule, 0, false);
    schedule_supply(schedule, 1, 0);
    end_call(schedule, 1, 1, call, MS);
    expect_stop(schedule, 1);
    schedule_destroy(schedule);
}

UNIT_CASES(CASE(a_fed_stage_opens_at_once_and_waits),
           CASE(what_is_fed_comes_first),
           CASE(no_more_workers_than_what_was_fed),
           CASE(a_stage_is_fed_although_calls_of_its_feeder_fail),
           CASE(calls_of_a_feeder_and_what_it_feeds_do_not_share_a_queue),
           CASE(a_worker_that_rests_lets_another_one_work),
           CASE(an_idle_worker_beyond_the_limit_ends))
