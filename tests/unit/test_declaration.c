#include "unit.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/declaration.h"

static int run(struct drover_call *call)
{
    (void)call;
    return 0;
}

static const struct drover_task tasks[] = {
    { .name = "count",
      .run = run,
      .summary = "Counts",
      .params = DROVER_PARAMS(
          { .name = "file", .type = DROVER_TEXT, .doc = "what to read" },
          { .name = "min_length",
            .type = DROVER_INT,
            .fallback = "1",
            .min = 1,
            .max = INFINITY,
            .unit = "letter" },
          { .name = "words",
            .type = DROVER_LIST,
            .items = DROVER_TEXT,
            .optional = true }),
      .result = { .type = DROVER_ARRAY, .shape = "rows", .doc = "counts" },
      .flags = DROVER_REUSABLE },
    { .name = "nothing", .run = run },
};

static struct drover_plugin plugin_of(const struct drover_task *table,
                                      uint32_t count)
{
    return (struct drover_plugin){
        .magic = DROVER_PLUGIN_MAGIC,
        .abi_major = DROVER_ABI_MAJOR,
        .size = sizeof(struct drover_plugin),
        .task_stride = sizeof(struct drover_task),
        .param_stride = sizeof(struct drover_param),
        .task_count = count,
        .name = "text",
        .version = "1.0",
        .summary = "Texts",
        .tasks = table,
    };
}

/* --- Encoding and decoding ------------------------------------------------ */

static struct drover_value encode(struct drover_builder *builder,
                                  const struct drover_plugin *plugin)
{
    struct drover_value value = { NULL, 0 };
    declaration_encode(builder, plugin, "/lib/text.so", "ab12");
    ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
    return value;
}

static void a_declaration_is_decoded_as_it_was_encoded(void)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_plugin plugin = plugin_of(tasks, 2);
    struct declaration *declaration = NULL;
    ASSERT_INT(declaration_decode(encode(builder, &plugin), &declaration, NULL),
               0);
    drover_builder_destroy(builder);
    ASSERT_TEXT(declaration->name, "text");
    ASSERT_TEXT(declaration->version, "1.0");
    ASSERT_TEXT(declaration->summary, "Texts");
    ASSERT_TEXT(declaration->path, "/lib/text.so");
    ASSERT_TEXT(declaration->build_id, "ab12");
    ASSERT_INT(declaration->task_count, 2);
    const struct drover_task *count =
        declaration_find_task(declaration, "count");
    ASSERT(count == &declaration->tasks[0]);
    ASSERT_TEXT(count->summary, "Counts");
    ASSERT_INT(count->flags, DROVER_REUSABLE);
    ASSERT_INT(count->result.type, DROVER_ARRAY);
    ASSERT_TEXT(count->result.shape, "rows");
    ASSERT_TEXT(count->result.doc, "counts");
    ASSERT_INT(declaration_param_count(count), 3);
    ASSERT_TEXT(count->params[0].doc, "what to read");
    ASSERT(count->params[0].fallback == NULL);
    ASSERT(declaration_is_required(&count->params[0]));
    const struct drover_param *length =
        declaration_find_param(count, "min_length");
    ASSERT(length == &count->params[1]);
    ASSERT_INT(length->type, DROVER_INT);
    ASSERT_TEXT(length->fallback, "1");
    ASSERT_TEXT(length->unit, "letter");
    ASSERT(length->min == 1 && isinf(length->max));
    ASSERT(!declaration_is_required(length));
    ASSERT_INT(count->params[2].items, DROVER_TEXT);
    ASSERT(count->params[2].optional);
    ASSERT_INT(declaration_param_count(&declaration->tasks[1]), 0);
    ASSERT(declaration_find_param(count, "nothing") == NULL);
    ASSERT(declaration_find_task(declaration, "cuont") == NULL);
    declaration_destroy(declaration);
}

/* A plugin whose structs have grown a field at their end. */
struct large_param {
    struct drover_param param;
    double more;
};
struct large_task {
    struct drover_task task;
    double more[2];
};

static void strides_larger_than_our_structs_are_respected(void)
{
    static const struct large_param params[] = {
        { { .name = "a", .type = DROVER_INT }, 7 },
        { { .name = "b", .type = DROVER_BOOL }, 7 },
        { { .name = NULL }, 7 },
    };
    static const struct large_task large[] = {
        { { .name = "one", .run = run, .params = &params[0].param }, { 7 } },
        { { .name = "two", .run = run, .params = &params[0].param }, { 7 } },
    };
    struct drover_builder *builder = drover_builder_create();
    struct drover_plugin plugin = plugin_of(&large[0].task, 2);
    plugin.task_stride = sizeof(struct large_task);
    plugin.param_stride = sizeof(struct large_param);
    struct declaration *declaration = NULL;
    ASSERT_INT(declaration_check_plugin(&plugin, NULL), 0);
    ASSERT_INT(declaration_decode(encode(builder, &plugin), &declaration, NULL),
               0);
    drover_builder_destroy(builder);
    ASSERT_TEXT(declaration->tasks[1].name, "two");
    ASSERT_INT(declaration_param_count(&declaration->tasks[1]), 2);
    ASSERT_TEXT(declaration->tasks[1].params[1].name, "b");
    declaration_destroy(declaration);
}

static void every_flipped_bit_is_refused_or_decoded_safely(void)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_plugin plugin = plugin_of(tasks, 2);
    struct drover_value good = encode(builder, &plugin);
    uint8_t *bytes = malloc(good.size);
    ASSERT(bytes != NULL);
    size_t decoded = 0, refused = 0;
    memcpy(bytes, good.data, good.size);
    for (size_t bit = 0; bit < good.size * 8; bit++) {
        struct drover_value value = { bytes, good.size };
        struct declaration *declaration = NULL;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (drover_value_check(value, NULL) == 0) {
            int status = declaration_decode(value, &declaration, NULL);
            ASSERT(status == 0 || status == -EPROTO);
            ASSERT((status == 0) == (declaration != NULL));
            status == 0 ? decoded++ : refused++;
            declaration_destroy(declaration);
        }
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ASSERT(decoded > 0);
    ASSERT(refused > 0);
    free(bytes);
    drover_builder_destroy(builder);
}

static void expect_decode_refuses(const char *message, const char *format, ...)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value = { NULL, 0 };
    struct drover_error err = { 0 };
    struct declaration *declaration = NULL;
    va_list arguments;
    va_start(arguments, format);
    drover_build_pack_v(builder, format, arguments);
    va_end(arguments);
    ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
    ASSERT_INT(declaration_decode(value, &declaration, &err), -EPROTO);
    ASSERT_INT(err.code, EPROTO);
    ASSERT_CONTAINS(err.message, message);
    ASSERT(declaration == NULL);
    drover_builder_destroy(builder);
}

static void decode_refuses_what_is_no_declaration(void)
{
    expect_decode_refuses("tasks", "[i, i]", 1, 2);
    expect_decode_refuses("tasks", "{s: s}", "name", "text");
    expect_decode_refuses("\"name\"", "{s: i, s: []}", "name", 5, "tasks");
    expect_decode_refuses("its file", "{s: s, s: []}", "name", "text", "tasks");
    expect_decode_refuses("for a map", "{s: [i]}", "tasks", 5);
    expect_decode_refuses("params", "{s: [{s: s}]}", "tasks", "name", "a");
    expect_decode_refuses("result", "{s: [{s: s, s: []}]}", "tasks", "name",
                          "a", "params");
    expect_decode_refuses("for a map", "{s: [{s: s, s: [], s: i}]}", "tasks",
                          "name", "a", "params", "result", 5);
    expect_decode_refuses("\"type\"", "{s: [{s: s, s: [{s: s, s: s}], s: {}}]}",
                          "tasks", "name", "a", "params", "name", "p", "type",
                          "inty", "result");
    expect_decode_refuses("without a name", "{s: [{s: s, s: [{s: s}], s: {}}]}",
                          "tasks", "name", "a", "params", "type", "int",
                          "result");
    expect_decode_refuses("\"flags\"", "{s: [{s: s, s: i, s: [], s: {}}]}",
                          "tasks", "name", "a", "flags", -1, "params",
                          "result");
    expect_decode_refuses("\"name\"", "{s: S, s: []}", "name", "te\0xt",
                          (size_t)5, "tasks");
}

static void decode_checks_what_the_plugin_check_does(void)
{
    expect_decode_refuses("letters",
                          "{s: s, s: s, s: s, s: [{s: s, s: [], s: {}}]}",
                          "name", "text", "path", "/a", "build_id", "1",
                          "tasks", "name", "No Name", "params", "result");
    expect_decode_refuses("fallback",
                          "{s: s, s: s, s: s, s: [{s: s, s: [{s: s, s: s, s: "
                          "s}], s: {}}]}",
                          "name", "text", "path", "/a", "build_id", "1",
                          "tasks", "name", "a", "params", "name", "p", "type",
                          "int", "fallback", "x", "result");
}

/* --- The check of a plugin ------------------------------------------------ */

static void expect_task_refused(const struct drover_task *task,
                                const char *message)
{
    struct drover_error err = { 0 };
    struct drover_plugin plugin = plugin_of(task, 1);
    ASSERT_INT(declaration_check_plugin(&plugin, &err), -EINVAL);
    ASSERT_CONTAINS(err.message, message);
}

static void expect_param_refused(struct drover_param param, const char *message)
{
    const struct drover_param params[] = { param, { .name = NULL } };
    struct drover_task task = { .name = "a", .run = run, .params = params };
    expect_task_refused(&task, message);
}

static void a_good_plugin_passes(void)
{
    struct drover_error err = { 0 };
    struct drover_plugin plugin = plugin_of(tasks, 2);
    ASSERT_INT(declaration_check_plugin(&plugin, &err), 0);
    ASSERT_TEXT(err.message, "");
}

static void the_check_refuses_bad_heads(void)
{
    struct drover_error err = { 0 };
    struct drover_plugin plugin = plugin_of(tasks, 2);
    plugin.name = "Text";
    ASSERT_INT(declaration_check_plugin(&plugin, &err), -EINVAL);
    plugin = plugin_of(tasks, 2);
    plugin.summary = "\xff";
    ASSERT_INT(declaration_check_plugin(&plugin, &err), -EINVAL);
    ASSERT_TEXT(err.message, "its summary is not valid UTF-8");
    plugin = plugin_of(tasks, 257);
    ASSERT_INT(declaration_check_plugin(&plugin, &err), -EINVAL);
    ASSERT_TEXT(err.message, "257 tasks, more than 256");
    plugin = plugin_of(NULL, 1);
    ASSERT_INT(declaration_check_plugin(&plugin, &err), -EINVAL);
    plugin = plugin_of(tasks, 2);
    plugin.param_stride = 8;
    ASSERT_INT(declaration_check_plugin(&plugin, &err), -EINVAL);
    ASSERT_CONTAINS(err.message, "smaller");
}

static void the_check_refuses_bad_tasks(void)
{
    struct drover_task task = { .name = NULL, .run = run };
    expect_task_refused(&task, "no name");
    task.name = "a-b";
    expect_task_refused(&task, "letters");
    task = (struct drover_task){ .name = "a" };
    expect_task_refused(&task, "no run function");
    task = (struct drover_task){ .name = "a", .run = run, .flags = 4 };
    expect_task_refused(&task, "flags");
    task = (struct drover_task){ .name = "a", .run = run };
    task.result.type = (enum drover_type)99;
    expect_task_refused(&task, "task 1 (a): result: its type 99");
    struct drover_task twice[] = { { .name = "a", .run = run },
                                   { .name = "a", .run = run } };
    struct drover_plugin plugin = plugin_of(twice, 2);
    struct drover_error err = { 0 };
    ASSERT_INT(declaration_check_plugin(&plugin, &err), -EINVAL);
    ASSERT_TEXT(err.message, "task 2 (a): it is there twice");
}

static void the_check_refuses_bad_parameters(void)
{
    expect_param_refused((struct drover_param){ .name = "1" }, "letters");
    expect_param_refused(
        (struct drover_param){ .name = "p", .type = (enum drover_type)10 },
        "task 1 (a): parameter 1 (p): its type 10");
    expect_param_refused(
        (struct drover_param){ .name = "p", .type = DROVER_NULL }, "null");
    expect_param_refused((struct drover_param){ .name = "p",
                                                .type = DROVER_INT,
                                                .items = DROVER_INT },
                         "items");
    expect_param_refused(
        (struct drover_param){ .name = "p", .type = DROVER_TEXT, .max = 5 },
        "no number");
    expect_param_refused(
        (struct drover_param){
            .name = "p", .type = DROVER_INT, .min = 5, .max = 4 },
        "range is 5 to 4");
    expect_param_refused((struct drover_param){ .name = "p",
                                                .type = DROVER_FLOAT,
                                                .max = (double)NAN },
                         "range");
    expect_param_refused((struct drover_param){ .name = "p",
                                                .type = DROVER_INT,
                                                .fallback = "1",
                                                .optional = true },
                         "optional and has a fallback");
    expect_param_refused((struct drover_param){ .name = "p",
                                                .type = DROVER_TEXT,
                                                .doc = "\xc0\x80" },
                         "its doc is not valid UTF-8");
}

static void the_check_counts_parameters(void)
{
    static char names[DROVER_PARAMS_MAX + 1][4];
    struct drover_param params[DROVER_PARAMS_MAX + 2] = { 0 };
    struct drover_task task = { .name = "a", .run = run, .params = params };
    for (size_t i = 0; i <= DROVER_PARAMS_MAX; i++) {
        names[i][0] = 'p';
        names[i][1] = (char)('a' + i / 10);
        names[i][2] = (char)('0' + i % 10);
        params[i].name = names[i];
    }
    expect_task_refused(&task, "more than 32 parameters");
    params[DROVER_PARAMS_MAX].name = NULL;
    struct drover_plugin plugin = plugin_of(&task, 1);
    ASSERT_INT(declaration_check_plugin(&plugin, NULL), 0);
    params[7].name = names[3];
    expect_task_refused(&task, "parameter 8 (pa3): it is there twice");
}

/* --- Fallbacks ------------------------------------------------------------ */

static int check_fallback(enum drover_type type, const char *fallback)
{
    struct drover_param param = { .name = "p",
                                  .type = type,
                                  .fallback = fallback };
    return declaration_check_fallback(&param, NULL);
}

static void fallbacks_must_be_of_the_type(void)
{
    ASSERT_INT(check_fallback(DROVER_INT, "-9223372036854775808"), 0);
    ASSERT_INT(check_fallback(DROVER_INT, "18446744073709551615"), 0);
    ASSERT_INT(check_fallback(DROVER_INT, "18446744073709551616"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_INT, "-9223372036854775809"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_INT, "1.5"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_INT, ""), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_INT, " 1"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_FLOAT, "1.5e3"), 0);
    ASSERT_INT(check_fallback(DROVER_FLOAT, "1,5"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_FLOAT, ""), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_BOOL, "true"), 0);
    ASSERT_INT(check_fallback(DROVER_BOOL, "false"), 0);
    ASSERT_INT(check_fallback(DROVER_BOOL, "yes"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_TEXT, ""), 0);
    ASSERT_INT(check_fallback(DROVER_LIST, ""), 0);
    ASSERT_INT(check_fallback(DROVER_LIST, "x"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_MAP, ""), 0);
    ASSERT_INT(check_fallback(DROVER_BYTES, ""), 0);
    ASSERT_INT(check_fallback(DROVER_BYTES, "x"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_ANY, "x"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_ARRAY, ""), -EINVAL);
}

static void fallbacks_must_be_in_range(void)
{
    struct drover_error err = { 0 };
    struct drover_param param = {
        .name = "p", .type = DROVER_INT, .min = 1, .max = 9, .fallback = "0"
    };
    ASSERT_INT(declaration_check_fallback(&param, &err), -EINVAL);
    ASSERT_TEXT(err.message, "expected an int of 1 to 9, got the int 0");
}

static void expect_fallback(struct drover_param param, const char *json)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value = { NULL, 0 };
    char *text = NULL;
    declaration_build_fallback(builder, &param);
    ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
    ASSERT_INT(drover_value_to_json(value, 0, &text, NULL), 0);
    ASSERT_TEXT(text, json);
    free(text);
    drover_builder_destroy(builder);
}

static void fallbacks_become_values(void)
{
    expect_fallback((struct drover_param){ .type = DROVER_INT,
                                           .fallback = "18446744073709551615" },
                    "18446744073709551615");
    expect_fallback(
        (struct drover_param){ .type = DROVER_FLOAT, .fallback = "0" }, "0.0");
    expect_fallback(
        (struct drover_param){ .type = DROVER_BOOL, .fallback = "true" },
        "true");
    expect_fallback(
        (struct drover_param){ .type = DROVER_TEXT, .fallback = "5" }, "\"5\"");
    expect_fallback(
        (struct drover_param){ .type = DROVER_LIST, .fallback = "" }, "[]");
    expect_fallback((struct drover_param){ .type = DROVER_MAP, .fallback = "" },
                    "{}");
    expect_fallback(
        (struct drover_param){ .type = DROVER_INT, .optional = true }, "null");
}

/* --- Arguments ------------------------------------------------------------ */

/* MESSAGE NULL: it fits. */
static void expect_argument(struct drover_param param, const char *message,
                            const char *format, ...)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value = { NULL, 0 };
    struct drover_error err = { 0 };
    va_list arguments;
    va_start(arguments, format);
    drover_build_pack_v(builder, format, arguments);
    va_end(arguments);
    ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
    int status = declaration_check_argument(&param, value, &err);
    ASSERT_TEXT(err.message, message == NULL ? "" : message);
    ASSERT_INT(status, message == NULL ? 0 : -EINVAL);
    drover_builder_destroy(builder);
}

static void numbers_are_checked_against_type_and_range(void)
{
    struct drover_param digit = { .type = DROVER_INT, .min = 0, .max = 9 };
    expect_argument(digit, NULL, "i", 0);
    expect_argument(digit, NULL, "i", 9);
    expect_argument(digit, "expected an int of 0 to 9, got the int 10", "i",
                    10);
    expect_argument(digit, "expected an int of 0 to 9, got the int -1", "i",
                    -1);
    expect_argument(digit, "expected an int of 0 to 9, got the float 3.0", "f",
                    3.0);
    expect_argument(digit, "expected an int of 0 to 9, got the text \"x\"", "s",
                    "x");
    expect_argument(digit, "expected an int of 0 to 9, got null", "n");
    struct drover_param real = { .type = DROVER_FLOAT,
                                 .min = 0,
                                 .max = INFINITY };
    expect_argument(real, NULL, "i", 3);
    expect_argument(real, NULL, "f", 0.5);
    expect_argument(real, "expected a float of at least 0, got the float -0.5",
                    "f", -0.5);
    expect_argument(real, "expected a float of at least 0, got the float nan",
                    "f", (double)NAN);
    struct drover_param low = { .type = DROVER_INT,
                                .min = -INFINITY,
                                .max = 5 };
    expect_argument(low,
                    "expected an int of at most 5, got the int "
                    "18446744073709551615",
                    "U", UINT64_MAX);
}

static void ranges_are_exact_for_large_ints(void)
{
    struct drover_param large = { .type = DROVER_INT,
                                  .min = 9007199254740992.0,
                                  .max = 9007199254740994.0 };
    expect_argument(large, NULL, "I", INT64_C(9007199254740993));
    expect_argument(large,
                    "expected an int of 9.00719925474099e+15 to "
                    "9.00719925474099e+15, got the int 9007199254740991",
                    "I", INT64_C(9007199254740991));
    expect_argument(large,
                    "expected an int of 9.00719925474099e+15 to "
                    "9.00719925474099e+15, got the int 9007199254740995",
                    "I", INT64_C(9007199254740995));
}

static void other_types_are_checked(void)
{
    struct drover_param text = { .type = DROVER_TEXT };
    expect_argument(text, NULL, "s", "x");
    expect_argument(text, "expected a text, got the bool true", "b", true);
    expect_argument(text, "a text must not hold a NUL character", "S", "a\0b",
                    (size_t)3);
    text.optional = true;
    expect_argument(text, NULL, "n");
    expect_argument(text, "expected a text or null, got a list", "[]");
    struct drover_param flag = { .type = DROVER_BOOL };
    expect_argument(flag,
                    "expected a bool (true or false), got the text "
                    "\"yes\"",
                    "s", "yes");
    struct drover_param any = { .type = DROVER_ANY };
    expect_argument(any, NULL, "n");
    expect_argument(any, NULL, "y", "x", (size_t)1);
    struct drover_param bytes = { .type = DROVER_BYTES };
    expect_argument(bytes, "expected bytes, got a map", "{}");
}

static void elements_of_lists_are_checked(void)
{
    struct drover_param list = {
        .type = DROVER_LIST, .items = DROVER_INT, .min = 0, .max = 9
    };
    expect_argument(list, NULL, "[]");
    expect_argument(list, NULL, "[i, i]", 0, 9);
    expect_argument(list,
                    "element 2: expected an int of 0 to 9, got the int 10",
                    "[i, i]", 0, 10);
    expect_argument(list, "expected a list of ints of 0 to 9, got the int 5",
                    "i", 5);
    list.items = DROVER_ANY;
    list.max = 0;
    expect_argument(list, NULL, "[i, s]", 0, "x");
    expect_argument(list, "expected a list, got a map", "{}");
}

static void texts_in_messages_are_short_and_on_one_line(void)
{
    struct drover_param flag = { .type = DROVER_BOOL };
    expect_argument(flag,
                    "expected a bool (true or false), got the text \"a?b\"",
                    "s", "a\nb");
    /* 61 bytes; at 60 a character would be cut in two. */
    expect_argument(flag,
                    "expected a bool (true or false), got the text "
                    "\"xééééééééééééééééééééééééééééé...\"",
                    "s", "xéééééééééééééééééééééééééééééé");
}

UNIT_CASES(CASE(a_declaration_is_decoded_as_it_was_encoded),
           CASE(strides_larger_than_our_structs_are_respected),
           CASE(every_flipped_bit_is_refused_or_decoded_safely),
           CASE(decode_refuses_what_is_no_declaration),
           CASE(decode_checks_what_the_plugin_check_does),
           CASE(a_good_plugin_passes), CASE(the_check_refuses_bad_heads),
           CASE(the_check_refuses_bad_tasks),
           CASE(the_check_refuses_bad_parameters),
           CASE(the_check_counts_parameters),
           CASE(fallbacks_must_be_of_the_type),
           CASE(fallbacks_must_be_in_range), CASE(fallbacks_become_values),
           CASE(numbers_are_checked_against_type_and_range),
           CASE(ranges_are_exact_for_large_ints), CASE(other_types_are_checked),
           CASE(elements_of_lists_are_checked),
           CASE(texts_in_messages_are_short_and_on_one_line))
