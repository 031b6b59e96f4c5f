/* The loop of an exchange: waiting, counting, all exchanges at once, and who
 * may use one. */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tasks.h"
#include "unit.h"

static const struct drover_value nothing;
static struct drover_error err;

static struct drover_exchange *queue_with(unsigned limit)
{
    struct drover_exchange *queue = drover_queue_create(
        &(struct drover_exchange_options){ .limit = limit }, &err);
    ASSERT(queue != NULL);
    return queue;
}

static int64_t take_int(struct drover_exchange *exchange)
{
    struct drover_outcome outcome;
    ASSERT_INT(drover_exchange_next(exchange, &outcome, SOON_MS, &err), 1);
    ASSERT_INT(outcome.cause, DROVER_OK);
    return int_of(outcome.value);
}

/* --- Counting --------------------------------------------------------------
 */

/* Returns n when the shared byte that is its context is set. */
static int wait_for_go(struct drover_call *call)
{
    const atomic_char *go = drover_call_context(call);
    while (*go == 0)
        sched_yield();
    return drover_return_int(call, drover_arg_int(call, "n"));
}

static void an_exchange_knows_how_busy_it_is(void)
{
    atomic_char *go = shared_create(1);
    struct drover_exchange *queue = queue_with(2);
    for (int i = 0; i < 4; i++) {
        ASSERT_INT(drover_exchange_active(queue), i < 2 ? i : 2);
        ASSERT_INT(drover_exchange_busy(queue), i >= 2);
        ASSERT_INT(drover_exchange_unfinished(queue), i > 0);
        drover_exchange_start(queue, wait_for_go, go, args_of(i));
    }
    ASSERT_INT(drover_exchange_wait(queue, 0, &err), -ETIMEDOUT);
    ASSERT_INT(drover_exchange_wait(queue, 20, &err), -ETIMEDOUT);
    ASSERT_INT(drover_exchange_ready(queue, 0, &err), 0);
    ASSERT_INT(drover_exchange_ready(queue, 20, &err), 0);
    ASSERT_INT(drover_exchange_store(queue, 20, &err), 0);
    *go = 1;
    ASSERT_INT(drover_exchange_wait(queue, SOON_MS, &err), 0);
    ASSERT(!drover_exchange_busy(queue));
    ASSERT_INT(drover_exchange_finish(queue, &err), 0);
    ASSERT_INT(drover_exchange_active(queue), 0);
    for (int left = 4; left > 0; left--) {
        ASSERT_INT(drover_exchange_ready(queue, 0, &err), left);
        ASSERT(drover_exchange_unfinished(queue));
        take_int(queue);
    }
    ASSERT(!drover_exchange_unfinished(queue));
    ASSERT_INT(drover_exchange_ready(queue, -1, &err), 0);
    drover_exchange_destroy(queue);
    shared_destroy(go, 1);
}

static void waiting_ends_when_there_is_room(void)
{
    struct drover_exchange *queue = queue_with(1);
    ASSERT_INT(drover_exchange_wait(queue, 0, &err), 0);
    for (int i = 0; i < 10; i++) {
        drover_exchange_start(queue, task_double, NULL, args_of(i));
        ASSERT_INT(drover_exchange_wait(queue, SOON_MS, &err), 0);
        ASSERT_INT(drover_exchange_active(queue), 0);
    }
    for (int i = 0; i < 10; i++)
        ASSERT_INT(take_int(queue), 2 * i);
    drover_exchange_destroy(queue);
}

static void what_is_ready_of_a_map_is_in_order(void)
{
    struct drover_exchange *map = drover_map_create(
        &(struct drover_exchange_options){ .limit = 2 }, &err);
    atomic_char *go = shared_create(1);
    drover_exchange_start(map, wait_for_go, go, args_of(7));
    for (int i = 0; i < 3; i++)
        drover_exchange_start(map, task_double, NULL, args_of(i));
    struct drover_outcome outcome;
    ASSERT_INT(drover_exchange_get(map, 3, &outcome, SOON_MS, &err), 0);
    ASSERT_INT(drover_exchange_ready(map, 0, &err), 0);
    *go = 1;
    ASSERT_INT(drover_exchange_ready(map, SOON_MS, &err), 4);
    ASSERT_INT(take_int(map), 7);
    ASSERT_INT(drover_exchange_ready(map, 0, &err), 3);
    drover_exchange_destroy(map);
    shared_destroy(go, 1);
}

/* --- All of them -----------------------------------------------------------
 */

static void all_exchanges_and_channels_can_be_waited_for(void)
{
    ASSERT_INT(drover_wait_all(0), 0);
    atomic_char *go = shared_create(1);
    struct drover_exchange *one = queue_with(2), *other = queue_with(1);
    struct drover_channel *channel =
        drover_start(wait_for_go, go, args_of(9), &err);
    for (int i = 0; i < 5; i++) {
        drover_exchange_start(one, wait_for_go, go, args_of(i));
        drover_exchange_start(other, wait_for_go, go, args_of(i));
    }
    ASSERT_INT(drover_wait_all(0), -ETIMEDOUT);
    ASSERT_INT(drover_wait_all(20), -ETIMEDOUT);
    *go = 1;
    ASSERT_INT(drover_wait_all(SOON_MS), 0);
    ASSERT_INT(drover_wait_all(-1), 0);
    ASSERT_INT(drover_exchange_ready(one, 0, &err), 5);
    ASSERT_INT(drover_exchange_ready(other, 0, &err), 5);
    struct drover_value value;
    ASSERT_INT(drover_channel_receive(channel, &value, 0, &err), 1);
    ASSERT_INT(int_of(value), 9);
    drover_channel_destroy(channel);
    drover_exchange_destroy(one);
    drover_exchange_destroy(other);
    shared_destroy(go, 1);
}

/* They have ended already, so that waiting for their channels hears it all at
 * once: nothing is left to wake the exchange. */
static void members_are_waited_for_as_well(void)
{
    enum { MEMBERS = 3 };
    atomic_char *go = shared_create(1);
    struct drover_exchange *queue = queue_with(MEMBERS);
    pid_t pids[MEMBERS];
    for (int i = 0; i < MEMBERS; i++) {
        struct drover_channel *channel =
            drover_start(wait_for_go, go, args_of(i), &err);
        pids[i] = drover_channel_pid(channel);
        ASSERT_INT(drover_exchange_add(queue, channel, &err), i);
    }
    ASSERT_INT(drover_wait_all(20), -ETIMEDOUT);
    *go = 1;
    for (int i = 0; i < MEMBERS; i++)
        expect_gone(pids[i]);
    ASSERT_INT(drover_wait_all(SOON_MS), 0);
    ASSERT_INT(drover_exchange_ready(queue, 0, &err), MEMBERS);
    drover_exchange_destroy(queue);
    shared_destroy(go, 1);
}

/* --- The wrong process -----------------------------------------------------
 */

/* Bits for all that is not refused as it should be. */
static int use_in_fork(struct drover_exchange *queue)
{
    struct drover_managed managed = drover_manage(queue, task_double, NULL);
    struct drover_outcome outcome;
    struct drover_channel *own = drover_start(task_pid, NULL, nothing, &err);
    int wrong = 0;
    wrong |= drover_exchange_next(queue, &outcome, 0, &err) != -EPERM ? 1 : 0;
    wrong |=
        drover_exchange_start(queue, task_double, NULL, args_of(1)) != -EPERM
            ? 2
            : 0;
    wrong |= drover_managed_call(&managed, "{s: i}", "n", 1) != -EPERM ? 4 : 0;
    wrong |= drover_exchange_send(queue, 0, value_of(1)) != -EPERM ? 8 : 0;
    wrong |= drover_exchange_add(queue, own, &err) != -EPERM ? 16 : 0;
    wrong |= drover_exchange_add_wait(queue, own, 0, &err) != -EPERM ? 32 : 0;
    wrong |= drover_exchange_ready(queue, 0, &err) != -EPERM ? 64 : 0;
    wrong |= drover_exchange_wait(queue, 0, &err) != -EPERM ? 128 : 0;
    wrong |= drover_exchange_store(queue, 0, &err) != -EPERM ? 256 : 0;
    wrong |= drover_exchange_finish(queue, &err) != -EPERM ? 512 : 0;
    wrong |=
        drover_exchange_create_process(queue, &err) != NULL || err.code != EPERM
            ? 1024
            : 0;
    wrong |=
        drover_exchange_get(queue, 0, &outcome, 0, &err) != -EPERM ? 2048 : 0;
    drover_channel_destroy(own);
    drover_exchange_destroy(queue);
    return wrong;
}

/* The same for a fork that the library knows nothing of. */
static int use_in_own_fork(struct drover_exchange *queue,
                           struct drover_channel *member,
                           struct drover_channel *channel)
{
    int wrong = 0;
    wrong |= drover_wait_all(0) != 0 ? 1 : 0;
    wrong |= drover_exchange_remove(queue, member) != -EPERM ? 2 : 0;
    drover_exchange_destroy(queue);
    drover_channel_destroy(channel);
    return wrong;
}

static void a_fork_by_the_program_leaves_processes_alone(void)
{
    atomic_char *go = shared_create(1);
    struct drover_exchange *queue = queue_with(3);
    struct drover_channel *member =
        drover_start(wait_for_go, go, args_of(1), &err);
    struct drover_channel *channel =
        drover_start(wait_for_go, go, args_of(2), &err);
    drover_exchange_add(queue, member, &err);
    for (int i = 0; i < 4; i++)
        drover_exchange_start(queue, wait_for_go, go, args_of(1));
    pid_t pid = fork();
    if (pid == 0)
        _exit(use_in_own_fork(queue, member, channel));
    int status;
    ASSERT_INT(waitpid(pid, &status, 0), pid);
    ASSERT_INT(status, 0);
    *go = 1;
    for (int i = 0; i < 5; i++)
        ASSERT_INT(take_int(queue), 1);
    struct drover_outcome outcome;
    ASSERT_INT(drover_channel_wait(channel, &outcome, SOON_MS, &err), 0);
    ASSERT_INT(outcome.cause, DROVER_OK);
    drover_channel_destroy(channel);
    drover_exchange_destroy(queue);
    shared_destroy(go, 1);
}

static void an_exchange_belongs_to_the_process_that_made_it(void)
{
    struct drover_exchange *map = drover_map_create(
        &(struct drover_exchange_options){ .limit = 1 }, &err);
    for (int i = 0; i < 3; i++)
        drover_exchange_start(map, task_double, NULL, args_of(i));
    struct drover_channel *channel = drover_create(&err);
    if (drover_channel_pid(channel) == 0) {
        drover_channel_send_pack(channel, NULL, "i", use_in_fork(map));
        drover_exit(channel);
    }
    struct drover_value value;
    ASSERT_INT(drover_channel_receive(channel, &value, SOON_MS, &err), 1);
    ASSERT_INT(int_of(value), 0);
    drover_channel_destroy(channel);
    for (int i = 0; i < 3; i++)
        ASSERT_INT(take_int(map), 2 * i);
    drover_exchange_destroy(map);
}

static int map_of_its_own(struct drover_call *call)
{
    struct drover_exchange *map = drover_map_create(NULL, NULL);
    struct drover_outcome outcome;
    int64_t sum = 0, n;
    for (int i = 0; i < 5; i++)
        drover_exchange_start(map, task_double, NULL, args_of(i));
    while (drover_exchange_next(map, &outcome, -1, NULL) > 0)
        if (drover_value_get_int(outcome.value, &n) == 0)
            sum += n;
    drover_exchange_destroy(map);
    return drover_return_int(call, sum);
}

static void a_task_may_have_exchanges_of_its_own(void)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        struct drover_exchange *queue = drover_queue_create(
            &(struct drover_exchange_options){ .reuse = reuse }, &err);
        for (int i = 0; i < 6; i++)
            drover_exchange_start(queue, map_of_its_own, NULL, nothing);
        for (int i = 0; i < 6; i++)
            ASSERT_INT(take_int(queue), 20);
        drover_exchange_destroy(queue);
    }
}

UNIT_CASES(CASE(an_exchange_knows_how_busy_it_is),
           CASE(waiting_ends_when_there_is_room),
           CASE(what_is_ready_of_a_map_is_in_order),
           CASE(all_exchanges_and_channels_can_be_waited_for),
           CASE(members_are_waited_for_as_well),
           CASE(an_exchange_belongs_to_the_process_that_made_it),
           CASE(a_fork_by_the_program_leaves_processes_alone),
           CASE(a_task_may_have_exchanges_of_its_own))
