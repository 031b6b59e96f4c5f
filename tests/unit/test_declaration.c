/* What a plugin declares: encoded and decoded, and checked before. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/declaration.h"
#include "unit.h"

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

/* --- Encoding and decoding ----------------------------------------------- */

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

/* --- The check of a plugin ----------------------------------------------- */

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

UNIT_CASES(CASE(a_declaration_is_decoded_as_it_was_encoded),
           CASE(strides_larger_than_our_structs_are_respected),
           CASE(every_flipped_bit_is_refused_or_decoded_safely),
           CASE(decode_refuses_what_is_no_declaration),
           CASE(decode_checks_what_the_plugin_check_does),
           CASE(a_good_plugin_passes), CASE(the_check_refuses_bad_heads),
           CASE(the_check_refuses_bad_tasks),
           CASE(the_check_refuses_bad_parameters),
           CASE(the_check_counts_parameters))
