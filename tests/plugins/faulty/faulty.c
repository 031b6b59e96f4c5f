/* A plugin whose tasks do what tasks should not do, for the black-box tests. */
#include "tasks.h"

#define I                                                                      \
    {                                                                          \
        .name = "i", .type = DROVER_INT, .fallback = "0"                       \
    }

static const struct drover_param end_params[] = {
    I,
    { .name = "when", .type = DROVER_LIST, .items = DROVER_INT },
    { .name = "how",
      .type = DROVER_TEXT,
      .fallback = "fail",
      .doc = "crash, abort, exit, kill, type, number, fail" },
    { .name = "status", .type = DROVER_INT, .fallback = "3" },
    { .name = NULL },
};

static const struct drover_param print_params[] = {
    I,
    { .name = "lines", .type = DROVER_INT, .fallback = "1" },
    { .name = "every", .type = DROVER_INT, .fallback = "1" },
    { .name = "stream", .type = DROVER_TEXT, .fallback = "stdout" },
    { .name = "rest", .type = DROVER_TEXT, .fallback = "" },
    { .name = NULL },
};

static const struct drover_param bytes_params[] = {
    I,
    { .name = "bytes", .type = DROVER_INT, .unit = "byte" },
    { .name = NULL },
};

static const struct drover_param late_params[] = {
    I,
    { .name = "bytes", .type = DROVER_INT, .unit = "byte" },
    { .name = "until", .type = DROVER_TEXT },
    { .name = NULL },
};

static const struct drover_param echo_params[] = {
    { .name = "a", .type = DROVER_ANY, .optional = true },
    { .name = "b", .type = DROVER_ANY, .optional = true },
    { .name = "list", .type = DROVER_LIST, .optional = true },
    { .name = "text", .type = DROVER_TEXT, .optional = true },
    { .name = "number", .type = DROVER_INT, .optional = true },
    { .name = NULL },
};

static const struct drover_param many_params[] = {
    I,
    { .name = "count", .type = DROVER_INT },
    { .name = "returns", .type = DROVER_BOOL, .fallback = "true" },
    { .name = NULL },
};

static const struct drover_param drip_params[] = {
    I,
    { .name = "count", .type = DROVER_INT },
    { .name = "until", .type = DROVER_TEXT },
    { .name = "fails", .type = DROVER_BOOL, .fallback = "false" },
    { .name = NULL },
};

static const struct drover_param change_params[] = {
    I,
    { .name = "when", .type = DROVER_INT },
    { .name = "what",
      .type = DROVER_TEXT,
      .doc = "folder, umask, descriptors, blocked, ignored, threads" },
    { .name = NULL },
};

static const struct drover_param leave_params[] = {
    I,
    { .name = "mark", .type = DROVER_TEXT },
    { .name = "holds", .type = DROVER_BOOL, .fallback = "true" },
    { .name = NULL },
};

static const struct drover_param meet_params[] = {
    I,
    { .name = "mark", .type = DROVER_TEXT },
    { .name = "until", .type = DROVER_TEXT },
    { .name = NULL },
};

static const struct drover_param no_params[] = { I, { .name = NULL } };

#define TASK(task_name, function, parameters, type_of_result)                  \
    {                                                                          \
        .name = task_name, .run = function, .params = parameters,              \
        .result = { .type = type_of_result }, .flags = DROVER_REUSABLE         \
    }

static const struct drover_task tasks[] = {
    TASK("end", end_badly, end_params, DROVER_INT),
    TASK("hang", hang, no_params, DROVER_ANY),
    TASK("kill_keeper", kill_keeper, no_params, DROVER_ANY),
    TASK("close_all", close_all, no_params, DROVER_ANY),
    TASK("scribble", scribble, no_params, DROVER_ANY),
    TASK("print", print_lines, print_params, DROVER_INT),
    TASK("garbage", print_garbage, bytes_params, DROVER_INT),
    TASK("log", write_log, no_params, DROVER_NULL),
    TASK("echo", echo, echo_params, DROVER_MAP),
    TASK("big", big, bytes_params, DROVER_TEXT),
    TASK("late", late, late_params, DROVER_TEXT),
    TASK("many", many, many_params, DROVER_LIST),
    TASK("drip", drip, drip_params, DROVER_INT),
    TASK("undeclared", undeclared, no_params, DROVER_INT),
    TASK("change", change_process, change_params, DROVER_MAP),
    TASK("leave", leave, leave_params, DROVER_BOOL),
    TASK("meet", meet, meet_params, DROVER_INT),
};

DROVER_PLUGIN("faulty", "1.0", "Tasks that misbehave", tasks);
