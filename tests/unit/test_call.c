/* The call that a task is given: its arguments, what comes of asking for them
 * wrongly, and its random numbers. */
#include <stdio.h>

#include "probe.h"
#include "unit.h"

/* --- Arguments ----------------------------------------------------------- */

static void getters_give_the_arguments(void)
{
    struct probe probe;
    probe_begin(&probe);
    struct drover_call *call = &probe.call;
    ASSERT(drover_arg_bool(call, "flag"));
    ASSERT_INT(drover_arg_int(call, "count"), -5);
    ASSERT(drover_arg_float(call, "ratio") == 2.5);
    ASSERT(drover_arg_float(call, "count") == -5);
    ASSERT_TEXT(drover_arg_text(call, "name"), "x\xc3\xa4");
    ASSERT(drover_arg_text(call, "name") == drover_arg_text(call, "name"));
    ASSERT_INT(drover_value_count(drover_arg_value(call, "items")), 1);
    ASSERT(drover_arg_given(call, "flag"));
    ASSERT(!drover_arg_given(call, "maybe"));
    ASSERT_INT(drover_value_type(drover_arg_value(call, "maybe")), DROVER_NULL);
    ASSERT_INT(drover_value_count(drover_call_args(call)), 6);
    ASSERT_INT(drover_call_index(call), 1234567890123);
    ASSERT(!call->failed);
    probe_end(&probe);
}

static void texts_end_with_their_call(void)
{
    struct probe probe;
    struct bytes other;
    probe_begin(&probe);
    ASSERT_TEXT(drover_arg_text(&probe.call, "name"), "x\xc3\xa4");
    call_end(&probe.call);
    call_begin(&probe.call, &probe.task,
               value_of_hex(&other, "a4 64666c6167f4 65636f756e7400"
                                    "65726174696f00 646e616d656179"));
    ASSERT_TEXT(drover_arg_text(&probe.call, "name"), "y");
    ASSERT(!drover_arg_bool(&probe.call, "flag"));
    probe_end(&probe);
}

static void the_wrong_getter_gives_nothing_and_fails_the_call(void)
{
    struct probe probe;
    probe_begin(&probe);
    ASSERT(!drover_arg_bool(&probe.call, "count"));
    probe_expect_failure(&probe,
                         "task probe asked for the argument \"count\" as "
                         "bool, it is int");
    probe_begin(&probe);
    ASSERT_INT(drover_arg_int(&probe.call, "ratio"), 0);
    probe_expect_failure(&probe,
                         "task probe asked for the argument \"ratio\" as "
                         "int, it is float");
    probe_begin(&probe);
    ASSERT(drover_arg_float(&probe.call, "name") == 0);
    probe_expect_failure(&probe,
                         "task probe asked for the argument \"name\" as "
                         "float, it is text");
    probe_begin(&probe);
    ASSERT_TEXT(drover_arg_text(&probe.call, "maybe"), "");
    probe_expect_failure(&probe,
                         "task probe asked for the argument \"maybe\" as "
                         "text, it is null");
}

static void an_undeclared_argument_gives_nothing_and_fails_the_call(void)
{
    static const char words[] = "task probe asked for the argument \"colour\", "
                                "which it does not declare";
    struct probe probe;
    probe_begin(&probe);
    ASSERT(!drover_arg_bool(&probe.call, "colour"));
    probe_expect_failure(&probe, words);
    probe_begin(&probe);
    ASSERT_INT(drover_arg_int(&probe.call, "colour"), 0);
    probe_expect_failure(&probe, words);
    probe_begin(&probe);
    ASSERT(drover_arg_float(&probe.call, "colour") == 0);
    probe_expect_failure(&probe, words);
    probe_begin(&probe);
    ASSERT_TEXT(drover_arg_text(&probe.call, "colour"), "");
    probe_expect_failure(&probe, words);
    probe_begin(&probe);
    ASSERT_INT(drover_arg_value(&probe.call, "colour").size, 0);
    probe_expect_failure(&probe, words);
    probe_begin(&probe);
    ASSERT(!drover_arg_given(&probe.call, "colour"));
    probe_expect_failure(&probe, words);
}

static void the_first_mistake_is_the_one_that_is_told(void)
{
    struct probe probe;
    probe_begin(&probe);
    drover_arg_int(&probe.call, "first");
    drover_arg_int(&probe.call, "second");
    call_judge(&probe.call, 3);
    probe_expect_failure(&probe,
                         "task probe asked for the argument \"first\", which "
                         "it does not declare");
}

static void a_mistake_is_told_in_valid_utf_8(void)
{
    struct probe probe;
    probe_begin(&probe);
    drover_arg_int(&probe.call, "\xff");
    probe_expect_failure(&probe, "task probe asked for the argument \"");
}

/* --- Without a declaration ----------------------------------------------- */

/* n: 7, x: 2.5, s: "ab", no: null, nul: "a\\0" */
static const char free_hex[] = "a5 616e07 6178fb4004000000000000 6173626162"
                               "626e6ff6 636e756c626100";

static void begin_free(struct probe *probe)
{
    static int context;
    probe_begin_task(probe, &(struct worker_task){ .context = &context },
                     free_hex);
    ASSERT(drover_call_context(&probe->call) == &context);
}

static void arguments_are_found_without_a_declaration(void)
{
    struct probe probe;
    begin_free(&probe);
    struct drover_call *call = &probe.call;
    ASSERT_INT(drover_arg_int(call, "n"), 7);
    ASSERT(drover_arg_float(call, "n") == 7);
    ASSERT(drover_arg_float(call, "x") == 2.5);
    ASSERT_TEXT(drover_arg_text(call, "s"), "ab");
    ASSERT(drover_arg_text(call, "s") == drover_arg_text(call, "s"));
    ASSERT(drover_arg_given(call, "s"));
    ASSERT(!drover_arg_given(call, "no"));
    ASSERT(!drover_arg_given(call, "nothing"));
    ASSERT_INT(drover_value_count(drover_call_args(call)), 5);
    ASSERT(!call->failed);
    probe_end(&probe);
}

static void what_is_missing_or_of_another_type_fails_the_call(void)
{
    struct probe probe;
    begin_free(&probe);
    ASSERT_INT(drover_arg_int(&probe.call, "i"), 0);
    probe_expect_failure(&probe, "the call has no argument \"i\"");
    begin_free(&probe);
    ASSERT_TEXT(drover_arg_text(&probe.call, "i"), "");
    probe_expect_failure(&probe, "the call has no argument \"i\"");
    begin_free(&probe);
    ASSERT_INT(drover_arg_value(&probe.call, "i").size, 0);
    probe_expect_failure(&probe, "the call has no argument \"i\"");
    begin_free(&probe);
    ASSERT_INT(drover_arg_int(&probe.call, "s"), 0);
    probe_expect_failure(&probe,
                         "the task asked for the argument \"s\" as int, it "
                         "is text");
    begin_free(&probe);
    ASSERT_TEXT(drover_arg_text(&probe.call, "nul"), "");
    probe_expect_failure(&probe, "the argument \"nul\" has a NUL inside");
}

static void a_task_without_a_name_is_the_task_in_messages(void)
{
    struct probe probe;
    begin_free(&probe);
    call_judge(&probe.call, 3);
    probe_expect_failure(&probe, "the task returned 3 without a message");
    begin_free(&probe);
    drover_return_text(&probe.call, "whatever");
    call_judge(&probe.call, 0);
    ASSERT(!probe.call.failed);
    probe_end(&probe);
}

static void no_arguments_are_an_empty_map(void)
{
    struct probe probe;
    probe_begin_task(&probe, &(struct worker_task){ .name = "free" }, "");
    struct drover_value args = drover_call_args(&probe.call);
    ASSERT_INT(drover_value_type(args), DROVER_MAP);
    ASSERT_INT(drover_value_count(args), 0);
    ASSERT(!drover_arg_given(&probe.call, "n"));
    ASSERT(!probe.call.failed);
    ASSERT(drover_call_context(&probe.call) == NULL);
    probe_end(&probe);
}

static void there_may_be_more_arguments_than_a_declaration_has(void)
{
    enum { COUNT = 3 * DROVER_PARAMS_MAX };
    struct probe probe;
    struct drover_builder *builder = drover_builder_create();
    struct drover_value args;
    char name[8];
    drover_build_map_begin(builder);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "n%d", i);
        drover_build_text(builder, name);
        drover_build_int(builder, i);
    }
    drover_build_map_end(builder);
    ASSERT_INT(drover_builder_value(builder, &args, NULL), 0);
    begin_free(&probe);
    call_end(&probe.call);
    call_begin(&probe.call, &(struct worker_task){ 0 }, args);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "n%d", i);
        ASSERT_INT(drover_arg_int(&probe.call, name), i);
    }
    ASSERT(!probe.call.failed);
    probe_end(&probe);
    drover_builder_destroy(builder);
}

/* --- Randomness ---------------------------------------------------------- */

static uint64_t seed_of(const struct worker_task *of, const char *args,
                        uint64_t index, uint64_t run_seed)
{
    struct probe probe;
    probe_begin_task(&probe, of, args);
    probe.call.index = index;
    probe.call.run_seed = run_seed;
    uint64_t seed = drover_call_seed(&probe.call);
    probe_end(&probe);
    return seed;
}

static void a_seed_comes_from_the_run_the_task_and_the_arguments(void)
{
    struct worker_task of = probe_task(&probe_declared),
                       other = probe_task(&probe_declared);
    other.build_id = "5678";
    uint64_t seed = seed_of(&of, "a1616e07", 1, 0);
    ASSERT(seed_of(&of, "a1616e07", 2, 0) == seed);
    ASSERT(seed_of(&of, "a1616e07", 1, 3) != seed);
    ASSERT(seed_of(&of, "a1616e08", 1, 0) != seed);
    ASSERT(seed_of(&other, "a1616e07", 1, 0) != seed);
}

static void without_a_plugin_it_comes_from_the_index_too(void)
{
    const struct worker_task of = { 0 };
    uint64_t seed = seed_of(&of, "a1616e07", 1, 0);
    ASSERT(seed_of(&of, "a1616e07", 1, 0) == seed);
    ASSERT(seed_of(&of, "a1616e07", 2, 0) != seed);
    ASSERT(seed_of(&of, "a1616e08", 1, 0) != seed);
    ASSERT(seed_of(&of, "a1616e07", 1, 9) != seed);
}

static void random_numbers_begin_anew_with_each_call(void)
{
    struct probe probe;
    uint64_t first[3];
    probe_begin(&probe);
    for (int i = 0; i < 3; i++)
        first[i] = drover_call_random(&probe.call);
    ASSERT(first[0] != first[1] && first[1] != first[2]);
    call_end(&probe.call);
    call_begin(&probe.call, &probe.task, value_of_hex(&probe.args, probe_args));
    for (int i = 0; i < 3; i++)
        ASSERT(drover_call_random(&probe.call) == first[i]);
    probe_end(&probe);
}

static void fractions_fill_the_unit_interval(void)
{
    enum { COUNT = 10000 };
    struct probe probe;
    double sum = 0, least = 1, most = 0;
    probe_begin(&probe);
    for (int i = 0; i < COUNT; i++) {
        double x = drover_call_random_unit(&probe.call);
        ASSERT(x >= 0 && x < 1);
        least = x < least ? x : least;
        most = x > most ? x : most;
        sum += x;
    }
    ASSERT(least < 0.01 && most > 0.99);
    ASSERT(sum > 0.48 * COUNT && sum < 0.52 * COUNT);
    probe_end(&probe);
}

UNIT_CASES(CASE(getters_give_the_arguments), CASE(texts_end_with_their_call),
           CASE(the_wrong_getter_gives_nothing_and_fails_the_call),
           CASE(an_undeclared_argument_gives_nothing_and_fails_the_call),
           CASE(the_first_mistake_is_the_one_that_is_told),
           CASE(a_mistake_is_told_in_valid_utf_8),
           CASE(arguments_are_found_without_a_declaration),
           CASE(what_is_missing_or_of_another_type_fails_the_call),
           CASE(a_task_without_a_name_is_the_task_in_messages),
           CASE(no_arguments_are_an_empty_map),
           CASE(there_may_be_more_arguments_than_a_declaration_has),
           CASE(a_seed_comes_from_the_run_the_task_and_the_arguments),
           CASE(without_a_plugin_it_comes_from_the_index_too),
           CASE(random_numbers_begin_anew_with_each_call),
           CASE(fractions_fill_the_unit_interval))
