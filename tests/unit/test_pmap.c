/* Calling a task for each element of a list: drover_pmap(). */
#include <errno.h>

#include "tasks.h"
#include "unit.h"

static struct drover_error err;
static struct drover_builder *values;
static struct drover_builder *results;

static void begin(void)
{
    values = drover_builder_create();
    results = drover_builder_create();
}

static void end(void)
{
    drover_builder_destroy(values);
    drover_builder_destroy(results);
}

static void results_are_in_the_order_of_the_values(void)
{
    struct drover_value list, value;
    begin();
    for (unsigned limit = 0; limit < 4; limit++) {
        drover_builder_reset(results);
        ASSERT_INT(drover_pmap(task_double, NULL, "n", list_of(values, 1, 20),
                               limit, results, &err),
                   0);
        ASSERT_INT(drover_builder_value(results, &list, &err), 0);
        ASSERT_INT(drover_value_count(list), 20);
        for (int i = 0; i < 20; i++) {
            ASSERT_INT(drover_list_get(list, (size_t)i, &value), 0);
            ASSERT_INT(int_of(value), 2 * (i + 1));
        }
    }
    end();
}

static void of_no_values_there_are_no_results(void)
{
    struct drover_value list;
    begin();
    ASSERT_INT(drover_pmap(task_double, NULL, "n", list_of(values, 1, 0), 0,
                           results, &err),
               0);
    ASSERT_INT(drover_builder_value(results, &list, &err), 0);
    ASSERT_INT(drover_value_type(list), DROVER_LIST);
    ASSERT_INT(drover_value_count(list), 0);
    end();
}

static int add_context(struct drover_call *call)
{
    const int64_t *more = drover_call_context(call);
    return drover_return_int(call, drover_arg_int(call, "x") + *more);
}

static void results_are_added_to_what_is_there(void)
{
    int64_t more = 100, number = 0, first = 0, second = 0;
    struct drover_value list;
    begin();
    drover_build_list_begin(results);
    drover_build_int(results, 5);
    ASSERT_INT(drover_pmap(add_context, &more, "x", list_of(values, 1, 2), 1,
                           results, &err),
               0);
    drover_build_list_end(results);
    ASSERT_INT(drover_builder_value(results, &list, &err), 0);
    ASSERT_INT(drover_value_unpack(list, &err, "[I, [I, I]]", &number, &first,
                                   &second),
               0);
    ASSERT_INT(number, 5);
    ASSERT_INT(first, 101);
    ASSERT_INT(second, 102);
    end();
}

static int return_nothing(struct drover_call *call)
{
    (void)call;
    return 0;
}

static void a_task_that_returns_nothing_gives_null(void)
{
    struct drover_value list, value;
    begin();
    ASSERT_INT(drover_pmap(return_nothing, NULL, "n", list_of(values, 1, 2), 0,
                           results, &err),
               0);
    ASSERT_INT(drover_builder_value(results, &list, &err), 0);
    ASSERT_INT(drover_list_get(list, 1, &value), 0);
    ASSERT_INT(drover_value_type(value), DROVER_NULL);
    end();
}

static void when_calls_fail_nothing_is_added(void)
{
    struct drover_value value;
    begin();
    ASSERT_INT(drover_pmap(task_end, NULL, "n", list_of(values, 0, ENDINGS - 1),
                           2, results, &err),
               -EREMOTEIO);
    ASSERT_INT(err.code, EREMOTEIO);
    ASSERT_TEXT(err.message,
                "4 of 5 calls failed, first call 1 {\"n\":1}: no more");
    ASSERT(drover_builder_value(results, &value, NULL) < 0);
    end();
}

static void what_cannot_be_called_is_refused(void)
{
    begin();
    ASSERT_INT(
        drover_pmap(task_double, NULL, "n", value_of(1), 2, results, &err),
        -EINVAL);
    ASSERT_TEXT(err.message, "the values are int, expected a list");
    ASSERT_INT(drover_pmap(task_double, NULL, "n", list_of(values, 1, 2), 9999,
                           results, &err),
               -EINVAL);
    ASSERT_CONTAINS(err.message, "a limit of 9999");
    ASSERT_INT(drover_pmap(task_double, NULL, "\xff", list_of(values, 1, 2), 1,
                           results, &err),
               -EINVAL);
    ASSERT_CONTAINS(err.message, "cannot make the arguments \"");
    end();
}

UNIT_CASES(CASE(results_are_in_the_order_of_the_values),
           CASE(of_no_values_there_are_no_results),
           CASE(results_are_added_to_what_is_there),
           CASE(a_task_that_returns_nothing_gives_null),
           CASE(when_calls_fail_nothing_is_added),
           CASE(what_cannot_be_called_is_refused))
