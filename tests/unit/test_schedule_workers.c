/* The schedule: how many workers it wants, for how many calls each, and what
 * they get. */
#include "scheduled.h"
#include "unit.h"

/* --- Forked workers ------------------------------------------------------ */

static void a_forked_worker_serves_one_call(void)
{
    static const struct schedule_stage stages[1];
    struct schedule *schedule = scheduled_begin(1, stages, 1);
    expect_open(schedule, 0, 2);
    expect_start(schedule, 0, false);
    expect_none(schedule); /* not before it is born */
    schedule_born(schedule, 0);
    struct call *first = expect_expand(schedule, 0, 0);
    expect_none(schedule);
    end_call(schedule, 0, 0, first, MS);
    expect_none(schedule); /* not before it is gone */
    ASSERT(schedule_gone(schedule, 0, false) == NULL);
    expect_born(schedule, 0, false);
    struct call *second = expect_expand(schedule, 0, 0);
    expect_none(schedule);
    end_call(schedule, 0, 0, second, MS);
    expect_stage(schedule, ACTION_CLOSE, 0);
    ASSERT(schedule_gone(schedule, 0, false) == NULL);
    expect_finished(schedule);
}

static void there_are_not_more_workers_than_calls(void)
{
    static const struct schedule_stage stages[] = { { .reused = true } };
    struct schedule *schedule = scheduled_begin(8, stages, 1);
    expect_open(schedule, 0, 3);
    expect_start(schedule, 0, true);
    expect_start(schedule, 1, true);
    expect_start(schedule, 2, true);
    expect_none(schedule);
    schedule_destroy(schedule);
}

static void a_worker_that_could_not_be_made_is_asked_for_again(void)
{
    static const struct schedule_stage stages[1];
    struct schedule *schedule = scheduled_begin(1, stages, 1);
    expect_open(schedule, 0, 2);
    expect_start(schedule, 0, false);
    ASSERT(schedule_gone(schedule, 0, false) == NULL);
    expect_born(schedule, 0, false);
    expect_expand(schedule, 0, 0);
    expect_none(schedule);
    schedule_destroy(schedule);
}

static void a_slot_that_is_slow_to_begin_keeps_no_other_from_working(void)
{
    static const struct schedule_stage stages[1];
    struct schedule *schedule = scheduled_begin(2, stages, 1);
    expect_open(schedule, 0, 3);
    expect_start(schedule, 0, false);
    expect_start(schedule, 1, false);
    schedule_born(schedule, 0);
    for (int i = 0; i < 3; i++) {
        struct call *call = expect_expand(schedule, 0, 0);
        expect_none(schedule);
        end_call(schedule, 0, 0, call, MS);
        schedule_gone(schedule, 0, false);
        if (i < 2)
            expect_born(schedule, 0, false);
    }
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

/* --- Reused workers ------------------------------------------------------ */

static void a_reused_worker_serves_call_after_call(void)
{
    static const struct schedule_stage stages[] = { { .reused = true } };
    struct schedule *schedule = scheduled_begin(1, stages, 1);
    expect_open(schedule, 0, 3);
    expect_born(schedule, 0, true);
    struct call *first = expect_expand(schedule, 0, 0);
    struct call *second = expect_expand(schedule, 0, 0);
    expect_none(schedule); /* two, before anything was measured */
    ASSERT_INT(schedule_queued(schedule, 0), 2);
    ASSERT(schedule_queued_call(schedule, 0, 0) == first);
    ASSERT(schedule_queued_call(schedule, 0, 1) == second);
    end_call(schedule, 0, 0, first, MS / 2);
    struct call *third = expect_expand(schedule, 0, 0);
    end_call(schedule, 0, 0, second, MS / 2);
    expect_none(schedule);
    end_call(schedule, 0, 0, third, MS / 2);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

/* While nobody knows how long calls take, none waits behind another for want
 * of a worker. */
static void a_free_slot_takes_the_call_that_would_queue_up(void)
{
    static const size_t needs[] = { 0 };
    static const struct schedule_stage stages[] = {
        { .reused = true },
        { .needs = needs, .needs_count = 1, .reused = true },
    };
    struct schedule *schedule = scheduled_begin(2, stages, 2);
    expect_open(schedule, 0, 1);
    expect_born(schedule, 0, true);
    struct call *call = expect_expand(schedule, 0, 0);
    end_call(schedule, 0, 0, call, MS);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_open(schedule, 1, 2);
    expect_expand(schedule, 0, 1);
    expect_start(schedule, 1, true);
    call = expect_expand(schedule, 0, 1);
    expect_none(schedule);
    schedule_born(schedule, 1);
    expect_recall(schedule, 0, 1, 1);
    expect_send(schedule, 1, call);
    expect_none(schedule);
    schedule_destroy(schedule);
}

/* How many calls stand in the queue when every call takes ELAPSED_NS. */
static size_t measure_window(uint64_t elapsed_ns)
{
    static const struct schedule_stage stages[] = { { .reused = true } };
    struct schedule *schedule = scheduled_begin(1, stages, 1);
    expect_open(schedule, 0, UINT64_MAX);
    expect_born(schedule, 0, true);
    for (int i = 0; i < 10; i++) {
        while (schedule_next(schedule).type == ACTION_EXPAND)
            schedule_expanded(schedule, 0, 0, scheduled_calls);
        while (schedule_queued(schedule, 0) > 0)
            end_call(schedule, 0, 0, scheduled_calls, elapsed_ns);
    }
    while (schedule_next(schedule).type == ACTION_EXPAND)
        schedule_expanded(schedule, 0, 0, scheduled_calls);
    size_t queued = schedule_queued(schedule, 0);
    schedule_destroy(schedule);
    return queued;
}

static void the_queue_is_longer_the_shorter_the_calls_are(void)
{
    ASSERT_INT(measure_window(0), SCHEDULE_WINDOW_MAX);
    ASSERT_INT(measure_window(1000), SCHEDULE_WINDOW_MAX);
    size_t middle = measure_window(100 * 1000);
    ASSERT(middle >= 10 && middle <= 20);
    ASSERT_INT(measure_window(10 * MS), 1);
    ASSERT_INT(measure_window(UINT32_MAX), 1);
}

/* --- One after the other ------------------------------------------------- */

static void an_idle_worker_makes_room_for_one_of_the_other_mode(void)
{
    static const size_t first[] = { 0 }, second[] = { 1 };
    static const struct schedule_stage stages[] = {
        { .reused = true },
        { .needs = first, .needs_count = 1 },
        { .needs = second, .needs_count = 1, .reused = true },
    };
    struct schedule *schedule = scheduled_begin(1, stages, 3);
    expect_open(schedule, 0, 1);
    expect_born(schedule, 0, true);
    struct call *call = expect_expand(schedule, 0, 0);
    end_call(schedule, 0, 0, call, MS);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_open(schedule, 1, UINT64_MAX);
    expect_stop(schedule, 0);
    expect_none(schedule);
    schedule_gone(schedule, 0, false);
    expect_born(schedule, 0, false);
    call = expect_expand(schedule, 0, 1);
    end_call(schedule, 0, 1, call, MS);
    schedule_gone(schedule, 0, false);
    expect_born(schedule, 0, false);
    expect_stage(schedule, ACTION_EXPAND, 1);
    schedule_exhausted(schedule, 1);
    expect_stage(schedule, ACTION_CLOSE, 1);
    expect_open(schedule, 2, 1);
    expect_stop(schedule, 0);
    schedule_gone(schedule, 0, false);
    expect_born(schedule, 0, true);
    call = expect_expand(schedule, 0, 2);
    end_call(schedule, 0, 2, call, MS);
    expect_stage(schedule, ACTION_CLOSE, 2);
    expect_finished(schedule);
}

UNIT_CASES(CASE(a_forked_worker_serves_one_call),
           CASE(there_are_not_more_workers_than_calls),
           CASE(a_worker_that_could_not_be_made_is_asked_for_again),
           CASE(a_slot_that_is_slow_to_begin_keeps_no_other_from_working),
           CASE(a_reused_worker_serves_call_after_call),
           CASE(a_free_slot_takes_the_call_that_would_queue_up),
           CASE(the_queue_is_longer_the_shorter_the_calls_are),
           CASE(an_idle_worker_makes_room_for_one_of_the_other_mode))
