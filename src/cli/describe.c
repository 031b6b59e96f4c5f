#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/status.h"
#include "value/json.h"

static const char *set_json(void *context, const char *value)
{
    (void)value;
    *(bool *)context = true;
    return NULL;
}

static const struct option_row options[] = {
    { 0, "json", NULL, "print one JSON object", set_json },
    { .name = NULL },
};

/* What a task's flags are called, for programs and for people. */
static const struct flag {
    unsigned bit;
    const char *name;
    const char *meaning;
} flags[] = {
    { DROVER_IDEMPOTENT, "idempotent",
      "may be run again after its worker was lost" },
    { DROVER_REUSABLE, "reusable", "may run in reused workers" },
};
enum { FLAG_COUNT = sizeof flags / sizeof flags[0] };

/* --- For people --------------------------------------------------------------
 */

static void print_type(enum drover_type type, enum drover_type items)
{
    printf("%s", drover_type_name(type));
    if (items != DROVER_ANY)
        printf(" of %s", drover_type_name(items));
}

static void print_range(const struct drover_param *param)
{
    if (param->min == 0 && param->max == 0)
        return;
    if (isinf(param->max))
        printf(", at least %.17g", param->min);
    else if (isinf(param->min))
        printf(", at most %.17g", param->max);
    else
        printf(", %.17g to %.17g", param->min, param->max);
}

static void print_param(const struct drover_param *param)
{
    printf("    %-14s ", param->name);
    print_type(param->type, param->items);
    if (param->unit != NULL)
        printf(" in %s", param->unit);
    if (param->shape != NULL)
        printf(" (%s)", param->shape);
    print_range(param);
    if (param->fallback != NULL)
        printf(", default %s",
               param->fallback[0] == '\0' ? "empty" : param->fallback);
    else
        printf(param->optional ? ", optional" : ", required");
    putchar('\n');
    if (param->doc != NULL)
        printf("%19s%s\n", "", param->doc);
}

static void print_result(const struct drover_result *result)
{
    printf("    %-14s ", "returns");
    print_type(result->type, result->items);
    if (result->unit != NULL)
        printf(" in %s", result->unit);
    if (result->shape != NULL)
        printf(" (%s)", result->shape);
    putchar('\n');
    if (result->doc != NULL)
        printf("%19s%s\n", "", result->doc);
}

static void print_task(const struct declaration *plugin,
                       const struct drover_task *task)
{
    printf("\n  %s.%s\n", plugin->name, task->name);
    if (task->summary != NULL)
        printf("    %s\n", task->summary);
    size_t count = declaration_param_count(task);
    for (size_t i = 0; i < count; i++)
        print_param(&task->params[i]);
    print_result(&task->result);
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (task->flags & flags[i].bit)
            printf("    %s\n", flags[i].meaning);
}

static void print_plugin(const struct declaration *plugin)
{
    printf("%s %s: %s\n%s\n", plugin->name, plugin->version,
           plugin->summary == NULL ? "" : plugin->summary, plugin->path);
    for (size_t i = 0; i < plugin->task_count; i++)
        print_task(plugin, &plugin->tasks[i]);
}

/* --- For programs ------------------------------------------------------------
 */

/* The JSON is what the keeper told, encoded once more. */
static void encode(struct drover_builder *builder,
                   const struct declaration *plugin)
{
    const struct drover_plugin exported = {
        .task_stride = sizeof(struct drover_task),
        .param_stride = sizeof(struct drover_param),
        .task_count = (uint32_t)plugin->task_count,
        .name = plugin->name,
        .version = plugin->version,
        .summary = plugin->summary,
        .tasks = plugin->tasks,
    };
    declaration_encode(builder, &exported, plugin->path, plugin->build_id);
}

/* Between keepers and hosts flags are a number; programs had better not depend
 * on which. */
static void build_flags(struct drover_builder *builder,
                        struct drover_value number)
{
    uint64_t set = 0;
    drover_value_get_uint(number, &set);
    drover_build_list_begin(builder);
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (set & flags[i].bit)
            drover_build_text(builder, flags[i].name);
    drover_build_list_end(builder);
}

static void build_task(struct drover_builder *builder, struct drover_value task)
{
    struct drover_iterator pairs = drover_iterate(task);
    struct drover_value key, value;
    drover_build_map_begin(builder);
    while (drover_next_pair(&pairs, &key, &value)) {
        drover_build_value(builder, key);
        if (drover_value_is_text(key, "flags"))
            build_flags(builder, value);
        else
            drover_build_value(builder, value);
    }
    drover_build_map_end(builder);
}

static void build_tasks(struct drover_builder *builder,
                        struct drover_value tasks)
{
    struct drover_iterator each = drover_iterate(tasks);
    struct drover_value task;
    drover_build_list_begin(builder);
    while (drover_next(&each, &task))
        build_task(builder, task);
    drover_build_list_end(builder);
}

static void build_description(struct drover_builder *builder,
                              struct drover_value encoded)
{
    struct drover_iterator pairs = drover_iterate(encoded);
    struct drover_value key, value;
    drover_build_map_begin(builder);
    while (drover_next_pair(&pairs, &key, &value)) {
        drover_build_value(builder, key);
        if (drover_value_is_text(key, "tasks"))
            build_tasks(builder, value);
        else
            drover_build_value(builder, value);
    }
    drover_build_map_end(builder);
}

static int print_built(struct drover_builder *builder)
{
    struct drover_value value;
    char *text;
    int status = drover_builder_value(builder, &value, NULL);
    if (status == 0)
        status = drover_value_to_json(value, DROVER_JSON_NAN_TEXT, &text, NULL);
    if (status < 0)
        return status;
    puts(text);
    free(text);
    return 0;
}

static int print_json(const struct declaration *plugin)
{
    struct drover_builder *encoded = drover_builder_create();
    struct drover_builder *shown = drover_builder_create();
    struct drover_value value;
    int status = encoded == NULL || shown == NULL ? -ENOMEM : 0;
    if (status == 0) {
        encode(encoded, plugin);
        status = drover_builder_value(encoded, &value, NULL);
    }
    if (status == 0) {
        build_description(shown, value);
        status = print_built(shown);
    }
    drover_builder_destroy(encoded);
    drover_builder_destroy(shown);
    return status == 0 ? STATUS_OK : STATUS_INTERNAL;
}

static int describe(const struct command *command, int argc, char **argv)
{
    bool json = false;
    int first = options_parse(command, argc, argv, &json);
    if (first < 0)
        return -1 - first;
    const char *operand = options_operand(command, argc, argv, first, "plugin");
    if (operand == NULL)
        return STATUS_USAGE;
    struct session session;
    int status = session_open_plugin(&session, operand);
    if (status == STATUS_OK && json)
        status = print_json(session.declarations[0]);
    else if (status == STATUS_OK)
        print_plugin(session.declarations[0]);
    session_close(&session);
    return status;
}

const struct command command_describe = {
    .name = "describe",
    .operands = "PLUGIN",
    .summary = "Print a plugin's tasks, their parameters and results",
    .options = options,
    .run = describe,
};
