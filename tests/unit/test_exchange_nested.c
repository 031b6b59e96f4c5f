/* Tasks that have exchanges of their own: cores are shared, and nothing is left
 * of a task that is killed. */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "process/budget.h"
#include "tasks.h"
#include "unit.h"

enum { TASKS = 5, LEAVES = 4, HUNG = 2 };

static const struct drover_value nothing;
static struct drover_error err;

/* In shared memory.
 *
 * now, most, all  leaves that run at once, did at most, have run
 * hung            processes that wait to be killed */
struct shared {
    atomic_int now;
    atomic_int most;
    atomic_int all;
    atomic_int hung_count;
    pid_t hung[HUNG];
};

static int run_leaf(struct drover_call *call)
{
    struct shared *shared = drover_call_context(call);
    int now = atomic_fetch_add(&shared->now, 1) + 1, most = shared->most;
    while (now > most &&
           !atomic_compare_exchange_weak(&shared->most, &most, now))
        ;
    usleep(2000);
    atomic_fetch_add(&shared->all, 1);
    atomic_fetch_sub(&shared->now, 1);
    return drover_return_null(call);
}

static int call_leaves(struct drover_call *call)
{
    struct drover_exchange *map = drover_map_create(NULL, NULL);
    for (int i = 0; i < LEAVES; i++)
        drover_exchange_start(map, run_leaf, drover_call_context(call),
                              nothing);
    drover_exchange_finish(map, NULL);
    drover_exchange_destroy(map);
    return drover_return_null(call);
}

static void call_all(bool reuse)
{
    struct shared *shared = shared_create(sizeof *shared);
    struct drover_exchange *map = drover_map_create(
        &(struct drover_exchange_options){ .reuse = reuse }, &err);
    struct drover_outcome outcome;
    for (int i = 0; i < TASKS; i++)
        drover_exchange_start(map, call_leaves, shared, nothing);
    for (int i = 0; i < TASKS; i++) {
        ASSERT_INT(drover_exchange_next(map, &outcome, SOON_MS, &err), 1);
        ASSERT_INT(outcome.cause, DROVER_OK);
    }
    ASSERT_INT(shared->all, TASKS * LEAVES);
    ASSERT(shared->most >= 1 && shared->most <= (int)drover_cores());
    drover_exchange_destroy(map);
    shared_destroy(shared, sizeof *shared);
}

static void no_more_run_than_there_are_cores(void)
{
    call_all(false);
    call_all(true);
}

/* --- Death -----------------------------------------------------------------
 */

static int hang_leaf(struct drover_call *call)
{
    struct shared *shared = drover_call_context(call);
    shared->hung[drover_call_index(call)] = getpid();
    atomic_fetch_add(&shared->hung_count, 1);
    return task_hang(call);
}

/* The limit lets both run at once, whatever the budget has. */
static int hang_leaves(struct drover_call *call)
{
    struct drover_exchange *map = drover_map_create(
        &(struct drover_exchange_options){ .limit = HUNG }, NULL);
    for (int i = 0; i < HUNG; i++)
        drover_exchange_start(map, hang_leaf, drover_call_context(call),
                              nothing);
    drover_exchange_finish(map, NULL);
    return drover_return_null(call);
}

static void wait_for_hung(const struct shared *shared)
{
    while (shared->hung_count < HUNG)
        sched_yield();
}

static int cores_left(void)
{
    int taken[64], count = 0;
    while (count < 64 && (taken[count] = budget_take()) >= 0)
        count++;
    for (int i = 0; i < count; i++)
        budget_give(taken[i]);
    return count;
}

static void a_killed_task_leaves_no_processes_and_no_cores_taken(void)
{
    struct shared *shared = shared_create(sizeof *shared);
    int left = cores_left();
    struct drover_outcome outcome;
    struct drover_channel *channel =
        drover_start(hang_leaves, shared, nothing, &err);
    wait_for_hung(shared);
    ASSERT(left == 0 || cores_left() < left);
    kill(drover_channel_pid(channel), SIGKILL);
    ASSERT_INT(drover_channel_wait(channel, &outcome, SOON_MS, &err), 0);
    ASSERT_INT(outcome.cause, DROVER_SIGNAL);
    for (int i = 0; i < HUNG; i++)
        expect_gone(shared->hung[i]);
    ASSERT_INT(cores_left(), left);
    drover_channel_destroy(channel);
    shared_destroy(shared, sizeof *shared);
}

static void destroying_an_exchange_ends_what_its_tasks_run(void)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        struct shared *shared = shared_create(sizeof *shared);
        struct drover_exchange *map = drover_map_create(
            &(struct drover_exchange_options){ .limit = 1, .reuse = reuse },
            &err);
        drover_exchange_start(map, hang_leaves, shared, nothing);
        wait_for_hung(shared);
        drover_exchange_destroy(map);
        for (int i = 0; i < HUNG; i++)
            expect_gone(shared->hung[i]);
        shared_destroy(shared, sizeof *shared);
    }
}

/* --- Seeds -----------------------------------------------------------------
 */

static int give_random(struct drover_call *call)
{
    drover_call_random(call);
    return drover_return_int(call, (int64_t)(drover_call_random(call) >> 1));
}

enum { DRAWN = 12 };

static void draw(unsigned limit, bool reuse, uint64_t seed, int64_t *drawn)
{
    struct drover_exchange *map = drover_map_create(
        &(struct drover_exchange_options){
            .limit = limit, .reuse = reuse, .seed = seed },
        &err);
    struct drover_outcome outcome;
    for (int i = 0; i < DRAWN; i++)
        drover_exchange_start(map, give_random, NULL, args_of(i / 2));
    for (int i = 0; i < DRAWN; i++) {
        ASSERT_INT(drover_exchange_next(map, &outcome, SOON_MS, &err), 1);
        drawn[i] = int_of(outcome.value);
    }
    drover_exchange_destroy(map);
}

static void random_numbers_do_not_depend_on_processes(void)
{
    int64_t first[DRAWN], again[DRAWN];
    draw(1, false, 7, first);
    for (unsigned limit = 1; limit <= 4; limit += 3)
        for (int reuse = 0; reuse < 2; reuse++) {
            draw(limit, reuse, 7, again);
            for (int i = 0; i < DRAWN; i++)
                ASSERT_INT(again[i], first[i]);
        }
}

static void random_numbers_differ_by_call_and_by_seed(void)
{
    int64_t first[DRAWN], other[DRAWN];
    draw(2, true, 7, first);
    draw(2, true, 8, other);
    for (int i = 0; i < DRAWN; i++) {
        ASSERT(first[i] != other[i]);
        for (int j = 0; j < i; j++)
            ASSERT(first[i] != first[j]);
    }
}

UNIT_CASES(CASE(no_more_run_than_there_are_cores),
           CASE(a_killed_task_leaves_no_processes_and_no_cores_taken),
           CASE(destroying_an_exchange_ends_what_its_tasks_run),
           CASE(random_numbers_do_not_depend_on_processes),
           CASE(random_numbers_differ_by_call_and_by_seed))
