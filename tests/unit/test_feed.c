/* Results of a stage on their way into calls of another one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/expansion.h"
#include "job_plugins.h"
#include "unit.h"
#include "value/encode.h"
#include "value/json.h"

/* --- Feeds --------------------------------------------------------------- */

static struct feed *begin(void)
{
    struct feed *feed = feed_create();
    ASSERT(feed != NULL);
    return feed;
}

static void add_int(struct feed *feed, int64_t i)
{
    struct buffer value = BUFFER_INIT(64);
    ASSERT_INT(value_put_int(&value, i), 0);
    ASSERT_INT(feed_add(feed, value_of_buffer(&value)), 0);
    buffer_clear(&value);
}

static void expect_int(struct feed *feed, int64_t expected)
{
    int64_t i = 0;
    ASSERT_INT(feed_next(feed), 1);
    ASSERT_INT(drover_value_get_int(feed_current(feed), &i), 0);
    ASSERT_INT(i, expected);
}

static void results_leave_in_the_order_in_which_they_came(void)
{
    struct feed *feed = begin();
    add_int(feed, 1);
    add_int(feed, 1000000);
    ASSERT_INT(feed_count(feed), 2);
    expect_int(feed, 1);
    add_int(feed, -7);
    ASSERT_INT(feed_count(feed), 2);
    expect_int(feed, 1000000);
    expect_int(feed, -7);
    ASSERT_INT(feed_count(feed), 0);
    feed_destroy(feed);
}

static void the_current_result_stays_while_others_come(void)
{
    struct feed *feed = begin();
    int64_t i = 0;
    add_int(feed, 5);
    expect_int(feed, 5);
    for (int k = 0; k < 10000; k++)
        add_int(feed, k);
    ASSERT_INT(drover_value_get_int(feed_current(feed), &i), 0);
    ASSERT_INT(i, 5);
    feed_destroy(feed);
}

static void an_empty_feed_is_waited_for_until_it_has_ended(void)
{
    struct feed *feed = begin();
    ASSERT_INT(feed_next(feed), -EAGAIN);
    add_int(feed, 1);
    feed_end(feed);
    ASSERT(feed_has_ended(feed));
    expect_int(feed, 1);
    ASSERT_INT(feed_next(feed), 0);
    feed_destroy(feed);
}

static void a_closed_feed_drops_everything(void)
{
    struct feed *feed = begin();
    add_int(feed, 1);
    feed_close(feed);
    add_int(feed, 2);
    ASSERT_INT(feed_count(feed), 0);
    ASSERT_INT(feed_next(feed), 0);
    feed_destroy(feed);
}

static void a_feed_is_full_from_a_limit_on_until_half_is_left(void)
{
    struct feed *feed = begin();
    for (int i = 0; i < FEED_RESULTS_MAX - 1; i++)
        add_int(feed, i);
    ASSERT(!feed_is_full(feed));
    add_int(feed, 0);
    ASSERT(feed_is_full(feed));
    for (int i = 0; i < FEED_RESULTS_MAX / 2 - 1; i++)
        ASSERT_INT(feed_next(feed), 1);
    ASSERT(feed_is_full(feed));
    ASSERT_INT(feed_next(feed), 1);
    ASSERT(!feed_is_full(feed));
    feed_destroy(feed);
}

static void few_large_results_fill_a_feed_too(void)
{
    struct feed *feed = begin();
    struct buffer value = BUFFER_INIT(FEED_BYTES_MAX);
    char *bytes = calloc(1, FEED_BYTES_MAX / 2);
    ASSERT_INT(value_put_bytes(&value, bytes, FEED_BYTES_MAX / 2), 0);
    ASSERT_INT(feed_add(feed, value_of_buffer(&value)), 0);
    ASSERT(!feed_is_full(feed));
    ASSERT_INT(feed_add(feed, value_of_buffer(&value)), 0);
    ASSERT(feed_is_full(feed));
    /* The one that is in use does not wait. */
    ASSERT_INT(feed_next(feed), 1);
    ASSERT_INT(feed_next(feed), 1);
    ASSERT(!feed_is_full(feed));
    free(bytes);
    buffer_clear(&value);
    feed_destroy(feed);
}

/* --- Stages that are fed ---------------------------------------------------
 */

/* A job whose last stage, b, is fed by a; and b's expansion. */
struct planned {
    struct problems problems;
    struct job *job;
    struct plan *plan;
    struct feed *feed;
    struct expansion *expansion;
};

static struct planned plan(const char *stages)
{
    struct planned planned = { .feed = begin() };
    const struct expansion_input input = { .feed = planned.feed };
    char text[4096];
    snprintf(text, sizeof text,
             "version: 1\n"
             "plugins: {grid: grid, text: text, shell: shell, types: types}\n"
             "stages:\n%s",
             stages);
    ASSERT_INT(problems_init(&planned.problems, "job.yaml"), 0);
    ASSERT_INT(job_parse("job.yaml", text, strlen(text), &planned.job,
                         &planned.problems),
               0);
    ASSERT_INT(plan_create(planned.job, job_plugins_declare(planned.job),
                           &planned.plan, &planned.problems),
               0);
    ASSERT_INT(
        expansion_open(planned.plan, 1, &input, &planned.expansion, NULL), 0);
    return planned;
}

static void clear(struct planned *planned)
{
    expansion_close(planned->expansion);
    plan_destroy(planned->plan);
    job_destroy(planned->job);
    problems_clear(&planned->problems);
    feed_destroy(planned->feed);
}

/* The next call as JSON, or the message why it cannot be made, or "". */
static const char *next_call(struct planned *planned)
{
    static char text[1024];
    struct buffer args = BUFFER_INIT(VALUE_LIMIT_BYTES), out = args;
    struct drover_error err;
    int status = expansion_next(planned->expansion, &args, &err);
    if (status == -EAGAIN)
        ASSERT_INT(expansion_descriptor(planned->expansion), -1);
    if (status > 0)
        value_print_json(&out, value_of_buffer(&args), 0);
    else if (status < 0)
        buffer_append_text(&out, status == -EAGAIN ? "(later)" : err.message);
    buffer_append(&out, "", 1);
    memcpy(text, buffer_bytes(&out), buffer_size(&out));
    buffer_clear(&args);
    buffer_clear(&out);
    return text;
}

#define A "  a: {task: grid.calculate, with: {i: 0, j: 0}}\n"

static void there_is_a_call_for_each_result(void)
{
    struct planned planned = plan(A "  b:\n"
                                    "    task: grid.calculate\n"
                                    "    each: {i: {stage: a}}\n"
                                    "    with: {j: 1}\n");
    ASSERT_INT(expansion_total(planned.expansion), UINT64_MAX);
    ASSERT_TEXT(next_call(&planned), "(later)");
    add_int(planned.feed, 4);
    ASSERT_TEXT(next_call(&planned), "{\"i\":4,\"j\":1,\"delay\":0.0}");
    ASSERT_TEXT(next_call(&planned), "(later)");
    add_int(planned.feed, 5);
    feed_end(planned.feed);
    ASSERT(!expansion_is_used_up(planned.expansion));
    ASSERT_TEXT(next_call(&planned), "{\"i\":5,\"j\":1,\"delay\":0.0}");
    ASSERT(expansion_is_used_up(planned.expansion));
    ASSERT_TEXT(next_call(&planned), "");
    clear(&planned);
}

static void other_names_are_loops_inside_of_each_result(void)
{
    struct planned planned = plan(A "  b:\n"
                                    "    task: types.take\n"
                                    "    each: {any: {stage: a}, x: [p, q],\n"
                                    "           digit: {range: [0, 2]}}\n"
                                    "    with: {maybe: '${x}${any}'}\n");
    ASSERT_INT(expansion_supply(planned.expansion), 0);
    add_int(planned.feed, 4);
    add_int(planned.feed, 5);
    ASSERT_INT(expansion_supply(planned.expansion), 8);
    ASSERT_CONTAINS(next_call(&planned), "\"any\":4,\"digit\":0");
    ASSERT_INT(expansion_supply(planned.expansion), 7);
    ASSERT_CONTAINS(next_call(&planned), "\"maybe\":\"p4\"");
    ASSERT_CONTAINS(next_call(&planned), "\"maybe\":\"q4\"");
    feed_end(planned.feed);
    ASSERT_CONTAINS(next_call(&planned), "\"any\":4,\"digit\":1");
    ASSERT_INT(expansion_supply(planned.expansion), 4);
    ASSERT_CONTAINS(next_call(&planned), "\"any\":5,\"digit\":0");
    for (int left = 3; left > 0; left--) {
        ASSERT_INT(expansion_supply(planned.expansion), left);
        ASSERT(!expansion_is_used_up(planned.expansion));
        ASSERT_CONTAINS(next_call(&planned), "\"any\":5");
    }
    ASSERT(expansion_is_used_up(planned.expansion));
    ASSERT_TEXT(next_call(&planned), "");
    clear(&planned);
}

static void an_empty_loop_inside_makes_no_calls(void)
{
    struct planned planned = plan(A "  b:\n"
                                    "    task: grid.calculate\n"
                                    "    each: {i: {stage: a}, j: []}\n");
    add_int(planned.feed, 4);
    ASSERT_INT(expansion_supply(planned.expansion), 0);
    ASSERT(expansion_is_used_up(planned.expansion));
    ASSERT_TEXT(next_call(&planned), "");
    clear(&planned);
}

static void what_is_not_declared_is_checked_when_it_comes(void)
{
    struct planned planned = plan("  a: {task: types.take}\n"
                                  "  b:\n"
                                  "    task: grid.calculate\n"
                                  "    each: {i: {stage: a}, j: [1]}\n"
                                  "    with: {delay: '${i}'}\n");
    struct buffer text = BUFFER_INIT(64);
    ASSERT_INT(value_put_text(&text, "seven", 5), 0);
    ASSERT_INT(feed_add(planned.feed, value_of_buffer(&text)), 0);
    add_int(planned.feed, 7);
    ASSERT_TEXT(next_call(&planned),
                "job.yaml:7:12: stage b: parameter \"i\": expected an int, got "
                "the text \"seven\" (result 1 of stage a)");
    /* An int will do for a float, here as anywhere. */
    ASSERT_TEXT(next_call(&planned), "{\"i\":7,\"j\":1,\"delay\":7}");
    buffer_clear(&text);
    clear(&planned);
}

UNIT_CASES(CASE(results_leave_in_the_order_in_which_they_came),
           CASE(the_current_result_stays_while_others_come),
           CASE(an_empty_feed_is_waited_for_until_it_has_ended),
           CASE(a_closed_feed_drops_everything),
           CASE(a_feed_is_full_from_a_limit_on_until_half_is_left),
           CASE(few_large_results_fill_a_feed_too),
           CASE(there_is_a_call_for_each_result),
           CASE(other_names_are_loops_inside_of_each_result),
           CASE(an_empty_loop_inside_makes_no_calls),
           CASE(what_is_not_declared_is_checked_when_it_comes))
