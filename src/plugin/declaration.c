#include "plugin/declaration.h"

#include <string.h>

const struct drover_task *
declaration_find_task(const struct declaration *declaration, const char *name)
{
    for (size_t i = 0; i < declaration->task_count; i++)
        if (strcmp(declaration->tasks[i].name, name) == 0)
            return &declaration->tasks[i];
    return NULL;
}

const struct drover_param *
declaration_find_param(const struct drover_task *task, const char *name)
{
    size_t count = declaration_param_count(task);
    for (size_t i = 0; i < count; i++)
        if (strcmp(task->params[i].name, name) == 0)
            return &task->params[i];
    return NULL;
}

size_t declaration_param_count(const struct drover_task *task)
{
    size_t count = 0;
    if (task->params != NULL)
        while (task->params[count].name != NULL)
            count++;
    return count;
}

bool declaration_is_required(const struct drover_param *param)
{
    return param->fallback == NULL && !param->optional;
}
