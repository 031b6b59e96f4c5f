/* Starting calls, and what becomes of those that cannot be made. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <drover/plugin.h>

#include "tasks.h"
#include "unit.h"

static const struct drover_value nothing;
static struct drover_error err;

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
    ASSERT(outcome.ended && outcome.channel == NULL);
    return outcome;
}

static void expect_int(struct drover_exchange *exchange, int64_t n)
{
    struct drover_outcome outcome = take(exchange);
    ASSERT_INT(outcome.cause, DROVER_OK);
    ASSERT_INT(int_of(outcome.value), n);
}

static void expect_error(struct drover_exchange *exchange, const char *words)
{
    struct drover_outcome outcome = take(exchange);
    ASSERT_INT(outcome.cause, DROVER_ERROR);
    ASSERT_CONTAINS(outcome.text, words);
    ASSERT_INT(outcome.value.size, 0);
}

/* There is nothing else, and the exchange ends. */
static void end(struct drover_exchange *exchange)
{
    struct drover_outcome outcome;
    ASSERT_INT(drover_exchange_next(exchange, &outcome, 0, &err), 0);
    drover_exchange_destroy(exchange);
}

/* --- Calls -----------------------------------------------------------------
 */

static void calls_are_numbered_and_give_what_they_return(void)
{
    struct drover_exchange *queue = queue_with(NULL);
    for (int i = 0; i < 3; i++) {
        ASSERT_INT(drover_exchange_start(queue, task_double, NULL, args_of(i)),
                   i);
        struct drover_outcome outcome = take(queue);
        ASSERT_INT(outcome.index, i);
        ASSERT_INT(outcome.cause, DROVER_OK);
        ASSERT_TEXT(outcome.text, "");
        ASSERT(drover_value_equal(outcome.args, args_of(i)));
        ASSERT_INT(int_of(outcome.value), 2 * i);
        ASSERT(outcome.elapsed_ns > 0);
    }
    end(queue);
}

static int tell_all(struct drover_call *call)
{
    const char *context = drover_call_context(call);
    return drover_return_pack(
        call, "[s, I, I]", context, (int64_t)drover_call_index(call),
        (int64_t)drover_value_count(drover_call_args(call)));
}

static void a_call_knows_its_context_and_its_index(void)
{
    struct drover_exchange *queue = queue_with(NULL);
    char context[] = "context";
    for (int i = 0; i < 3; i++) {
        int64_t index, count;
        const char *text;
        drover_exchange_start(queue, tell_all, context, nothing);
        struct drover_outcome outcome = take(queue);
        ASSERT_INT(drover_value_unpack(outcome.value, &err, "[s, I, I]", &text,
                                       &index, &count),
                   0);
        ASSERT(strncmp(text, context, strlen(context)) == 0);
        ASSERT_INT(index, i);
        ASSERT_INT(count, 0);
    }
    end(queue);
}

static int return_context(struct drover_call *call)
{
    const int *number = drover_call_context(call);
    return drover_return_int(call, *number);
}

static void each_call_may_have_a_context_of_its_own(void)
{
    enum { CONTEXTS = 600 };
    static int numbers[CONTEXTS];
    struct drover_exchange *map = drover_map_create(NULL, &err);
    for (int i = 0; i < CONTEXTS; i++) {
        numbers[i] = 3 * i;
        drover_exchange_start(map, return_context, &numbers[i], nothing);
    }
    for (int i = 0; i < CONTEXTS; i++)
        expect_int(map, 3 * i);
    end(map);
}

static void arguments_that_are_no_map_make_an_outcome(void)
{
    static const struct drover_value garbage = { "\xff", 1 };
    struct drover_exchange *queue = queue_with(NULL);
    ASSERT_INT(drover_exchange_start(queue, task_double, NULL, value_of(1)), 0);
    ASSERT_INT(drover_exchange_start(queue, task_double, NULL, garbage), 1);
    ASSERT_INT(drover_exchange_start(queue, task_double, NULL, args_of(1)), 2);
    expect_error(queue, "the arguments are int, expected a map");
    expect_error(queue, "the arguments are no well-formed value");
    expect_int(queue, 2);
    end(queue);
}

static void each_element_makes_a_call(void)
{
    struct drover_exchange *map = drover_map_create(NULL, &err);
    struct drover_builder *builder = drover_builder_create();
    ASSERT_INT(drover_exchange_start_each(map, task_double, NULL, "n",
                                          list_of(builder, 5, 14)),
               0);
    ASSERT_INT(drover_exchange_start_each(map, task_double, NULL, "n",
                                          list_of(builder, 15, 19)),
               10);
    ASSERT_INT(
        drover_exchange_start_each(map, task_double, NULL, "n", args_of(1)),
        -EINVAL);
    ASSERT_INT(drover_exchange_length(map), 15);
    for (int n = 5; n < 20; n++)
        expect_int(map, 2 * n);
    end(map);
    drover_builder_destroy(builder);
}

static void a_limit_is_between_1_and_1024(void)
{
    struct drover_exchange_options options = { .limit = 1025 };
    ASSERT(drover_queue_create(&options, &err) == NULL);
    ASSERT_INT(err.code, EINVAL);
    ASSERT_TEXT(err.message, "a limit of 1025, expected 0 to 1024");
    ASSERT(drover_map_create(&options, NULL) == NULL);
    options.limit = 1024;
    drover_exchange_destroy(queue_with(&options));
    drover_exchange_destroy(NULL);
}

static void reused_processes_know_one_task_with_one_context(void)
{
    struct drover_exchange *queue = queue_with(
        &(struct drover_exchange_options){ .limit = 1, .reuse = true });
    drover_exchange_start(queue, task_double, NULL, args_of(4));
    expect_int(queue, 8);
    drover_exchange_start(queue, task_pid, NULL, args_of(4));
    expect_error(queue, "one task with one context, and this is another");
    drover_exchange_start(queue, task_double, &err, args_of(4));
    expect_error(queue, "one task with one context, and this is another");
    drover_exchange_start(queue, task_double, NULL, args_of(5));
    expect_int(queue, 10);
    end(queue);
}

/* --- Managed tasks ---------------------------------------------------------
 */

static void a_managed_task_is_called_with_a_format(void)
{
    struct drover_exchange *queue = queue_with(NULL);
    struct drover_managed twice = drover_manage(queue, task_double, NULL);
    struct drover_managed pid = drover_manage(queue, task_pid, NULL);
    ASSERT_INT(drover_managed_call(&twice, "{s: i}", "n", 21), 0);
    expect_int(queue, 42);
    ASSERT_INT(drover_managed_call(&pid, NULL), 1);
    ASSERT(int_of(take(queue).value) > 0);
    ASSERT_INT(drover_managed_call(&twice, "{s: i", "n", 21), 2);
    expect_error(queue, "the arguments \"{s: i\": ");
    ASSERT_INT(drover_managed_call(&twice, "i", 21), 3);
    expect_error(queue, "the arguments are int, expected a map");
    end(queue);
}

static int sum(struct drover_call *call)
{
    return drover_return_int(call, drover_arg_int(call, "a") +
                                       drover_arg_int(call, "b"));
}

static const struct drover_task *declared_sum(void)
{
    static const struct drover_param params[] = {
        { .name = "a", .type = DROVER_INT },
        { .name = "b", .type = DROVER_INT, .fallback = "10" },
        { .name = NULL },
    };
    static const struct drover_task task = {
        .name = "sum",
        .run = sum,
        .params = params,
        .result = { .type = DROVER_INT },
    };
    return &task;
}

static void arguments_of_a_declared_task_are_checked_and_completed(void)
{
    struct drover_exchange *queue = queue_with(NULL);
    struct drover_managed add =
        drover_manage_declared(queue, declared_sum(), NULL);
    drover_managed_call(&add, "{s: i}", "a", 5);
    struct drover_outcome outcome = take(queue);
    ASSERT_INT(int_of(outcome.value), 15);
    ASSERT_INT(drover_value_count(outcome.args), 2);
    drover_managed_call(&add, "{s: i, s: i}", "b", 1, "a", 5);
    expect_int(queue, 6);
    drover_managed_call(&add, NULL);
    expect_error(queue, "task sum needs the parameter \"a\" (int)");
    drover_managed_call(&add, "{s: s}", "a", "x");
    expect_error(queue, "parameter \"a\" of task sum");
    drover_managed_call(&add, "{s: i, s: i}", "a", 1, "c", 5);
    expect_error(queue, "task sum has no parameter \"c\"");
    end(queue);
}

/* --- Sending ---------------------------------------------------------------
 */

static void a_call_receives_what_it_is_sent_before_and_after_it_begins(void)
{
    struct drover_exchange *queue = queue_with(
        &(struct drover_exchange_options){ .limit = 1, .continuous = true });
    struct drover_outcome outcome;
    for (int call = 0; call < 2; call++)
        drover_exchange_start(queue, task_add_up, NULL, nothing);
    for (int call = 1; call >= 0; call--) {
        ASSERT_INT(
            drover_exchange_send(queue, (uint64_t)call, value_of(3 + call)), 0);
        ASSERT_INT(drover_exchange_send(queue, (uint64_t)call, nothing), 0);
    }
    for (int call = 0; call < 2; call++) {
        ASSERT_INT(drover_exchange_next(queue, &outcome, SOON_MS, &err), 1);
        ASSERT(!outcome.ended);
        ASSERT_INT(outcome.index, call);
        expect_int(queue, 3 + call);
    }
    ASSERT_INT(drover_exchange_send(queue, 1, value_of(1)), -ENOENT);
    ASSERT_INT(drover_exchange_send(queue, 2, value_of(1)), -ENOENT);
    end(queue);
}

static void what_is_no_value_is_not_sent(void)
{
    struct drover_exchange *queue = queue_with(NULL);
    static const uint8_t cut[] = { 0x82, 0x01 };
    drover_exchange_start(queue, task_add_up, NULL, nothing);
    ASSERT_INT(drover_exchange_send(queue, 0,
                                    (struct drover_value){ cut, sizeof cut }),
               -EINVAL);
    ASSERT_INT(drover_exchange_send(queue, 0, value_of(3)), 0);
    ASSERT_INT(drover_exchange_send(queue, 0, nothing), 0);
    ASSERT_INT(take(queue).cause, DROVER_OK);
    end(queue);
}

/* HEAD, whose last four bytes are to be the size, and as many zeros. */
static struct drover_value large(uint8_t *memory, const char *head,
                                 size_t head_size, size_t size)
{
    memcpy(memory, head, head_size);
    for (size_t i = 0; i < 4; i++)
        memory[head_size + i] = (uint8_t)(size >> (24 - 8 * i));
    return (struct drover_value){ memory, head_size + 4 + size };
}

static void what_is_too_large_harms_no_other_call(void)
{
    enum { LARGE_BYTES = 256 * 1024 * 1024 - 20 };
    uint8_t *memory = calloc(1, LARGE_BYTES + 20);
    struct drover_exchange *queue =
        queue_with(&(struct drover_exchange_options){ .limit = 1 });
    ASSERT(memory != NULL);
    drover_exchange_start(queue, task_hang, NULL, nothing);
    drover_exchange_start(queue, task_add_up, NULL, nothing);
    struct drover_value value = large(memory, "\x5a", 1, LARGE_BYTES);
    ASSERT_INT(drover_exchange_send(queue, 1, value), -EMSGSIZE);
    drover_exchange_start(queue, task_double, NULL,
                          large(memory, "\xa1\x61n\x5a", 4, LARGE_BYTES));
    expect_error(queue, "too large");
    ASSERT_INT(drover_exchange_wait(queue, 0, &err), -ETIMEDOUT);
    drover_exchange_destroy(queue);
    free(memory);
}

/* --- Threads ---------------------------------------------------------------
 */

static struct drover_exchange *beside;

static void start_beside_a_thread(void)
{
    drover_exchange_start(beside, task_double, NULL, args_of(4));
    struct drover_outcome outcome = take(beside);
    ASSERT_INT(outcome.cause, DROVER_LOAD);
    ASSERT_CONTAINS(outcome.text, "2 threads run in this process");
}

static void beside_other_threads_calls_are_refused(void)
{
    beside = queue_with(NULL);
    beside_a_thread(start_beside_a_thread);
    drover_exchange_start(beside, task_double, NULL, args_of(5));
    expect_int(beside, 10);
    end(beside);
}

static void call_beside_a_thread(void)
{
    drover_exchange_start(beside, task_double, NULL, args_of(4));
    expect_int(beside, 8);
}

static void reused_processes_take_calls_beside_other_threads(void)
{
    beside = queue_with(
        &(struct drover_exchange_options){ .limit = 2, .reuse = true });
    drover_exchange_start(beside, task_double, NULL, args_of(3));
    expect_int(beside, 6);
    beside_a_thread(call_beside_a_thread);
    end(beside);
}

static void without_an_exchange_nothing_is_started(void)
{
    struct drover_outcome outcome;
    struct drover_managed managed = drover_manage(NULL, task_double, NULL);
    ASSERT_INT(drover_managed_call(&managed, "{s: i}", "n", 1), -EINVAL);
    ASSERT_INT(drover_exchange_start(NULL, task_double, NULL, args_of(1)),
               -EINVAL);
    ASSERT_INT(drover_exchange_send(NULL, 0, value_of(1)), -EINVAL);
    ASSERT_INT(drover_exchange_next(NULL, &outcome, 0, &err), -EINVAL);
    ASSERT_CONTAINS(err.message, "there is no exchange");
    ASSERT_INT(drover_exchange_get(NULL, 0, &outcome, 0, &err), -EINVAL);
    ASSERT_INT(drover_exchange_store(NULL, 0, &err), -EINVAL);
    ASSERT_INT(drover_exchange_finish(NULL, &err), -EINVAL);
    ASSERT_INT(drover_exchange_length(NULL), 0);
    ASSERT(!drover_exchange_busy(NULL));
    ASSERT(!drover_exchange_unfinished(NULL));
}

UNIT_CASES(CASE(without_an_exchange_nothing_is_started),
           CASE(calls_are_numbered_and_give_what_they_return),
           CASE(a_call_knows_its_context_and_its_index),
           CASE(each_call_may_have_a_context_of_its_own),
           CASE(arguments_that_are_no_map_make_an_outcome),
           CASE(each_element_makes_a_call), CASE(a_limit_is_between_1_and_1024),
           CASE(reused_processes_know_one_task_with_one_context),
           CASE(a_managed_task_is_called_with_a_format),
           CASE(arguments_of_a_declared_task_are_checked_and_completed),
           CASE(a_call_receives_what_it_is_sent_before_and_after_it_begins),
           CASE(what_is_no_value_is_not_sent),
           CASE(what_is_too_large_harms_no_other_call),
           CASE(beside_other_threads_calls_are_refused),
           CASE(reused_processes_take_calls_beside_other_threads))
