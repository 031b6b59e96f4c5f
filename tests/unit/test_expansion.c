/* A stage becomes calls: loops, types and references. */
#include <errno.h>
#include <string.h>

#include "job/expansion.h"
#include "planned.h"
#include "unit.h"

static const struct expansion_input no_input = { .folder = NULL };

/* --- Loops --------------------------------------------------------------- */

static void without_each_there_is_one_call(void)
{
    ASSERT_TEXT(planned_calls("    task: text.count\n"
                              "    with: {min_length: 3, file: x}\n"),
                "{\"file\":\"x\",\"min_length\":3}\n");
    ASSERT_INT(planned_total("    {task: text.count, with: {file: x}}\n"), 1);
}

static void the_first_name_is_the_outermost_loop(void)
{
    ASSERT_TEXT(
        planned_calls("    task: grid.calculate\n"
                      "    each: {j: {range: [0, 2]}, i: [7, -8, 9]}\n"),
        "{\"i\":7,\"j\":0,\"delay\":0.0}\n"
        "{\"i\":-8,\"j\":0,\"delay\":0.0}\n"
        "{\"i\":9,\"j\":0,\"delay\":0.0}\n"
        "{\"i\":7,\"j\":1,\"delay\":0.0}\n"
        "{\"i\":-8,\"j\":1,\"delay\":0.0}\n"
        "{\"i\":9,\"j\":1,\"delay\":0.0}\n");
}

static void ranges_are_those_of_python(void)
{
    ASSERT_TEXT(planned_calls("    task: types.take\n"
                              "    each: {digit: {range: [9, 0, -4]}}\n"
                              "    with: {any: '${digit}'}\n"),
                "{\"any\":9,\"digit\":9,\"real\":null,\"map\":null,\"bytes\":"
                "null,\"array\":null,\"digits\":null,\"maybe\":null,\"flag\":"
                "null}\n"
                "{\"any\":5,\"digit\":5,\"real\":null,\"map\":null,\"bytes\":"
                "null,\"array\":null,\"digits\":null,\"maybe\":null,\"flag\":"
                "null}\n"
                "{\"any\":1,\"digit\":1,\"real\":null,\"map\":null,\"bytes\":"
                "null,\"array\":null,\"digits\":null,\"maybe\":null,\"flag\":"
                "null}\n");
    ASSERT_TEXT(planned_calls("    task: grid.calculate\n"
                              "    each: {i: {range: [9223372036854775805, "
                              "9223372036854775807]}}\n"
                              "    with: {j: -9223372036854775808}\n"),
                "{\"i\":9223372036854775805,\"j\":-9223372036854775808,"
                "\"delay\":0.0}\n"
                "{\"i\":9223372036854775806,\"j\":-9223372036854775808,"
                "\"delay\":0.0}\n");
}

static void an_empty_factor_makes_no_calls(void)
{
    static const char stage[] = "    task: grid.calculate\n"
                                "    each: {i: {range: [0, 1000000000000]}, "
                                "j: []}\n";
    ASSERT_TEXT(planned_calls(stage), "");
    ASSERT_INT(planned_total(stage), 0);
    ASSERT_TEXT(planned_calls("    task: grid.calculate\n"
                              "    each: {i: {range: [5, 5]}, j: [1]}\n"),
                "");
}

static void the_total_is_the_product(void)
{
    ASSERT_INT(planned_total("    task: grid.calculate\n"
                             "    each: {i: {range: [0, 100000, 3]}, "
                             "j: {range: [0, 100000]}}\n"),
               3333400000);
    ASSERT(
        planned_total("    task: grid.calculate\n"
                      "    each: {i: {range: [0, 4294967296]}, j: {range: [0, "
                      "2147483648]}}\n") == UINT64_C(1) << 63);
    ASSERT(
        planned_total("    task: grid.calculate\n"
                      "    each: {i: {range: [0, 4294967296]}, j: {range: [0, "
                      "2147483649]}}\n") == UINT64_MAX);
    ASSERT(planned_total("    task: grid.calculate\n"
                         "    each: {i: {range: [-9223372036854775808, "
                         "9223372036854775807]}, j: [0]}\n") == UINT64_MAX);
}

/* --- Typing -------------------------------------------------------------- */

static void values_are_typed_by_what_is_expected(void)
{
    ASSERT_TEXT(
        planned_calls("    task: types.take\n"
                      "    with:\n"
                      "      any: {a: [1, yes, 010, 1.5, ~, true, 0x1F, "
                      "'1'], 2: {b: []}}\n"
                      "      real: 18446744073709551615\n"
                      "      map: {k: 18446744073709551615}\n"
                      "      digits: [1, 2]\n"
                      "      maybe: 1.10\n"
                      "      flag: False\n"),
        "{\"any\":{\"a\":[1,\"yes\",\"010\",1.5,null,true,31,\"1\"],"
        "\"2\":{\"b\":[]}},\"digit\":null,\"real\":"
        "1.8446744073709552e+19,\"map\":{\"k\":18446744073709551615},"
        "\"bytes\":null,\"array\":null,\"digits\":[1,2],\"maybe\":"
        "\"1.10\",\"flag\":false}\n");
}

static void items_of_lists_are_typed_where_they_go(void)
{
    ASSERT_TEXT(
        planned_calls("    task: shell.run\n"
                      "    each: {input: [2024, yes, null], x: [1.10]}\n"
                      "    with: {command: ['${x}', 'v${x}']}\n"),
        "{\"command\":[\"1.10\",\"v1.1\"],\"input\":\"2024\","
        "\"check\":false}\n"
        "{\"command\":[\"1.10\",\"v1.1\"],\"input\":\"yes\","
        "\"check\":false}\n"
        "{\"command\":[\"1.10\",\"v1.1\"],\"input\":null,"
        "\"check\":false}\n");
}

/* --- Substitution -------------------------------------------------------- */

static void a_lone_reference_keeps_its_type(void)
{
    ASSERT_TEXT(
        planned_calls("    task: shell.run\n"
                      "    each: {i: {range: [1, 3]}, f: [true]}\n"
                      "    with: {command: [echo, '${i}'], check: '${f}'}"
                      "\n"),
        "{\"command\":[\"echo\",\"1\"],\"input\":null,\"check\":true}"
        "\n"
        "{\"command\":[\"echo\",\"2\"],\"input\":null,\"check\":true}"
        "\n");
    ASSERT_TEXT(
        planned_calls("    task: grid.calculate\n"
                      "    each: {n: {range: [3, 4]}}\n"
                      "    with: {i: '${n}', j: '${n}', delay: '${n}'}\n"),
        "{\"i\":3,\"j\":3,\"delay\":3.0}\n");
}

static void inside_text_values_are_as_in_json(void)
{
    ASSERT_TEXT(
        planned_calls("    task: text.count\n"
                      "    each: {x: [1, 1.50, true, ~, a b, [1, x], {k: "
                      "v}], y: {range: [-5, -4]}}\n"
                      "    with: {file: '$$${x}$${x}/${y}'}\n"),
        "{\"file\":\"$1${x}/-5\",\"min_length\":1}\n"
        "{\"file\":\"$1.5${x}/-5\",\"min_length\":1}\n"
        "{\"file\":\"$true${x}/-5\",\"min_length\":1}\n"
        "{\"file\":\"$null${x}/-5\",\"min_length\":1}\n"
        "{\"file\":\"$a b${x}/-5\",\"min_length\":1}\n"
        "{\"file\":\"$[1,\\\"x\\\"]${x}/-5\",\"min_length\":1}\n"
        "{\"file\":\"${\\\"k\\\":\\\"v\\\"}${x}/-5\",\"min_length\":1}"
        "\n");
}

static void two_dollars_are_one(void)
{
    ASSERT_TEXT(planned_calls("    task: text.count\n"
                              "    with: {file: '$$HOME/$$$$'}\n"),
                "{\"file\":\"$HOME/$$\",\"min_length\":1}\n");
}

static void dollars_in_items_mean_nothing(void)
{
    ASSERT_TEXT(planned_calls("    task: text.count\n"
                              "    each: {file: ['$HOME', '$$', '${x}']}\n"),
                "{\"file\":\"$HOME\",\"min_length\":1}\n"
                "{\"file\":\"$$\",\"min_length\":1}\n"
                "{\"file\":\"${x}\",\"min_length\":1}\n");
}

static void references_work_at_any_depth(void)
{
    ASSERT_TEXT(
        planned_calls("    task: types.take\n"
                      "    each: {n: [2]}\n"
                      "    with: {map: {a: [{b: '${n}'}], c: 'n${n}'}}\n"),
        "{\"any\":null,\"digit\":null,\"real\":null,\"map\":{\"a\":[{"
        "\"b\":2}],\"c\":\"n2\"},\"bytes\":null,\"array\":null,"
        "\"digits\":null,\"maybe\":null,\"flag\":null}\n");
}

static void made_up_texts_are_read_where_a_number_is_expected(void)
{
    ASSERT_TEXT(planned_calls("    task: grid.calculate\n"
                              "    each: {n: [1, x]}\n"
                              "    with: {i: '${n}0', j: 0}\n"),
                "{\"i\":10,\"j\":0,\"delay\":0.0}\n"
                "job.yaml:7:15: stage a: parameter \"i\": expected an int, got "
                "the text \"x0\"\n");
    ASSERT_TEXT(planned_calls("    task: text.count\n"
                              "    each: {n: [0, 1]}\n"
                              "    with: {file: x, min_length: '${n}${n}'}\n"),
                "job.yaml:7:33: stage a: parameter \"min_length\": expected an "
                "int of at least 1, got the text \"00\"\n"
                "{\"file\":\"x\",\"min_length\":11}\n");
}

static void results_of_a_stage_are_one_list(void)
{
    struct planned planned =
        planned_make("    {task: text.count, with: {file: x}}\n"
                     "  b:\n"
                     "    task: text.merge\n"
                     "    each: {top: [1, 2]}\n"
                     "    with: {counts: '${a}'}\n");
    struct drover_builder *builder = drover_builder_create();
    struct drover_value results[2] = { { NULL, 0 }, { NULL, 0 } };
    const struct expansion_input input = { .results = results };
    struct expansion *expansion = NULL;
    struct drover_error err = { 0 };
    struct buffer out = BUFFER_INIT(4096);
    drover_build_pack(builder, "[{s: i}, {}]", "word", 3);
    ASSERT_INT(drover_builder_value(builder, &results[0], NULL), 0);
    ASSERT_INT(expansion_open(planned.plan, 1, &input, &expansion, &err), 0);
    planned_append_calls(expansion, &out);
    buffer_append(&out, "", 1);
    ASSERT_TEXT((char *)buffer_bytes(&out),
                "{\"counts\":[{\"word\":3},{}],\"top\":1}\n"
                "{\"counts\":[{\"word\":3},{}],\"top\":2}\n");
    expansion_close(expansion);
    drover_builder_reset(builder);
    drover_build_pack(builder, "[{}, i]", 5);
    ASSERT_INT(drover_builder_value(builder, &results[0], NULL), 0);
    ASSERT_INT(expansion_open(planned.plan, 1, &input, &expansion, &err),
               -EINVAL);
    ASSERT_TEXT(err.message,
                "job.yaml:9:20: stage b: parameter \"counts\": the results of "
                "stage a: element 2: expected a map, got the int 5");
    buffer_clear(&out);
    drover_builder_destroy(builder);
    planned_clear(&planned);
}

/* --- The buffer ---------------------------------------------------------- */

static void calls_are_appended_behind_what_is_there(void)
{
    struct planned planned = planned_make("    task: grid.calculate\n"
                                          "    each: {n: [1, x]}\n"
                                          "    with: {i: '${n}1', j: 2}\n");
    struct expansion *expansion = NULL;
    struct buffer args = BUFFER_INIT(4096);
    ASSERT_INT(expansion_open(planned.plan, 0, &no_input, &expansion, NULL), 0);
    buffer_append_text(&args, "xyz");
    buffer_consume(&args, 1);
    ASSERT_INT(expansion_next(expansion, &args, NULL), 1);
    size_t size = buffer_size(&args);
    ASSERT_INT(memcmp(buffer_bytes(&args), "yz", 2), 0);
    ASSERT_INT(expansion_next(expansion, &args, NULL), -EINVAL);
    ASSERT_INT(buffer_size(&args), size);
    expansion_close(expansion);
    buffer_clear(&args);
    planned_clear(&planned);
}

static void a_full_buffer_is_left_as_it_was(void)
{
    struct planned planned = planned_make("    task: grid.calculate\n"
                                          "    each: {i: [1], j: [2, 3]}\n");
    struct expansion *expansion = NULL;
    struct buffer args = BUFFER_INIT(10);
    struct drover_error err = { 0 };
    ASSERT_INT(expansion_open(planned.plan, 0, &no_input, &expansion, NULL), 0);
    ASSERT_INT(expansion_next(expansion, &args, &err), -EMSGSIZE);
    ASSERT_TEXT(err.message, "job.yaml:4:3: stage a: the arguments of a call "
                             "are too large");
    ASSERT_INT(buffer_size(&args), 0);
    expansion_close(expansion);
    buffer_clear(&args);
    planned_clear(&planned);
}

UNIT_CASES(CASE(without_each_there_is_one_call),
           CASE(the_first_name_is_the_outermost_loop),
           CASE(ranges_are_those_of_python),
           CASE(an_empty_factor_makes_no_calls), CASE(the_total_is_the_product),
           CASE(values_are_typed_by_what_is_expected),
           CASE(items_of_lists_are_typed_where_they_go),
           CASE(a_lone_reference_keeps_its_type),
           CASE(inside_text_values_are_as_in_json), CASE(two_dollars_are_one),
           CASE(dollars_in_items_mean_nothing),
           CASE(references_work_at_any_depth),
           CASE(made_up_texts_are_read_where_a_number_is_expected),
           CASE(results_of_a_stage_are_one_list),
           CASE(calls_are_appended_behind_what_is_there),
           CASE(a_full_buffer_is_left_as_it_was))
