/* The schedule: each rule by hand, event after event. test_schedule_random.c
 * has the rest. */
#include <stdlib.h>

#include "dispatch/schedule.h"
#include "unit.h"

struct call {
    int number;
};

static struct call calls[1000];
static int call_count;

enum { MS = 1000 * 1000 };

static struct schedule *begin(size_t slots, const struct schedule_stage *stages,
                              size_t count)
{
    struct schedule *schedule = schedule_create(slots, stages, count);
    ASSERT(schedule != NULL);
    call_count = 0;
    return schedule;
}

static void expect_none(struct schedule *schedule)
{
    ASSERT_INT(schedule_next(schedule).type, ACTION_NONE);
}

static void expect_finished(struct schedule *schedule)
{
    expect_none(schedule);
    ASSERT(schedule_is_finished(schedule));
    schedule_destroy(schedule);
}

static void expect_stage(struct schedule *schedule, enum action_type type,
                         size_t stage)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, type);
    ASSERT_INT(action.stage, stage);
}

static void expect_open(struct schedule *schedule, size_t stage, uint64_t total)
{
    expect_stage(schedule, ACTION_OPEN, stage);
    schedule_opened(schedule, stage, total);
}

static void expect_start(struct schedule *schedule, int slot, bool reused)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_START);
    ASSERT_INT(action.slot, slot);
    ASSERT_INT(action.reused, reused);
}

static void expect_stop(struct schedule *schedule, int slot)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_STOP);
    ASSERT_INT(action.slot, slot);
}

/* The next call of STAGE goes to SLOT. Returns it. */
static struct call *expect_expand(struct schedule *schedule, int slot,
                                  size_t stage)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_EXPAND);
    ASSERT_INT(action.slot, slot);
    ASSERT_INT(action.stage, stage);
    struct call *call = &calls[call_count];
    call->number = call_count++;
    schedule_expanded(schedule, slot, stage, call);
    return call;
}

static void expect_send(struct schedule *schedule, int slot,
                        const struct call *call)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_SEND);
    ASSERT_INT(action.slot, slot);
    ASSERT(action.call == call);
}

static void expect_drop(struct schedule *schedule, const struct call *call)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_DROP);
    ASSERT_INT(action.slot, SCHEDULE_NOBODY);
    ASSERT(action.call == call);
}

/* SLOT is to give back up to COUNT calls, and gives TAKEN. */
static void expect_recall(struct schedule *schedule, int slot, size_t count,
                          size_t taken)
{
    struct action action = schedule_next(schedule);
    ASSERT_INT(action.type, ACTION_RECALL);
    ASSERT_INT(action.slot, slot);
    ASSERT_INT(action.count, count);
    schedule_recalled(schedule, slot, taken);
}

/* The first call of SLOT's queue, which is CALL of STAGE, ends well. */
static void end_call(struct schedule *schedule, int slot, size_t stage,
                     const struct call *call, uint64_t elapsed_ns)
{
    ASSERT(schedule_ended(schedule, slot, elapsed_ns) == call);
    schedule_settled(schedule, stage, true);
}

/* A worker for SLOT is asked for and born. */
static void expect_born(struct schedule *schedule, int slot, bool reused)
{
    expect_start(schedule, slot, reused);
    schedule_born(schedule, slot);
}

/* --- Stages ------------------------------------------------------------ */

static void a_schedule_without_stages_is_finished(void)
{
    struct schedule *schedule = begin(1, NULL, 0);
    ASSERT(!schedule_is_finished(schedule));
    expect_finished(schedule);
}

static void a_stage_without_calls_closes_at_once(void)
{
    static const struct schedule_stage stages[1];
    struct schedule *schedule = begin(2, stages, 1);
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
    struct schedule *schedule = begin(1, stages, 3);
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
    struct schedule *schedule = begin(1, stages, 3);
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
    struct schedule *schedule = begin(1, stages, 2);
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
    struct schedule *schedule = begin(1, stages, 2);
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
    struct schedule *schedule = begin(1, stages, 2);
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
    struct schedule *schedule = begin(1, stages, 1);
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

/* --- Forked workers ------------------------------------------------------ */

static void a_forked_worker_serves_one_call(void)
{
    static const struct schedule_stage stages[1];
    struct schedule *schedule = begin(1, stages, 1);
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
    struct schedule *schedule = begin(8, stages, 1);
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
    struct schedule *schedule = begin(1, stages, 1);
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
    struct schedule *schedule = begin(2, stages, 1);
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

static void work_is_what_is_not_given_out_yet(void)
{
    static const struct schedule_stage stages[] = { { .reused = true },
                                                    { .reused = true } };
    struct schedule *schedule = begin(1, stages, 2);
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

/* --- Reused workers ------------------------------------------------------ */

static void a_reused_worker_serves_call_after_call(void)
{
    static const struct schedule_stage stages[] = { { .reused = true } };
    struct schedule *schedule = begin(1, stages, 1);
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
    struct schedule *schedule = begin(2, stages, 2);
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
    struct schedule *schedule = begin(1, stages, 1);
    expect_open(schedule, 0, UINT64_MAX);
    expect_born(schedule, 0, true);
    for (int i = 0; i < 10; i++) {
        while (schedule_next(schedule).type == ACTION_EXPAND)
            schedule_expanded(schedule, 0, 0, calls);
        while (schedule_queued(schedule, 0) > 0)
            end_call(schedule, 0, 0, calls, elapsed_ns);
    }
    while (schedule_next(schedule).type == ACTION_EXPAND)
        schedule_expanded(schedule, 0, 0, calls);
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

/* Two slots; all four calls are in the queue of slot 0, slot 1 is idle. */
static struct schedule *begin_lopsided(void)
{
    static const struct schedule_stage stages[] = { { .reused = true } };
    struct schedule *schedule = begin(2, stages, 1);
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

static void an_idle_slot_takes_half_of_the_longest_queue(void)
{
    struct schedule *schedule = begin_lopsided();
    expect_recall(schedule, 0, 2, 2);
    expect_send(schedule, 1, &calls[3]);
    expect_send(schedule, 1, &calls[4]);
    expect_none(schedule);
    ASSERT_INT(schedule_queued(schedule, 0), 2);
    ASSERT_INT(schedule_queued(schedule, 1), 2);
    schedule_destroy(schedule);
}

/* They once went back to the slot that they came from, again and again. */
static void calls_taken_back_near_the_end_reach_the_idle_slot(void)
{
    struct schedule *schedule = begin_lopsided();
    expect_recall(schedule, 0, 2, 2);
    expect_send(schedule, 1, &calls[3]);
    expect_send(schedule, 1, &calls[4]);
    end_call(schedule, 0, 0, &calls[1], MS / 10);
    end_call(schedule, 0, 0, &calls[2], MS / 10);
    expect_recall(schedule, 1, 1, 1);
    expect_send(schedule, 0, &calls[4]);
    expect_none(schedule);
    end_call(schedule, 1, 0, &calls[3], MS / 10);
    expect_none(schedule);
    end_call(schedule, 0, 0, &calls[4], MS / 10);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

static void a_recall_that_got_nothing_is_repeated_after_the_next_end(void)
{
    struct schedule *schedule = begin_lopsided();
    expect_recall(schedule, 0, 2, 0);
    expect_none(schedule);
    end_call(schedule, 0, 0, &calls[1], MS / 10);
    expect_recall(schedule, 0, 1, 1);
    expect_send(schedule, 1, &calls[4]);
    expect_none(schedule);
    schedule_destroy(schedule);
}

static void a_slot_whose_worker_is_gone_helps_with_a_long_queue(void)
{
    struct schedule *schedule = begin_lopsided();
    ASSERT(schedule_gone(schedule, 1, false) == NULL);
    expect_start(schedule, 1, true);
    expect_none(schedule);
    schedule_born(schedule, 1);
    expect_recall(schedule, 0, 2, 2);
    expect_send(schedule, 1, &calls[3]);
    expect_send(schedule, 1, &calls[4]);
    expect_none(schedule);
    schedule_destroy(schedule);
}

static void a_new_worker_is_asked_again(void)
{
    struct schedule *schedule = begin_lopsided();
    expect_recall(schedule, 0, 2, 0);
    expect_none(schedule);
    ASSERT(schedule_gone(schedule, 1, false) == NULL);
    ASSERT(schedule_gone(schedule, 0, false) == NULL);
    expect_start(schedule, 1, true);
    expect_start(schedule, 0, true);
    schedule_born(schedule, 0);
    for (int i = 1; i < 5; i++)
        expect_send(schedule, 0, &calls[i]);
    schedule_born(schedule, 1);
    expect_recall(schedule, 0, 2, 2);
    schedule_destroy(schedule);
}

static void a_running_call_alone_is_not_taken_back(void)
{
    static const struct schedule_stage stages[] = { { .reused = true } };
    struct schedule *schedule = begin(2, stages, 1);
    expect_open(schedule, 0, 2);
    expect_start(schedule, 0, true);
    expect_start(schedule, 1, true);
    schedule_born(schedule, 1);
    expect_expand(schedule, 1, 0);
    expect_expand(schedule, 1, 0);
    schedule_born(schedule, 0);
    expect_recall(schedule, 1, 1, 1);
    expect_send(schedule, 0, &calls[1]);
    expect_none(schedule);
    end_call(schedule, 1, 0, &calls[0], MS);
    expect_none(schedule);
    schedule_destroy(schedule);
}

/* --- Deaths ----------------------------------------------------------------
 */

static void a_started_call_dies_with_its_worker_the_others_go_first(void)
{
    struct schedule *schedule = begin_lopsided();
    ASSERT(schedule_gone(schedule, 1, false) == NULL);
    ASSERT(schedule_gone(schedule, 0, true) == &calls[1]);
    schedule_settled(schedule, 0, false);
    expect_start(schedule, 0, true);
    expect_start(schedule, 1, true);
    schedule_born(schedule, 1);
    expect_send(schedule, 1, &calls[2]);
    expect_send(schedule, 1, &calls[3]);
    expect_send(schedule, 1, &calls[4]);
    expect_none(schedule);
    schedule_destroy(schedule);
}

static void calls_in_line_go_before_calls_not_yet_made(void)
{
    static const struct schedule_stage stages[] = { { .reused = true },
                                                    { .reused = true } };
    struct schedule *schedule = begin(1, stages, 2);
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

/* --- Broken slots ----------------------------------------------------------
 */

static void a_broken_slot_gets_nothing_and_the_others_do_its_work(void)
{
    static const struct schedule_stage stages[1];
    struct schedule *schedule = begin(2, stages, 1);
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
    struct schedule *schedule = begin(1, stages, 2);
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

/* --- Draining --------------------------------------------------------------
 */

static void draining_takes_back_what_does_not_run_and_starts_nothing(void)
{
    struct schedule *schedule = begin_lopsided();
    schedule_drain(schedule);
    expect_recall(schedule, 0, 4, 3);
    for (int i = 2; i < 5; i++) {
        expect_drop(schedule, &calls[i]);
        schedule_settled(schedule, 0, false);
    }
    expect_none(schedule);
    ASSERT(!schedule_is_finished(schedule));
    end_call(schedule, 0, 0, &calls[1], MS);
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

static void draining_opens_no_stage_and_makes_no_call(void)
{
    static const size_t needs[] = { 0 };
    static const struct schedule_stage stages[] = {
        { 0 }, { .needs = needs, .needs_count = 1 }
    };
    struct schedule *schedule = begin(2, stages, 2);
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
    struct schedule *schedule = begin_lopsided();
    schedule_drain(schedule);
    expect_recall(schedule, 0, 4, 0);
    expect_none(schedule);
    ASSERT(schedule_gone(schedule, 0, true) == &calls[1]);
    schedule_settled(schedule, 0, false);
    ASSERT(!schedule_is_finished(schedule));
    for (int i = 2; i < 5; i++) {
        expect_drop(schedule, &calls[i]);
        schedule_settled(schedule, 0, false);
    }
    expect_stage(schedule, ACTION_CLOSE, 0);
    expect_finished(schedule);
}

/* --- Modes and holds -------------------------------------------------------
 */

static void an_idle_worker_makes_room_for_one_of_the_other_mode(void)
{
    static const size_t first[] = { 0 }, second[] = { 1 };
    static const struct schedule_stage stages[] = {
        { .reused = true },
        { .needs = first, .needs_count = 1 },
        { .needs = second, .needs_count = 1, .reused = true },
    };
    struct schedule *schedule = begin(1, stages, 3);
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

static void a_held_stage_makes_no_calls_until_it_is_let_go(void)
{
    static const struct schedule_stage stages[] = { { .reused = true },
                                                    { .reused = true } };
    struct schedule *schedule = begin(1, stages, 2);
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
    struct schedule *schedule = begin(1, stages, 1);
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

/* --- Stages that are fed ---------------------------------------------------
 */

/* Stage 1 runs over what stage 0 gives; stage 0 has been opened. */
static struct schedule *begin_fed(size_t slots, bool reused, uint64_t total)
{
    static struct schedule_stage stages[2];
    stages[0] = (struct schedule_stage){ .reused = reused };
    stages[1] = (struct schedule_stage){ .reused = reused, .fed = true };
    struct schedule *schedule = begin(slots, stages, 2);
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

UNIT_CASES(CASE(a_schedule_without_stages_is_finished),
           CASE(a_stage_without_calls_closes_at_once),
           CASE(a_stage_opens_when_all_it_needs_is_complete),
           CASE(a_stage_whose_need_failed_is_skipped_and_so_are_those_behind),
           CASE(a_stage_that_cannot_begin_closes_as_failed),
           CASE(a_call_that_cannot_be_made_fails_its_stage),
           CASE(a_call_whose_outcome_is_known_is_made_and_done),
           CASE(a_stage_of_unknown_length_ends_when_it_is_exhausted),
           CASE(a_forked_worker_serves_one_call),
           CASE(there_are_not_more_workers_than_calls),
           CASE(a_worker_that_could_not_be_made_is_asked_for_again),
           CASE(a_slot_that_is_slow_to_begin_keeps_no_other_from_working),
           CASE(work_is_what_is_not_given_out_yet),
           CASE(a_reused_worker_serves_call_after_call),
           CASE(a_free_slot_takes_the_call_that_would_queue_up),
           CASE(the_queue_is_longer_the_shorter_the_calls_are),
           CASE(an_idle_slot_takes_half_of_the_longest_queue),
           CASE(calls_taken_back_near_the_end_reach_the_idle_slot),
           CASE(a_recall_that_got_nothing_is_repeated_after_the_next_end),
           CASE(a_slot_whose_worker_is_gone_helps_with_a_long_queue),
           CASE(a_new_worker_is_asked_again),
           CASE(a_running_call_alone_is_not_taken_back),
           CASE(a_started_call_dies_with_its_worker_the_others_go_first),
           CASE(calls_in_line_go_before_calls_not_yet_made),
           CASE(a_broken_slot_gets_nothing_and_the_others_do_its_work),
           CASE(without_slots_all_calls_get_their_outcome),
           CASE(draining_takes_back_what_does_not_run_and_starts_nothing),
           CASE(draining_opens_no_stage_and_makes_no_call),
           CASE(draining_drops_what_a_dying_worker_leaves),
           CASE(an_idle_worker_makes_room_for_one_of_the_other_mode),
           CASE(a_held_stage_makes_no_calls_until_it_is_let_go),
           CASE(calls_of_a_held_stage_that_came_back_are_sent),
           CASE(a_fed_stage_opens_at_once_and_waits),
           CASE(what_is_fed_comes_first),
           CASE(no_more_workers_than_what_was_fed),
           CASE(a_stage_is_fed_although_calls_of_its_feeder_fail),
           CASE(calls_of_a_feeder_and_what_it_feeds_do_not_share_a_queue),
           CASE(a_worker_that_rests_lets_another_one_work),
           CASE(an_idle_worker_beyond_the_limit_ends))
