#include "plugin/declaration.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plugin/declaration_tables.h"

enum { FLAGS_KNOWN = DROVER_IDEMPOTENT | DROVER_REUSABLE };

static int check_name(const char *name, bool dashes, struct drover_error *err)
{
    if (name == NULL)
        return error_set(err, EINVAL, "it has no name");
    if (!text_is_name(name, dashes))
        return error_set(err, EINVAL,
                         "its name is not lower-case letters, digits and "
                         "underscores, a letter first, at most 63 bytes");
    return 0;
}

static int check_text(const char *text, const char *what,
                      struct drover_error *err)
{
    if (text == NULL)
        return 0;
    size_t size = strlen(text);
    if (text_utf8_valid(text, size) < size)
        return error_set(err, EINVAL, "its %s is not valid UTF-8", what);
    return 0;
}

static bool is_type(enum drover_type type)
{
    return (unsigned)type <= DROVER_ARRAY;
}

static int check_types(enum drover_type type, enum drover_type items,
                       struct drover_error *err)
{
    if (!is_type(type) || !is_type(items))
        return error_set(err, EINVAL, "its type %u of items %u is none",
                         (unsigned)type, (unsigned)items);
    if (items != DROVER_ANY && type != DROVER_LIST)
        return error_set(err, EINVAL, "it has items, but its type is %s",
                         drover_type_name(type));
    return 0;
}

static int check_range(const struct drover_param *param,
                       struct drover_error *err)
{
    if (param->min == 0 && param->max == 0)
        return 0;
    enum drover_type of = declaration_element(param).type;
    if (param->type != DROVER_LIST)
        of = param->type;
    if (of != DROVER_INT && of != DROVER_FLOAT)
        return error_set(err, EINVAL, "it has a range, but is no number");
    if (!(param->min <= param->max))
        return error_set(err, EINVAL, "its range is %g to %g", param->min,
                         param->max);
    return 0;
}

static int check_param_texts(const struct drover_param *param,
                             struct drover_error *err)
{
    int status = check_text(param->fallback, "fallback", err);
    if (status == 0)
        status = check_text(param->unit, "unit", err);
    if (status == 0)
        status = check_text(param->shape, "shape", err);
    if (status == 0)
        status = check_text(param->doc, "doc", err);
    return status;
}

static int check_param(const struct drover_param *param,
                       struct drover_error *err)
{
    int status = check_name(param->name, false, err);
    if (status == 0)
        status = check_types(param->type, param->items, err);
    if (status == 0 && param->type == DROVER_NULL)
        status = error_set(err, EINVAL, "its type is null");
    if (status == 0)
        status = check_range(param, err);
    if (status == 0)
        status = check_param_texts(param, err);
    if (status == 0 && param->fallback != NULL && param->optional)
        status = error_set(err, EINVAL, "it is optional and has a fallback");
    if (status == 0)
        status = declaration_check_fallback(param, err);
    return status;
}

static bool is_earlier_param(const struct drover_plugin *plugin,
                             const struct drover_task *task, size_t index,
                             const char *name)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(tables_param(plugin, task, i).name, name) == 0)
            return true;
    return false;
}

static int check_params(const struct drover_plugin *plugin,
                        const struct drover_task *task,
                        struct drover_error *err)
{
    for (size_t i = 0; tables_has_param(plugin, task, i); i++) {
        struct drover_param param = tables_param(plugin, task, i);
        int status = 0;
        if (i == DROVER_PARAMS_MAX)
            return error_set(err, EINVAL, "more than %d parameters",
                             DROVER_PARAMS_MAX);
        if (is_earlier_param(plugin, task, i, param.name))
            status = error_set(err, EINVAL, "it is there twice");
        if (status == 0)
            status = check_param(&param, err);
        if (status < 0) {
            error_prefix(err, "parameter %zu (%.63s)", i + 1, param.name);
            return status;
        }
    }
    return 0;
}

static int check_result(const struct drover_result *result,
                        struct drover_error *err)
{
    int status = check_types(result->type, result->items, err);
    if (status == 0)
        status = check_text(result->unit, "unit", err);
    if (status == 0)
        status = check_text(result->shape, "shape", err);
    if (status == 0)
        status = check_text(result->doc, "doc", err);
    if (status < 0)
        error_prefix(err, "result");
    return status;
}

static int check_task(const struct drover_plugin *plugin,
                      const struct drover_task *task, struct drover_error *err)
{
    int status = check_name(task->name, false, err);
    if (status == 0)
        status = check_text(task->summary, "summary", err);
    if (status == 0 && (task->flags & ~(unsigned)FLAGS_KNOWN) != 0)
        status = error_set(err, EINVAL, "its flags are 0x%x, known are 0x%x",
                           task->flags, (unsigned)FLAGS_KNOWN);
    if (status == 0)
        status = check_params(plugin, task, err);
    if (status == 0)
        status = check_result(&task->result, err);
    return status;
}

static bool is_earlier_task(const struct drover_plugin *plugin, size_t index,
                            const char *name)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(tables_task(plugin, i).name, name) == 0)
            return true;
    return false;
}

static int check_tasks(const struct drover_plugin *plugin, bool runnable,
                       struct drover_error *err)
{
    for (size_t i = 0; i < plugin->task_count; i++) {
        struct drover_task task = tables_task(plugin, i);
        int status = check_task(plugin, &task, err);
        if (status == 0 && is_earlier_task(plugin, i, task.name))
            status = error_set(err, EINVAL, "it is there twice");
        if (status == 0 && runnable && task.run == NULL)
            status = error_set(err, EINVAL, "it has no run function");
        if (status < 0) {
            error_prefix(err, "task %zu (%.63s)", i + 1,
                         task.name == NULL ? "" : task.name);
            return status;
        }
    }
    return 0;
}

static int check_plugin(const struct drover_plugin *plugin, bool runnable,
                        struct drover_error *err)
{
    int status = check_name(plugin->name, true, err);
    if (status == 0)
        status = check_text(plugin->version, "version", err);
    if (status == 0)
        status = check_text(plugin->summary, "summary", err);
    if (status == 0 && plugin->task_count > DECLARATION_LIMIT_TASKS)
        status = error_set(err, EINVAL, "%u tasks, more than %d",
                           plugin->task_count, DECLARATION_LIMIT_TASKS);
    if (status == 0 && plugin->tasks == NULL && plugin->task_count > 0)
        status = error_set(err, EINVAL, "%u tasks, but no table of them",
                           plugin->task_count);
    if (status == 0)
        status = check_tasks(plugin, runnable, err);
    return status;
}

int declaration_check_plugin(const struct drover_plugin *plugin,
                             struct drover_error *err)
{
    if (plugin->size < TABLES_PLUGIN_SIZE_MIN ||
        plugin->task_stride < TABLES_TASK_STRIDE_MIN ||
        plugin->param_stride < TABLES_PARAM_STRIDE_MIN)
        return error_set(err, EINVAL,
                         "its tables are smaller than those of ABI %d.0",
                         DROVER_ABI_MAJOR);
    return check_plugin(plugin, true, err);
}

int declaration_check(const struct declaration *declaration,
                      struct drover_error *err)
{
    struct drover_plugin plugin = {
        .size = sizeof plugin,
        .task_stride = sizeof(struct drover_task),
        .param_stride = sizeof(struct drover_param),
        .task_count = declaration->task_count > DECLARATION_LIMIT_TASKS
                          ? DECLARATION_LIMIT_TASKS + 1
                          : (uint32_t)declaration->task_count,
        .name = declaration->name,
        .version = declaration->version,
        .summary = declaration->summary,
        .tasks = declaration->tasks,
    };
    return check_plugin(&plugin, false, err);
}
