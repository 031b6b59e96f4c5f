/* How calls end: one outcome each, whatever becomes of their processes, and
 * never more processes than the limit. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tasks.h"
#include "unit.h"

static const struct drover_value nothing;
static struct drover_error err;

static struct drover_exchange *queue_with(unsigned limit, bool reuse)
{
    struct drover_exchange_options options = { .limit = limit, .reuse = reuse };
    struct drover_exchange *queue = drover_queue_create(&options, &err);
    ASSERT(queue != NULL);
    return queue;
}

static struct drover_outcome take(struct drover_exchange *exchange)
{
    struct drover_outcome outcome;
    ASSERT_INT(drover_exchange_next(exchange, &outcome, SOON_MS, &err), 1);
    return outcome;
}

static int64_t take_int(struct drover_exchange *exchange)
{
    struct drover_outcome outcome = take(exchange);
    ASSERT_INT(outcome.cause, DROVER_OK);
    return int_of(outcome.value);
}

/* --- Endings ---------------------------------------------------------------
 */

enum { ROUNDS = 6 };

static void end_in_every_way(unsigned limit, bool reuse)
{
    struct drover_exchange *queue = queue_with(limit, reuse);
    struct drover_outcome outcome;
    int seen[ROUNDS * ENDINGS] = { 0 };
    for (int i = 0; i < ROUNDS * ENDINGS; i++)
        ASSERT_INT(
            drover_exchange_start(queue, task_end, NULL, args_of(i % ENDINGS)),
            i);
    for (int i = 0; i < ROUNDS * ENDINGS; i++) {
        outcome = take(queue);
        ASSERT(outcome.index < ROUNDS * ENDINGS);
        ASSERT_INT(seen[outcome.index]++, 0);
        expect_ending(&outcome, (enum ending)(outcome.index % ENDINGS));
    }
    ASSERT_INT(drover_exchange_next(queue, &outcome, 0, &err), 0);
    drover_exchange_destroy(queue);
}

static void each_call_has_one_outcome_in_forked_processes(void)
{
    end_in_every_way(1, false);
    end_in_every_way(3, false);
}

static void each_call_has_one_outcome_in_reused_processes(void)
{
    end_in_every_way(1, true);
    end_in_every_way(3, true);
}

static void a_process_killed_from_outside_ends_its_call_only(void)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        struct drover_exchange *queue = queue_with(2, reuse);
        drover_exchange_start(queue, task_pid, NULL, nothing);
        pid_t pid = (pid_t)take_int(queue);
        if (reuse)
            ASSERT(is_running(pid));
        ASSERT(!reuse || kill(pid, SIGKILL) == 0);
        for (int i = 0; i < 5; i++)
            drover_exchange_start(queue, task_pid, NULL, nothing);
        for (int i = 0; i < 5; i++)
            ASSERT(take_int(queue) != pid);
        drover_exchange_destroy(queue);
    }
}

/* Writes its pid to a shared place, its context, and waits to be killed. */
static int wait_to_be_killed(struct drover_call *call)
{
    atomic_int *pid = drover_call_context(call);
    *pid = getpid();
    return task_hang(call);
}

static void calls_in_line_behind_a_killed_one_are_run(void)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        atomic_int *pid = shared_create(sizeof *pid);
        struct drover_exchange *queue = queue_with(1, reuse);
        for (int i = 0; i < 3; i++)
            drover_exchange_start(queue, wait_to_be_killed, pid, nothing);
        for (int i = 0; i < 3; i++) {
            while (*pid == 0)
                drover_exchange_ready(queue, 1, &err);
            pid_t victim = atomic_exchange(pid, 0);
            ASSERT_INT(kill(victim, SIGKILL), 0);
            struct drover_outcome outcome = take(queue);
            ASSERT_INT(outcome.index, i);
            ASSERT_INT(outcome.cause, DROVER_SIGNAL);
            ASSERT_INT(outcome.number, SIGKILL);
        }
        drover_exchange_destroy(queue);
        shared_destroy(pid, sizeof *pid);
    }
}

static void destroying_an_exchange_kills_what_runs(void)
{
    atomic_int *pid = shared_create(sizeof *pid);
    struct drover_exchange *queue = queue_with(1, false);
    drover_exchange_start(queue, wait_to_be_killed, pid, nothing);
    drover_exchange_start(queue, wait_to_be_killed, pid, nothing);
    while (*pid == 0)
        sched_yield();
    drover_exchange_destroy(queue);
    ASSERT(!is_running(*pid));
    shared_destroy(pid, sizeof *pid);
}

static void without_word_of_children_calls_end_all_the_same(void)
{
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    for (int reuse = 0; reuse < 2; reuse++) {
        struct drover_exchange *queue = queue_with(1, reuse);
        for (int i = 0; i < ENDINGS; i++)
            drover_exchange_start(queue, task_end, NULL, args_of(i));
        for (int i = 0; i < ENDINGS; i++) {
            struct drover_outcome outcome = take(queue);
            ASSERT_INT(outcome.index, i);
            if (i <= ENDING_FAILED)
                expect_ending(&outcome, (enum ending)i);
            else
                ASSERT_INT(outcome.cause, DROVER_LOST);
        }
        drover_exchange_destroy(queue);
    }
    signal(SIGCHLD, before);
}

/* The one child of this process, or 0. */
static pid_t find_child(void)
{
    char path[64];
    int pid = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *children = fopen(path, "re");
    ASSERT(children != NULL);
    if (fscanf(children, "%d", &pid) != 1)
        pid = 0;
    fclose(children);
    return pid;
}

/* Kill processes that are being sent the call's arguments until it has its
 * outcome. Returns how many. */
static int kill_receivers(struct drover_exchange *queue,
                          struct drover_outcome *outcome)
{
    int kills = 0, status = -ETIMEDOUT;
    for (; status == -ETIMEDOUT; kills++) {
        pid_t pid = find_child();
        ASSERT_INT(kill(pid, SIGKILL), 0);
        while (status == -ETIMEDOUT && find_child() == pid)
            status = drover_exchange_next(queue, outcome, 0, &err);
    }
    ASSERT_INT(status, 1);
    return kills;
}

static void arguments_that_kill_processes_end_their_call_only(void)
{
    enum { LARGE_BYTES = 64 * 1024 * 1024 };
    static const uint8_t head[] = { 0xa1, 0x61, 'n', 0x5a, LARGE_BYTES >> 24 };
    uint8_t *args = calloc(1, 8 + LARGE_BYTES);
    ASSERT(args != NULL);
    memcpy(args, head, sizeof head);
    struct drover_outcome outcome;
    struct drover_exchange *queue = queue_with(1, false);
    drover_exchange_start(queue, task_pid, NULL,
                          (struct drover_value){ args, 8 + LARGE_BYTES });
    ASSERT_INT(kill_receivers(queue, &outcome), 3);
    ASSERT_INT(outcome.cause, DROVER_SIGNAL);
    ASSERT_CONTAINS(outcome.text, "3 workers died before they had all");
    drover_exchange_start(queue, task_double, NULL, args_of(4));
    ASSERT_INT(take_int(queue), 8);
    drover_exchange_destroy(queue);
    free(args);
}

/* Counts that it ran, and crashes while values for it are under way. */
static int count_and_crash(struct drover_call *call)
{
    struct drover_value value;
    ++*(atomic_int *)drover_call_context(call);
    drover_receive(call, &value, SOON_MS);
    abort();
}

static void a_call_dies_once_with_values_under_way(void)
{
    enum { VALUE_BYTES = 1024 * 1024 };
    atomic_int *count = shared_create(sizeof *count);
    struct drover_exchange *queue = queue_with(1, false);
    struct drover_builder *builder = drover_builder_create();
    struct drover_value large;
    void *bytes = calloc(1, VALUE_BYTES);
    drover_build_bytes(builder, bytes, VALUE_BYTES);
    ASSERT_INT(drover_builder_value(builder, &large, &err), 0);
    drover_exchange_start(queue, count_and_crash, count, nothing);
    for (int i = 0; i < 5; i++)
        ASSERT_INT(drover_exchange_send(queue, 0, large), 0);
    ASSERT_INT(take(queue).number, SIGABRT);
    ASSERT_INT(*count, 1);
    drover_exchange_destroy(queue);
    drover_builder_destroy(builder);
    free(bytes);
    shared_destroy(count, sizeof *count);
}

/* --- Reuse -----------------------------------------------------------------
 */

static void a_reused_process_stays_the_same(void)
{
    struct drover_exchange *queue = queue_with(1, true);
    drover_exchange_start(queue, task_pid, NULL, nothing);
    int64_t pid = take_int(queue);
    for (int i = 0; i < 100; i++)
        drover_exchange_start(queue, task_pid, NULL, nothing);
    for (int i = 0; i < 100; i++)
        ASSERT_INT(take_int(queue), pid);
    drover_exchange_destroy(queue);
}

static void a_forked_process_serves_one_call(void)
{
    struct drover_exchange *queue = queue_with(1, false);
    int64_t before = 0;
    for (int i = 0; i < 5; i++) {
        drover_exchange_start(queue, task_pid, NULL, nothing);
        int64_t pid = take_int(queue);
        ASSERT(pid != before && pid != getpid());
        before = pid;
    }
    drover_exchange_destroy(queue);
}

static int crash_or_pid(struct drover_call *call)
{
    if (drover_arg_given(call, "crash"))
        abort();
    return task_pid(call);
}

static void a_crashed_process_is_replaced(void)
{
    struct drover_exchange *queue = queue_with(1, true);
    struct drover_managed probe = drover_manage(queue, crash_or_pid, NULL);
    for (int i = 0; i < 2; i++)
        drover_managed_call(&probe, NULL);
    drover_managed_call(&probe, "{s: b}", "crash", 1);
    for (int i = 0; i < 2; i++)
        drover_managed_call(&probe, NULL);
    int64_t first = take_int(queue);
    ASSERT_INT(take_int(queue), first);
    ASSERT_INT(take(queue).number, SIGABRT);
    int64_t second = take_int(queue);
    ASSERT(second != first);
    ASSERT_INT(take_int(queue), second);
    drover_exchange_destroy(queue);
}

/* --- Limits ----------------------------------------------------------------
 */

struct counts {
    atomic_int now;
    atomic_int most;
    atomic_int all;
};

/* Be one of those that run at once, for a while. */
static int count_at_once(struct drover_call *call)
{
    struct counts *counts = drover_call_context(call);
    int now = atomic_fetch_add(&counts->now, 1) + 1, most = counts->most;
    while (now > most &&
           !atomic_compare_exchange_weak(&counts->most, &most, now))
        ;
    usleep(1000);
    atomic_fetch_add(&counts->all, 1);
    atomic_fetch_sub(&counts->now, 1);
    return drover_return_null(call);
}

static void there_are_never_more_than_the_limit(void)
{
    for (unsigned limit = 1; limit <= 4; limit++)
        for (int reuse = 0; reuse < 2; reuse++) {
            struct counts *counts = shared_create(sizeof *counts);
            struct drover_exchange *queue = queue_with(limit, reuse);
            for (int i = 0; i < 40; i++)
                drover_exchange_start(queue, count_at_once, counts, nothing);
            for (int i = 0; i < 40; i++)
                ASSERT_INT(take(queue).cause, DROVER_OK);
            ASSERT(counts->most <= (int)limit);
            ASSERT_INT(counts->all, 40);
            drover_exchange_destroy(queue);
            shared_destroy(counts, sizeof *counts);
        }
}

/* Waits until as many as N are there. */
static int meet(struct drover_call *call)
{
    struct counts *counts = drover_call_context(call);
    atomic_fetch_add(&counts->now, 1);
    while (counts->now < drover_arg_int(call, "n"))
        sched_yield();
    return drover_return_null(call);
}

static void as_many_as_the_limit_run_at_once(void)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        struct counts *counts = shared_create(sizeof *counts);
        struct drover_exchange *queue = queue_with(8, reuse);
        for (int i = 0; i < 8; i++)
            drover_exchange_start(queue, meet, counts, args_of(8));
        for (int i = 0; i < 8; i++)
            ASSERT_INT(take(queue).cause, DROVER_OK);
        drover_exchange_destroy(queue);
        shared_destroy(counts, sizeof *counts);
    }
}

UNIT_CASES(CASE(a_call_dies_once_with_values_under_way),
           CASE(each_call_has_one_outcome_in_forked_processes),
           CASE(each_call_has_one_outcome_in_reused_processes),
           CASE(a_process_killed_from_outside_ends_its_call_only),
           CASE(calls_in_line_behind_a_killed_one_are_run),
           CASE(destroying_an_exchange_kills_what_runs),
           CASE(without_word_of_children_calls_end_all_the_same),
           CASE(arguments_that_kill_processes_end_their_call_only),
           CASE(a_reused_process_stays_the_same),
           CASE(a_forked_process_serves_one_call),
           CASE(a_crashed_process_is_replaced),
           CASE(there_are_never_more_than_the_limit),
           CASE(as_many_as_the_limit_run_at_once))
