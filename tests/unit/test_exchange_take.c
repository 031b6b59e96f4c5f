/* Taking outcomes: next, get, and in which order. */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "tasks.h"
#include "unit.h"

static const struct drover_value nothing;
static struct drover_error err;

static struct drover_exchange *
map_with(const struct drover_exchange_options *options)
{
    struct drover_exchange *map = drover_map_create(options, &err);
    ASSERT(map != NULL);
    return map;
}

static struct drover_exchange *
queue_with(const struct drover_exchange_options *options)
{
    struct drover_exchange *queue = drover_queue_create(options, &err);
    ASSERT(queue != NULL);
    return queue;
}

static struct drover_outcome take(struct drover_exchange *exchange)
{
    struct drover_outcome outcome;
    ASSERT_INT(drover_exchange_next(exchange, &outcome, SOON_MS, &err), 1);
    return outcome;
}

static void start(struct drover_exchange *exchange, drover_task_fn task,
                  int64_t n)
{
    ASSERT(drover_exchange_start(exchange, task, NULL, args_of(n)) >= 0);
}

/* --- Order -----------------------------------------------------------------
 */

enum { COUNT = 4 };

/* The call with n = COUNT - 1 ends first, then the one before it, and so on. */
static int end_in_reverse(struct drover_call *call)
{
    atomic_int *left = drover_call_context(call);
    while (*left != drover_arg_int(call, "n") + 1)
        sched_yield();
    int status = drover_return_int(call, drover_arg_int(call, "n"));
    atomic_fetch_sub(left, 1);
    return status;
}

static void start_reversed(struct drover_exchange *exchange, atomic_int *left)
{
    *left = COUNT;
    for (int i = 0; i < COUNT; i++)
        drover_exchange_start(exchange, end_in_reverse, left, args_of(i));
}

static void a_map_gives_outcomes_in_the_order_of_the_calls(void)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        atomic_int *left = shared_create(sizeof *left);
        struct drover_exchange *map = map_with(&(
            struct drover_exchange_options){ .limit = COUNT, .reuse = reuse });
        start_reversed(map, left);
        for (int i = 0; i < COUNT; i++)
            ASSERT_INT(int_of(take(map).value), i);
        drover_exchange_destroy(map);
        shared_destroy(left, sizeof *left);
    }
}

static void what_ends_first_is_first_in_a_queue(void)
{
    struct drover_exchange *queue =
        queue_with(&(struct drover_exchange_options){ .limit = 2 });
    struct drover_outcome outcome;
    start(queue, task_hang, 0);
    start(queue, task_double, 3);
    outcome = take(queue);
    ASSERT_INT(outcome.index, 1);
    ASSERT_INT(int_of(outcome.value), 6);
    ASSERT_INT(drover_exchange_next(queue, &outcome, 20, &err), -ETIMEDOUT);
    drover_exchange_destroy(queue);
}

/* --- Waiting ---------------------------------------------------------------
 */

static void who_waits_too_long_is_told(void)
{
    struct drover_exchange *map = map_with(NULL);
    struct drover_outcome outcome;
    start(map, task_hang, 0);
    ASSERT_INT(drover_exchange_next(map, &outcome, 0, &err), -ETIMEDOUT);
    ASSERT_INT(drover_exchange_next(map, &outcome, 20, &err), -ETIMEDOUT);
    ASSERT_INT(err.code, ETIMEDOUT);
    ASSERT_INT(drover_exchange_get(map, 0, &outcome, 0, &err), -ETIMEDOUT);
    ASSERT_INT(drover_exchange_get(map, 0, &outcome, 20, NULL), -ETIMEDOUT);
    drover_exchange_destroy(map);
}

static void when_all_was_taken_there_is_nothing(void)
{
    struct drover_exchange *queue = queue_with(NULL);
    struct drover_outcome outcome;
    ASSERT_INT(drover_exchange_next(queue, &outcome, -1, &err), 0);
    start(queue, task_double, 3);
    take(queue);
    ASSERT_INT(drover_exchange_next(queue, &outcome, -1, &err), 0);
    start(queue, task_double, 4);
    ASSERT_INT(int_of(take(queue).value), 8);
    ASSERT_INT(drover_exchange_next(queue, &outcome, -1, &err), 0);
    drover_exchange_destroy(queue);
}

/* --- Maps ------------------------------------------------------------------
 */

static void a_map_is_looked_into_by_index(void)
{
    struct drover_exchange *map = map_with(NULL);
    struct drover_outcome outcome;
    for (int i = 0; i < 20; i++)
        start(map, task_double, i);
    for (int again = 0; again < 2; again++)
        for (uint64_t i = 0; i < 20; i += 3) {
            uint64_t index = 19 - i;
            ASSERT_INT(drover_exchange_get(map, index, &outcome, SOON_MS, &err),
                       0);
            ASSERT_INT(outcome.index, index);
            ASSERT_INT(int_of(outcome.value), 2 * index);
        }
    ASSERT_INT(drover_exchange_length(map), 20);
    for (int i = 0; i < 20; i++)
        ASSERT_INT(int_of(take(map).value), 2 * i);
    ASSERT_INT(drover_exchange_length(map), 20);
    ASSERT_INT(drover_exchange_get(map, 5, &outcome, 0, &err), 0);
    ASSERT_INT(drover_exchange_get(map, 20, &outcome, 0, &err), -ENOENT);
    ASSERT_TEXT(err.message, "there is no call 20, but 20");
    drover_exchange_destroy(map);
}

static void ignore(struct drover_exchange *exchange,
                   const struct drover_outcome *outcome, void *context)
{
    (void)exchange;
    (void)outcome;
    (void)context;
}

static void what_is_not_kept_cannot_be_looked_at(void)
{
    struct drover_exchange *queue = queue_with(NULL);
    struct drover_exchange *map =
        map_with(&(struct drover_exchange_options){ .store = ignore });
    struct drover_outcome outcome;
    start(queue, task_double, 1);
    start(map, task_double, 1);
    ASSERT_INT(drover_exchange_get(queue, 0, &outcome, -1, &err), -EINVAL);
    ASSERT_INT(drover_exchange_get(map, 0, &outcome, -1, &err), -EINVAL);
    ASSERT_CONTAINS(err.message, "only a map without a store callback");
    drover_exchange_destroy(queue);
    drover_exchange_destroy(map);
}

static void a_queue_is_as_long_as_what_was_not_taken(void)
{
    struct drover_exchange *queue = queue_with(NULL);
    ASSERT_INT(drover_exchange_length(queue), 0);
    for (int i = 0; i < 3; i++)
        start(queue, task_double, i);
    for (size_t left = 3; left > 0; left--) {
        ASSERT_INT(drover_exchange_length(queue), left);
        take(queue);
    }
    ASSERT_INT(drover_exchange_length(queue), 0);
    drover_exchange_destroy(queue);
}

/* --- Values sent ahead -----------------------------------------------------
 */

static void expect_list(struct drover_value list, int64_t last)
{
    struct drover_value value;
    ASSERT_INT(drover_value_type(list), DROVER_LIST);
    ASSERT_INT(drover_value_count(list), last + 1);
    for (int64_t i = 0; i <= last; i++) {
        ASSERT_INT(drover_list_get(list, (size_t)i, &value), 0);
        ASSERT_INT(int_of(value), i);
    }
}

static void what_was_sent_ahead_becomes_a_list(void)
{
    static const int counts[] = { 1, 22, 23, 24, 300 };
    for (int reuse = 0; reuse < 2; reuse++) {
        struct drover_exchange *map = map_with(
            &(struct drover_exchange_options){ .limit = 2, .reuse = reuse });
        for (int i = 0; i < 5; i++)
            start(map, task_count, counts[i]);
        for (int i = 0; i < 5; i++)
            expect_list(take(map).value, counts[i]);
        start(map, task_count, 0);
        ASSERT_INT(int_of(take(map).value), 0);
        drover_exchange_destroy(map);
    }
}

static void a_continuous_exchange_gives_values_as_they_come(void)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        struct drover_exchange *map =
            map_with(&(struct drover_exchange_options){
                .limit = 2, .reuse = reuse, .continuous = true });
        struct drover_outcome outcome;
        start(map, task_count, 3);
        start(map, task_count, 2);
        for (int call = 0; call < 2; call++)
            for (int i = 0; i <= 3 - call; i++) {
                outcome = take(map);
                ASSERT_INT(outcome.index, call);
                ASSERT_INT(outcome.ended, i == 3 - call);
                ASSERT_INT(outcome.cause, DROVER_OK);
                ASSERT(drover_value_equal(outcome.args, args_of(3 - call)));
                ASSERT_INT(int_of(outcome.value), i);
            }
        ASSERT_INT(drover_exchange_get(map, 0, &outcome, 0, &err), 0);
        ASSERT(outcome.ended);
        ASSERT_INT(int_of(outcome.value), 3);
        drover_exchange_destroy(map);
    }
}

static int send_and_die(struct drover_call *call)
{
    drover_send_pack(call, "i", 1);
    return task_end(call);
}

static void values_of_a_call_that_fails_are_given_only_ahead(void)
{
    for (int continuous = 0; continuous < 2; continuous++)
        for (int ending = ENDING_FAILED; ending < ENDINGS; ending++) {
            struct drover_exchange *queue = queue_with(
                &(struct drover_exchange_options){ .continuous = continuous });
            start(queue, send_and_die, ending);
            if (continuous)
                ASSERT_INT(int_of(take(queue).value), 1);
            struct drover_outcome outcome = take(queue);
            expect_ending(&outcome, (enum ending)ending);
            drover_exchange_destroy(queue);
        }
}

static int send_only(struct drover_call *call)
{
    return drover_send_pack(call, "i", 1);
}

static void a_call_that_only_sends_returns_no_value(void)
{
    struct drover_exchange *queue =
        queue_with(&(struct drover_exchange_options){ .continuous = true });
    drover_exchange_start(queue, send_only, NULL, nothing);
    ASSERT_INT(int_of(take(queue).value), 1);
    struct drover_outcome outcome = take(queue);
    ASSERT(outcome.ended);
    ASSERT_INT(outcome.value.size, 0);
    drover_exchange_destroy(queue);
}

/* Sends n texts of a mebibyte each. */
static int send_much(struct drover_call *call)
{
    enum { TEXT_BYTES = 1024 * 1024 };
    static uint8_t bytes[5 + TEXT_BYTES] = { 0x7a, 0, TEXT_BYTES >> 16 };
    struct drover_value text = { bytes, sizeof bytes };
    memset(bytes + 5, 'x', TEXT_BYTES);
    for (int64_t n = drover_arg_int(call, "n"); n > 0; n--)
        if (drover_send(call, text) != 0)
            return -1;
    return drover_return_null(call);
}

static void a_call_that_sends_more_than_fits_fails_alone(void)
{
    struct drover_exchange *map = map_with(NULL);
    start(map, send_much, 257);
    start(map, task_double, 4);
    struct drover_outcome outcome = take(map);
    ASSERT_INT(outcome.cause, DROVER_ERROR);
    ASSERT_CONTAINS(outcome.text, "too large");
    ASSERT_INT(outcome.value.size, 0);
    ASSERT_INT(int_of(take(map).value), 8);
    drover_exchange_destroy(map);
}

static void arguments_that_nobody_gave_are_none(void)
{
    struct drover_exchange *queue =
        queue_with(&(struct drover_exchange_options){ .continuous = true });
    drover_exchange_start(queue, send_only, NULL, nothing);
    for (int item = 0; item < 2; item++)
        ASSERT_INT(take(queue).args.size, 0);
    start(queue, send_only, 5);
    for (int item = 0; item < 2; item++)
        ASSERT_INT(drover_value_count(take(queue).args), 1);
    drover_exchange_destroy(queue);
}

UNIT_CASES(CASE(a_map_gives_outcomes_in_the_order_of_the_calls),
           CASE(what_ends_first_is_first_in_a_queue),
           CASE(who_waits_too_long_is_told),
           CASE(when_all_was_taken_there_is_nothing),
           CASE(a_map_is_looked_into_by_index),
           CASE(what_is_not_kept_cannot_be_looked_at),
           CASE(a_queue_is_as_long_as_what_was_not_taken),
           CASE(what_was_sent_ahead_becomes_a_list),
           CASE(a_continuous_exchange_gives_values_as_they_come),
           CASE(values_of_a_call_that_fails_are_given_only_ahead),
           CASE(a_call_that_only_sends_returns_no_value),
           CASE(a_call_that_sends_more_than_fits_fails_alone),
           CASE(arguments_that_nobody_gave_are_none))
