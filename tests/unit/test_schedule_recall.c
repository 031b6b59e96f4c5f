/* The schedule: calls are taken back from a long queue for an idle slot. */
#include "scheduled.h"
#include "unit.h"

static void an_idle_slot_takes_half_of_the_longest_queue(void)
{
    struct schedule *schedule = scheduled_lopsided();
    expect_recall(schedule, 0, 2, 2);
    expect_send(schedule, 1, &scheduled_calls[3]);
    expect_send(schedule, 1, &scheduled_calls[4]);
    expect_none(schedule);
    ASSERT_INT(schedule_queued(schedule, 0), 2);
    ASSERT_INT(schedule_queued(schedule, 1), 2);
    schedule_destroy(schedule);
}

/* They once went back to the slot that they came from, again and again. */
static void calls_taken_back_near_the_end_reach_the_idle_slot(void)
{
    struct schedule *schedule = scheduled_lopsided();
    expect_recall(schedule, 0, 2, 2);
    expect_send(schedule, 1, &scheduled_calls[3]);
    expect_send(schedule, 1, &scheduled_calls[4]);
    end_call(schedule, 0, 0, &scheduled_calls[1], MS / 10);
    end_call(schedule, 0, 0, &scheduled_calls[2], MS / 10);
    expect_recall(schedule, 1, 1, 1);
    expect_send(schedule, 0, &scheduled_calls[4]);
    expect_none(schedule);
    end_call(schedule, 1, 0, &scheduled_calls[3], MS / 10);
    expect_none(schedule);
    end_call(schedule, 0, 0, &scheduled_calls[4], MS / 10);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

static void a_recall_that_got_nothing_is_repeated_after_the_next_end(void)
{
    struct schedule *schedule = scheduled_lopsided();
    expect_recall(schedule, 0, 2, 0);
    expect_none(schedule);
    end_call(schedule, 0, 0, &scheduled_calls[1], MS / 10);
    expect_recall(schedule, 0, 1, 1);
    expect_send(schedule, 1, &scheduled_calls[4]);
    expect_none(schedule);
    schedule_destroy(schedule);
}

static void a_slot_whose_worker_is_gone_helps_with_a_long_queue(void)
{
    struct schedule *schedule = scheduled_lopsided();
    ASSERT(schedule_gone(schedule, 1, false) == NULL);
    expect_start(schedule, 1, true);
    expect_none(schedule);
    schedule_born(schedule, 1);
    expect_recall(schedule, 0, 2, 2);
    expect_send(schedule, 1, &scheduled_calls[3]);
    expect_send(schedule, 1, &scheduled_calls[4]);
    expect_none(schedule);
    schedule_destroy(schedule);
}

static void a_new_worker_is_asked_again(void)
{
    struct schedule *schedule = scheduled_lopsided();
    expect_recall(schedule, 0, 2, 0);
    expect_none(schedule);
    ASSERT(schedule_gone(schedule, 1, false) == NULL);
    ASSERT(schedule_gone(schedule, 0, false) == NULL);
    expect_start(schedule, 1, true);
    expect_start(schedule, 0, true);
    schedule_born(schedule, 0);
    for (int i = 1; i < 5; i++)
        expect_send(schedule, 0, &scheduled_calls[i]);
    schedule_born(schedule, 1);
    expect_recall(schedule, 0, 2, 2);
    schedule_destroy(schedule);
}

static void a_running_call_alone_is_not_taken_back(void)
{
    static const struct schedule_stage stages[] = { { .reused = true } };
    struct schedule *schedule = scheduled_begin(2, stages, 1);
    expect_open(schedule, 0, 2);
    expect_start(schedule, 0, true);
    expect_start(schedule, 1, true);
    schedule_born(schedule, 1);
    expect_expand(schedule, 1, 0);
    expect_expand(schedule, 1, 0);
    schedule_born(schedule, 0);
    expect_recall(schedule, 1, 1, 1);
    expect_send(schedule, 0, &scheduled_calls[1]);
    expect_none(schedule);
    end_call(schedule, 1, 0, &scheduled_calls[0], MS);
    expect_none(schedule);
    schedule_destroy(schedule);
}

UNIT_CASES(CASE(an_idle_slot_takes_half_of_the_longest_queue),
           CASE(calls_taken_back_near_the_end_reach_the_idle_slot),
           CASE(a_recall_that_got_nothing_is_repeated_after_the_next_end),
           CASE(a_slot_whose_worker_is_gone_helps_with_a_long_queue),
           CASE(a_new_worker_is_asked_again),
           CASE(a_running_call_alone_is_not_taken_back))
