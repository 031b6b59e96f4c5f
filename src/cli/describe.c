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
    if (task->flags & DROVER_REUSABLE)
        puts("    may run in reused workers");
    if (task->flags & DROVER_IDEMPOTENT)
        puts("    may be run again after its worker was lost");
}

static void print_plugin(const struct declaration *plugin)
{
    printf("%s %s: %s\n%s\n", plugin->name, plugin->version, plugin->summary,
           plugin->path);
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

static int print_json(const struct declaration *plugin)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value;
    char *text = NULL;
    struct drover_error err;
    int status = builder == NULL ? -1 : 0;
    if (status == 0) {
        encode(builder, plugin);
        status = drover_builder_value(builder, &value, &err);
    }
    if (status == 0)
        status = drover_value_to_json(value, DROVER_JSON_NAN_TEXT, &text, &err);
    if (status == 0)
        puts(text);
    free(text);
    drover_builder_destroy(builder);
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
