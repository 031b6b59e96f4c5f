/* The schedule: workers die, slots break, and the run is to end early. */
#include "scheduled.h"
#include "unit.h"

/* --- Deaths -------------------------------------------------------------- */

static void a_started_call_dies_with_its_worker_the_others_go_first(void)
{
    struct schedule *schedule = scheduled_lopsided();
    ASSERT(schedule_gone(schedule, 1, false) == NULL);
    ASSERT(schedule_gone(schedule, 0, true) == &scheduled_calls[1]);
    schedule_settled(schedule, 0, false);
    expect_start(schedule, 0, true);
    expect_start(schedule, 1, true);
    schedule_born(schedule, 1);
    expect_send(schedule, 1, &scheduled_calls[2]);
    expect_send(schedule, 1, &scheduled_calls[3]);
    expect_send(schedule, 1, &scheduled_calls[4]);
    expect_none(schedule);
    schedule_destroy(schedule);
}

static void calls_in_line_go_before_calls_not_yet_made(void)
{
    static const struct schedule_stage stages[] = { { .reused = true },
                                                    { .reused = true } };
    struct schedule *schedule = scheduled_begin(1, stages, 2);
    expect_open(schedule, 0, 100);
    expect_open(schedule, 1, 100);
    expect_born(schedule, 0, true);
    struct call *first = expect_expand(schedule, 0, 0);
    struct call *second = expect_expand(schedule, 0, 0);
    ASSERT(schedule_gone(schedule, 0, false) == NULL);
    expect_born(schedule, 0, true);
    expect_send(schedule, 0, first);
    expect_send(schedule, 0, second);
    ASSERT(schedule_gone(schedule, 0, true) == first);
    schedule_settled(schedule, 0, false);
    expect_born(schedule, 0, true);
    expect_send(schedule, 0, second);
    expect_expand(schedule, 0, 0);
    schedule_destroy(schedule);
}

/* --- Broken slots -------------------------------------------------------- */

static void a_broken_slot_gets_nothing_and_the_others_do_its_work(void)
{
    static const struct schedule_stage stages[1];
    struct schedule *schedule = scheduled_begin(2, stages, 1);
    expect_open(schedule, 0, 1);
    expect_start(schedule, 0, false);
    schedule_gone(schedule, 0, false);
    schedule_broken(schedule, 0);
    schedule_broken(schedule, 0); /* once more changes nothing */
    expect_born(schedule, 1, false);
    struct call *call = expect_expand(schedule, 1, 0);
    end_call(schedule, 1, 0, call, MS);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

static void without_slots_all_calls_get_their_outcome(void)
{
    static const size_t needs[] = { 0 };
    static const struct schedule_stage stages[] = {
        { .reused = true }, { .needs = needs, .needs_count = 1 }
    };
    struct schedule *schedule = scheduled_begin(1, stages, 2);
    expect_open(schedule, 0, 4);
    expect_born(schedule, 0, true);
    struct call *first = expect_expand(schedule, 0, 0);
    struct call *second = expect_expand(schedule, 0, 0);
    ASSERT(schedule_gone(schedule, 0, false) == NULL);
    schedule_broken(schedule, 0);
    expect_drop(schedule, first);
    schedule_settled(schedule, 0, false);
    expect_drop(schedule, second);
    schedule_settled(schedule, 0, false);
    for (int i = 0; i < 2; i++) {
        struct action action = schedule_next(schedule);
        ASSERT_INT(action.type, ACTION_EXPAND);
        ASSERT_INT(action.slot, SCHEDULE_NOBODY);
        schedule_unmade(schedule, 0);
    }
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_stage(schedule, ACTION_SKIP, 1);
    expect_finished(schedule);
}

/* --- Draining ------------------------------------------------------------ */

static void draining_takes_back_what_does_not_run_and_starts_nothing(void)
{
    struct schedule *schedule = scheduled_lopsided();
    schedule_drain(schedule);
    expect_recall(schedule, 0, 4, 3);
    for (int i = 2; i < 5; i++) {
        expect_drop(schedule, &scheduled_calls[i]);
        schedule_settled(schedule, 0, false);
    }
    expect_none(schedule);
    ASSERT(!schedule_is_finished(schedule));
    end_call(schedule, 0, 0, &scheduled_calls[1], MS);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

static void draining_opens_no_stage_and_makes_no_call(void)
{
    static const size_t needs[] = { 0 };
    static const struct schedule_stage stages[] = {
        { 0 }, { .needs = needs, .needs_count = 1 }
    };
    struct schedule *schedule = scheduled_begin(2, stages, 2);
    expect_open(schedule, 0, 1);
    expect_born(schedule, 0, false);
    struct call *call = expect_expand(schedule, 0, 0);
    schedule_drain(schedule);
    expect_none(schedule);
    ASSERT(!schedule_is_finished(schedule));
    end_call(schedule, 0, 0, call, MS);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

static void draining_drops_what_a_dying_worker_leaves(void)
{
    struct schedule *schedule = scheduled_lopsided();
    schedule_drain(schedule);
    expect_recall(schedule, 0, 4, 0);
    expect_none(schedule);
    ASSERT(schedule_gone(schedule, 0, true) == &scheduled_calls[1]);
    schedule_settled(schedule, 0, false);
    ASSERT(!schedule_is_finished(schedule));
    for (int i = 2; i < 5; i++) {
        expect_drop(schedule, &scheduled_calls[i]);
        schedule_settled(schedule, 0, false);
    }
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

UNIT_CASES(CASE(a_started_call_dies_with_its_worker_the_others_go_first),
           CASE(calls_in_line_go_before_calls_not_yet_made),
           CASE(a_broken_slot_gets_nothing_and_the_others_do_its_work),
           CASE(without_slots_all_calls_get_their_outcome),
           CASE(draining_takes_back_what_does_not_run_and_starts_nothing),
           CASE(draining_opens_no_stage_and_makes_no_call),
           CASE(draining_drops_what_a_dying_worker_leaves))
