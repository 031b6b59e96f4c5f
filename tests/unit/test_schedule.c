/* The schedule, event after event: stages open, close, are skipped and held.
 * test_schedule_*.c have the other rules. */
#include "scheduled.h"
#include "unit.h"

/* --- Opening and closing ------------------------------------------------- */

static void a_schedule_without_stages_is_finished(void)
{
    struct schedule *schedule = scheduled_begin(1, NULL, 0);
    ASSERT(!schedule_is_finished(schedule));
    expect_finished(schedule);
}

static void a_stage_without_calls_closes_at_once(void)
{
    static const struct schedule_stage stages[1];
    struct schedule *schedule = scheduled_begin(2, stages, 1);
    expect_open(schedule, 0, 0);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

static void a_stage_opens_when_all_it_needs_is_complete(void)
{
    static const size_t needs[] = { 1, 2 };
    static const struct schedule_stage stages[] = {
        { .needs = needs, .needs_count = 2 }, { 0 }, { 0 }
    };
    struct schedule *schedule = scheduled_begin(1, stages, 3);
    expect_open(schedule, 1, 1);
    expect_open(schedule, 2, 0);
    expect_stage(schedule, ACTION_CLOSE, 2);
    expect_born(schedule, 0, false);
    struct call *call = expect_expand(schedule, 0, 1);
    expect_none(schedule);
    end_call(schedule, 0, 1, call, MS);
    expect_stage(schedule, ACTION_CLOSE, 1);
    expect_open(schedule, 0, 0);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

static void a_stage_whose_need_failed_is_skipped_and_so_are_those_behind(void)
{
    static const size_t first[] = { 0 }, second[] = { 1 };
    static const struct schedule_stage stages[] = {
        { 0 },
        { .needs = first, .needs_count = 1 },
        { .needs = second, .needs_count = 1 },
    };
    struct schedule *schedule = scheduled_begin(1, stages, 3);
    expect_open(schedule, 0, 1);
    expect_born(schedule, 0, false);
    struct call *call = expect_expand(schedule, 0, 0);
    ASSERT(schedule_ended(schedule, 0, MS) == call);
    schedule_settled(schedule, 0, false);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_stage(schedule, ACTION_SKIP, 1);
    expect_stage(schedule, ACTION_SKIP, 2);
    expect_finished(schedule);
}

static void a_stage_that_cannot_begin_closes_as_failed(void)
{
    static const size_t needs[] = { 0 };
    static const struct schedule_stage stages[] = {
        { 0 }, { .needs = needs, .needs_count = 1 }
    };
    struct schedule *schedule = scheduled_begin(1, stages, 2);
    expect_stage(schedule, ACTION_OPEN, 0);
    schedule_failed(schedule, 0);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_stage(schedule, ACTION_SKIP, 1);
    expect_finished(schedule);
}

static void a_call_that_cannot_be_made_fails_its_stage(void)
{
    static const size_t needs[] = { 0 };
    static const struct schedule_stage stages[] = {
        { 0 }, { .needs = needs, .needs_count = 1 }
    };
    struct schedule *schedule = scheduled_begin(1, stages, 2);
    expect_open(schedule, 0, 2);
    expect_born(schedule, 0, false);
    expect_stage(schedule, ACTION_EXPAND, 0);
    schedule_unmade(schedule, 0);
    struct call *call = expect_expand(schedule, 0, 0);
    expect_none(schedule);
    end_call(schedule, 0, 0, call, MS);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_stage(schedule, ACTION_SKIP, 1);
    expect_finished(schedule);
}

static void a_call_whose_outcome_is_known_is_made_and_done(void)
{
    static const size_t needs[] = { 0 };
    static const struct schedule_stage stages[] = {
        { 0 }, { .needs = needs, .needs_count = 1 }
    };
    struct schedule *schedule = scheduled_begin(1, stages, 2);
    expect_open(schedule, 0, 2);
    expect_born(schedule, 0, false);
    expect_stage(schedule, ACTION_EXPAND, 0);
    schedule_known(schedule, 0);
    expect_stage(schedule, ACTION_EXPAND, 0);
    schedule_known(schedule, 0);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_stage(schedule, ACTION_OPEN, 1);
    schedule_opened(schedule, 1, 0);
    expect_stage(schedule, ACTION_CLOSE, 1);
    expect_finished(schedule);
}

static void a_stage_of_unknown_length_ends_when_it_is_exhausted(void)
{
    static const struct schedule_stage stages[1];
    struct schedule *schedule = scheduled_begin(1, stages, 1);
    expect_open(schedule, 0, UINT64_MAX);
    expect_born(schedule, 0, false);
    struct call *call = expect_expand(schedule, 0, 0);
    end_call(schedule, 0, 0, call, MS);
    ASSERT(schedule_gone(schedule, 0, false) == NULL);
    expect_born(schedule, 0, false);
    expect_stage(schedule, ACTION_EXPAND, 0);
    schedule_exhausted(schedule, 0);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

/* --- Holds --------------------------------------------------------------- */

static void a_held_stage_makes_no_calls_until_it_is_let_go(void)
{
    static const struct schedule_stage stages[] = { { .reused = true },
                                                    { .reused = true } };
    struct schedule *schedule = scheduled_begin(1, stages, 2);
    expect_open(schedule, 0, 5);
    expect_open(schedule, 1, 1);
    expect_born(schedule, 0, true);
    struct call *first = expect_expand(schedule, 0, 0);
    schedule_hold(schedule, 0, true);
    struct call *other = expect_expand(schedule, 0, 1);
    expect_none(schedule);
    end_call(schedule, 0, 0, first, MS);
    end_call(schedule, 0, 1, other, MS);
    expect_stage(schedule, ACTION_CLOSE, 1);
    expect_none(schedule);
    ASSERT(!schedule_is_finished(schedule));
    schedule_hold(schedule, 0, false);
    expect_expand(schedule, 0, 0);
    schedule_destroy(schedule);
}

static void calls_of_a_held_stage_that_came_back_are_sent(void)
{
    static const struct schedule_stage stages[] = { { .reused = true } };
    struct schedule *schedule = scheduled_begin(1, stages, 1);
    expect_open(schedule, 0, 5);
    expect_born(schedule, 0, true);
    struct call *first = expect_expand(schedule, 0, 0);
    schedule_hold(schedule, 0, true);
    ASSERT(schedule_gone(schedule, 0, false) == NULL);
    expect_born(schedule, 0, true);
    expect_send(schedule, 0, first);
    expect_none(schedule);
    schedule_destroy(schedule);
}

/* --- What is left -------------------------------------------------------- */

static void work_is_what_is_not_given_out_yet(void)
{
    static const struct schedule_stage stages[] = { { .reused = true },
                                                    { .reused = true } };
    struct schedule *schedule = scheduled_begin(1, stages, 2);
    ASSERT_INT(schedule_work(schedule, 100), 0);
    expect_open(schedule, 0, 4);
    ASSERT_INT(schedule_work(schedule, 100), 4);
    ASSERT_INT(schedule_work(schedule, 3), 3);
    expect_open(schedule, 1, UINT64_MAX);
    ASSERT_INT(schedule_work(schedule, 100), 100);
    schedule_exhausted(schedule, 1);
    expect_stage(schedule, ACTION_CLOSE, 1);
    expect_born(schedule, 0, true);
    expect_expand(schedule, 0, 0);
    expect_expand(schedule, 0, 0);
    ASSERT_INT(schedule_work(schedule, 100), 2);
    schedule_gone(schedule, 0, false); /* both come back */
    ASSERT_INT(schedule_work(schedule, 100), 4);
    schedule_hold(schedule, 0, true);
    ASSERT_INT(schedule_work(schedule, 100), 2);
    schedule_destroy(schedule);
}

UNIT_CASES(CASE(a_schedule_without_stages_is_finished),
           CASE(a_stage_without_calls_closes_at_once),
           CASE(a_stage_opens_when_all_it_needs_is_complete),
           CASE(a_stage_whose_need_failed_is_skipped_and_so_are_those_behind),
           CASE(a_stage_that_cannot_begin_closes_as_failed),
           CASE(a_call_that_cannot_be_made_fails_its_stage),
           CASE(a_call_whose_outcome_is_known_is_made_and_done),
           CASE(a_stage_of_unknown_length_ends_when_it_is_exhausted),
           CASE(a_held_stage_makes_no_calls_until_it_is_let_go),
           CASE(calls_of_a_held_stage_that_came_back_are_sent),
           CASE(work_is_what_is_not_given_out_yet))
