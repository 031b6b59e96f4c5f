/* Channels that an exchange looks after. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "tasks.h"
#include "unit.h"

static struct drover_error err;

static struct drover_exchange *queue_with(unsigned limit, bool keep_channels)
{
    struct drover_exchange_options options = { .limit = limit,
                                               .keep_channels = keep_channels };
    struct drover_exchange *queue = drover_queue_create(&options, &err);
    ASSERT(queue != NULL);
    return queue;
}

static struct drover_channel *start(drover_task_fn task, int64_t n)
{
    struct drover_channel *channel = drover_start(task, NULL, args_of(n), &err);
    ASSERT(channel != NULL);
    return channel;
}

static struct drover_outcome take(struct drover_exchange *exchange)
{
    struct drover_outcome outcome;
    ASSERT_INT(drover_exchange_next(exchange, &outcome, SOON_MS, &err), 1);
    return outcome;
}

/* --- What they give --------------------------------------------------------
 */

static void a_member_gives_its_values_and_its_outcome(void)
{
    struct drover_exchange *queue = queue_with(4, false);
    struct drover_channel *channel = start(task_count, 3);
    drover_exchange_start(queue, task_double, NULL, args_of(5));
    ASSERT_INT(int_of(take(queue).value), 10);
    ASSERT_INT(drover_exchange_add(queue, channel, &err), 1);
    for (int i = 0; i <= 3; i++) {
        struct drover_outcome outcome = take(queue);
        ASSERT(outcome.channel == channel);
        ASSERT_INT(outcome.index, 1);
        ASSERT_INT(outcome.ended, i == 3);
        ASSERT_INT(int_of(outcome.value), i);
    }
    ASSERT(!drover_exchange_unfinished(queue));
    drover_exchange_destroy(queue);
}

static void members_of_a_map_keep_their_places(void)
{
    struct drover_exchange *map = drover_map_create(NULL, &err);
    struct drover_outcome outcome;
    ASSERT_INT(drover_exchange_add(map, start(task_double, 1), &err), 0);
    ASSERT_INT(drover_exchange_start(map, task_double, NULL, args_of(2)), 1);
    ASSERT_INT(drover_exchange_add(map, start(task_double, 3), &err), 2);
    ASSERT_INT(drover_exchange_get(map, 2, &outcome, SOON_MS, &err), 0);
    ASSERT_INT(int_of(outcome.value), 6);
    for (int i = 1; i <= 3; i++)
        ASSERT_INT(int_of(take(map).value), 2 * i);
    drover_exchange_destroy(map);
}

static void each_member_has_one_outcome_however_it_ends(void)
{
    struct drover_exchange *queue = queue_with(0, false);
    for (int ending = 0; ending < ENDINGS; ending++)
        ASSERT_INT(drover_exchange_add(queue, start(task_end, ending), &err),
                   ending);
    for (int i = 0; i < ENDINGS; i++) {
        struct drover_outcome outcome = take(queue);
        expect_ending(&outcome, (enum ending)outcome.index);
    }
    struct drover_outcome outcome;
    ASSERT_INT(drover_exchange_next(queue, &outcome, -1, &err), 0);
    drover_exchange_destroy(queue);
}

static void a_member_can_be_talked_to(void)
{
    struct drover_exchange *queue = queue_with(2, false);
    struct drover_channel *channel = start(task_add_up, 0);
    drover_exchange_add(queue, channel, &err);
    for (int i = 1; i <= 5; i++) {
        ASSERT_INT(drover_channel_send(channel, value_of(1), -1, &err), 0);
        struct drover_outcome outcome = take(queue);
        ASSERT_INT(int_of(outcome.value), i);
        ASSERT(outcome.channel == channel);
    }
    drover_channel_close(channel);
    ASSERT_INT(int_of(take(queue).value), 5);
    drover_exchange_destroy(queue);
}

/* --- Who owns them ---------------------------------------------------------
 */

static void only_a_parents_end_without_owner_can_be_added(void)
{
    struct drover_exchange *queue = queue_with(2, false);
    struct drover_exchange *other = queue_with(2, false);
    struct drover_channel *channel = start(task_hang, 0);
    struct drover_value value;
    ASSERT_INT(drover_exchange_add(queue, channel, &err), 0);
    ASSERT_INT(drover_exchange_add(queue, channel, &err), -EINVAL);
    ASSERT_INT(drover_exchange_add(other, channel, &err), -EINVAL);
    ASSERT_TEXT(err.message, "the channel has an owner");
    ASSERT_INT(drover_exchange_remove(other, channel), -ENOENT);
    struct drover_channel *ended = start(task_double, 0);
    ASSERT_INT(drover_channel_receive(ended, &value, SOON_MS, &err), 1);
    ASSERT_INT(drover_exchange_add(other, ended, &err), -EINVAL);
    ASSERT_TEXT(err.message, "the channel has ended");
    drover_channel_destroy(ended);
    drover_exchange_destroy(queue);
    drover_exchange_destroy(other);
}

static void a_childs_end_cannot_be_added(void)
{
    struct drover_channel *channel = drover_create(&err);
    ASSERT(channel != NULL);
    if (drover_channel_pid(channel) == 0) {
        struct drover_exchange *own = drover_queue_create(NULL, NULL);
        if (drover_exchange_add(own, channel, NULL) != -EINVAL)
            drover_exit_failed(channel, "it was added");
        drover_exchange_destroy(own);
        drover_exit(channel);
    }
    struct drover_outcome outcome;
    ASSERT_INT(drover_channel_wait(channel, &outcome, SOON_MS, &err), 0);
    ASSERT_INT(outcome.cause, DROVER_OK);
    drover_channel_destroy(channel);
}

static void a_removed_channel_is_the_callers_again(void)
{
    for (int ordered = 0; ordered < 2; ordered++) {
        struct drover_exchange *exchange =
            ordered ? drover_map_create(NULL, &err) : queue_with(2, false);
        struct drover_channel *channel = start(task_add_up, 0);
        struct drover_value value;
        drover_exchange_add(exchange, channel, &err);
        drover_channel_send(channel, value_of(3), -1, &err);
        ASSERT_INT(int_of(take(exchange).value), 3);
        ASSERT_INT(drover_exchange_remove(exchange, channel), 0);
        ASSERT_INT(drover_exchange_remove(exchange, channel), -ENOENT);
        ASSERT(!drover_exchange_unfinished(exchange));
        struct drover_outcome outcome;
        ASSERT_INT(drover_exchange_next(exchange, &outcome, -1, &err), 0);
        ASSERT_INT(drover_exchange_get(exchange, 0, &outcome, -1, &err),
                   ordered ? -ENOENT : -EINVAL);
        drover_channel_send(channel, value_of(4), -1, &err);
        ASSERT_INT(drover_channel_receive(channel, &value, SOON_MS, &err), 1);
        ASSERT_INT(int_of(value), 7);
        drover_channel_destroy(channel);
        drover_exchange_start(exchange, task_double, NULL, args_of(2));
        ASSERT_INT(int_of(take(exchange).value), 4);
        drover_exchange_destroy(exchange);
    }
}

static void kept_channels_stay_the_callers(void)
{
    struct drover_exchange *queue = queue_with(2, true);
    struct drover_channel *ended = start(task_double, 1);
    struct drover_channel *running = start(task_add_up, 0);
    struct drover_outcome outcome;
    drover_exchange_add(queue, ended, &err);
    drover_exchange_add(queue, running, &err);
    ASSERT_INT(int_of(take(queue).value), 2);
    drover_exchange_destroy(queue);
    ASSERT_INT(drover_channel_wait(ended, &outcome, 0, &err), 0);
    ASSERT_INT(outcome.cause, DROVER_OK);
    drover_channel_destroy(ended);
    struct drover_value value;
    drover_channel_send(running, value_of(3), -1, &err);
    ASSERT_INT(drover_channel_receive(running, &value, SOON_MS, &err), 1);
    ASSERT_INT(int_of(value), 3);
    drover_channel_destroy(running);
}

static void destroying_an_exchange_kills_its_members(void)
{
    struct drover_exchange *queue = queue_with(2, false);
    struct drover_channel *channel = start(task_hang, 0);
    pid_t pid = drover_channel_pid(channel);
    drover_exchange_add(queue, channel, &err);
    drover_exchange_destroy(queue);
    ASSERT(!is_running(pid));
}

/* The outcome has come, and nobody takes it. */
static void members_that_have_ended_go_with_their_exchange(void)
{
    struct drover_exchange *queue = queue_with(2, false);
    struct drover_exchange *map = drover_map_create(NULL, &err);
    drover_exchange_add(queue, start(task_double, 1), &err);
    drover_exchange_add(map, start(task_double, 1), &err);
    ASSERT_INT(drover_exchange_ready(queue, SOON_MS, &err), 1);
    ASSERT_INT(drover_exchange_ready(map, SOON_MS, &err), 1);
    drover_exchange_destroy(queue);
    drover_exchange_destroy(map);
}

/* --- Places ----------------------------------------------------------------
 */

static void members_take_places_of_calls(void)
{
    struct drover_exchange *queue = queue_with(2, false);
    struct drover_channel *first = start(task_add_up, 0);
    struct drover_channel *second = start(task_add_up, 0);
    drover_exchange_add(queue, first, &err);
    ASSERT(!drover_exchange_busy(queue));
    drover_exchange_add(queue, second, &err);
    ASSERT_INT(drover_exchange_active(queue), 2);
    ASSERT(drover_exchange_busy(queue));
    struct drover_channel *third = start(task_double, 8);
    ASSERT_INT(drover_exchange_add_wait(queue, third, 20, &err), -ETIMEDOUT);
    drover_exchange_start(queue, task_double, NULL, args_of(4));
    ASSERT_INT(drover_exchange_ready(queue, 50, &err), 0);
    ASSERT_INT(drover_exchange_active(queue), 2);
    drover_channel_close(first);
    struct drover_outcome outcome = take(queue);
    ASSERT(outcome.channel == first);
    ASSERT_INT(int_of(take(queue).value), 8);
    ASSERT_INT(drover_exchange_add_wait(queue, third, SOON_MS, &err), 3);
    ASSERT_INT(int_of(take(queue).value), 16);
    drover_exchange_destroy(queue);
}

/* Where the budget is the limit, too. */
static void beside_a_member_calls_are_run(void)
{
    struct drover_exchange *queue = queue_with(0, false);
    drover_exchange_add(queue, start(task_hang, 0), &err);
    drover_exchange_start(queue, task_double, NULL, args_of(4));
    if (drover_cores() > 1)
        ASSERT_INT(int_of(take(queue).value), 8);
    drover_exchange_destroy(queue);
}

static void processes_can_be_made_as_members(void)
{
    struct drover_exchange *queue = queue_with(2, false);
    for (int i = 0; i < 6; i++) {
        struct drover_channel *channel =
            drover_exchange_create_process(queue, &err);
        ASSERT(channel != NULL);
        if (drover_channel_pid(channel) == 0) {
            drover_channel_send_pack(channel, NULL, "i", i);
            drover_exit(channel);
        }
        ASSERT(drover_exchange_active(queue) <= 2);
    }
    int seen = 0, ended = 0;
    struct drover_outcome outcome;
    while (drover_exchange_next(queue, &outcome, SOON_MS, &err) > 0)
        if (outcome.ended)
            ended++;
        else
            seen |= 1 << int_of(outcome.value);
    ASSERT_INT(seen, 63);
    ASSERT_INT(ended, 6);
    drover_exchange_destroy(queue);
}

static struct drover_exchange *beside;

static void create_beside_a_thread(void)
{
    ASSERT(drover_exchange_create_process(beside, &err) == NULL);
    ASSERT_INT(err.code, EDEADLK);
}

static void beside_other_threads_no_process_is_made(void)
{
    beside = queue_with(2, false);
    beside_a_thread(create_beside_a_thread);
    ASSERT(!drover_exchange_unfinished(beside));
    drover_exchange_destroy(beside);
}

UNIT_CASES(CASE(a_member_gives_its_values_and_its_outcome),
           CASE(members_of_a_map_keep_their_places),
           CASE(each_member_has_one_outcome_however_it_ends),
           CASE(a_member_can_be_talked_to),
           CASE(only_a_parents_end_without_owner_can_be_added),
           CASE(a_childs_end_cannot_be_added),
           CASE(a_removed_channel_is_the_callers_again),
           CASE(kept_channels_stay_the_callers),
           CASE(destroying_an_exchange_kills_its_members),
           CASE(members_that_have_ended_go_with_their_exchange),
           CASE(members_take_places_of_calls),
           CASE(beside_a_member_calls_are_run),
           CASE(processes_can_be_made_as_members),
           CASE(beside_other_threads_no_process_is_made))
