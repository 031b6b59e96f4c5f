#include "job_plugins.h"

#include <math.h>
#include <string.h>

enum { SAFE = DROVER_IDEMPOTENT | DROVER_REUSABLE };

static struct drover_task grid_tasks[] = {
    { .name = "calculate",
      .params = DROVER_PARAMS({ .name = "i", .type = DROVER_INT },
                              { .name = "j", .type = DROVER_INT },
                              { .name = "delay",
                                .type = DROVER_FLOAT,
                                .fallback = "0",
                                .min = 0,
                                .max = 86400,
                                .unit = "s" }),
      .result = { .type = DROVER_INT },
      .flags = SAFE },
};

static struct drover_task text_tasks[] = {
    { .name = "count",
      .params = DROVER_PARAMS({ .name = "file", .type = DROVER_TEXT },
                              { .name = "min_length",
                                .type = DROVER_INT,
                                .fallback = "1",
                                .min = 1,
                                .max = INFINITY }),
      .result = { .type = DROVER_MAP },
      .flags = SAFE },
    { .name = "merge",
      .params = DROVER_PARAMS(
          { .name = "counts", .type = DROVER_LIST, .items = DROVER_MAP },
          { .name = "top",
            .type = DROVER_INT,
            .fallback = "20",
            .min = 1,
            .max = INFINITY }),
      .result = { .type = DROVER_LIST, .items = DROVER_LIST },
      .flags = SAFE },
    { .name = "index",
      .params = DROVER_PARAMS({ .name = "file", .type = DROVER_TEXT }),
      .result = { .type = DROVER_MAP },
      .flags = SAFE },
    { .name = "join",
      .params = DROVER_PARAMS(
          { .name = "indexes", .type = DROVER_LIST, .items = DROVER_MAP }),
      .result = { .type = DROVER_MAP },
      .flags = SAFE },
    { .name = "search",
      .params = DROVER_PARAMS(
          { .name = "indexes", .type = DROVER_LIST, .items = DROVER_MAP },
          { .name = "prefix", .type = DROVER_TEXT }),
      .result = { .type = DROVER_LIST, .items = DROVER_LIST },
      .flags = SAFE },
    { .name = "follow",
      .params = DROVER_PARAMS({ .name = "file", .type = DROVER_TEXT }),
      .result = { .type = DROVER_TEXT },
      .flags = SAFE },
    { .name = "match",
      .params = DROVER_PARAMS({ .name = "line", .type = DROVER_TEXT },
                              { .name = "pattern", .type = DROVER_TEXT }),
      .result = { .type = DROVER_TEXT },
      .flags = SAFE },
};

static struct drover_task shell_tasks[] = {
    { .name = "run",
      .params = DROVER_PARAMS(
          { .name = "command", .type = DROVER_LIST, .items = DROVER_TEXT },
          { .name = "input", .type = DROVER_TEXT, .optional = true },
          { .name = "check", .type = DROVER_BOOL, .fallback = "false" }),
      .result = { .type = DROVER_MAP } },
};

/* No bundled plugin: one of each type that the others do not have. */
static struct drover_task types_tasks[] = {
    { .name = "take",
      .params = DROVER_PARAMS(
          { .name = "any", .type = DROVER_ANY, .optional = true },
          { .name = "digit",
            .type = DROVER_INT,
            .optional = true,
            .min = 0,
            .max = 9 },
          { .name = "real", .type = DROVER_FLOAT, .optional = true },
          { .name = "map", .type = DROVER_MAP, .optional = true },
          { .name = "bytes", .type = DROVER_BYTES, .optional = true },
          { .name = "array", .type = DROVER_ARRAY, .optional = true },
          { .name = "digits",
            .type = DROVER_LIST,
            .items = DROVER_INT,
            .optional = true,
            .min = 0,
            .max = 9 },
          { .name = "maybe", .type = DROVER_TEXT, .optional = true },
          { .name = "flag", .type = DROVER_BOOL, .optional = true }) },
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct declaration declarations[] = {
    { .name = "grid", .tasks = grid_tasks, .task_count = COUNT_OF(grid_tasks) },
    { .name = "text", .tasks = text_tasks, .task_count = COUNT_OF(text_tasks) },
    { .name = "shell",
      .tasks = shell_tasks,
      .task_count = COUNT_OF(shell_tasks) },
    { .name = "types",
      .tasks = types_tasks,
      .task_count = COUNT_OF(types_tasks) },
};

const struct declaration *const *job_plugins_declare(const struct job *job)
{
    static const struct declaration *found[JOB_LIMIT_PLUGINS];
    for (size_t i = 0; i < job->plugin_count; i++) {
        found[i] = NULL;
        for (size_t j = 0; j < COUNT_OF(declarations); j++)
            if (strcmp(declarations[j].name, job->plugins[i].locator) == 0)
                found[i] = &declarations[j];
    }
    return found;
}
