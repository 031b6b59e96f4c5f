/* Writing a plugin: a shared object whose tasks drover calls.
 *
 * A plugin exports one constant, made by DROVER_PLUGIN() at the end of its
 * source. Its tasks run in worker processes only, one call at a time, in the
 * main thread. What a task prints goes to the run's standard error, marked
 * with the call that printed it; results are what it returns and sends.
 *
 *     #include <drover/plugin.h>
 *
 *     static int add(struct drover_call *call)
 *     {
 *         return drover_return_int(call, drover_arg_int(call, "a") +
 *                                            drover_arg_int(call, "b"));
 *     }
 *
 *     static const struct drover_task tasks[] = {
 *         { .name = "add", .run = add, .summary = "a + b",
 *           .params = DROVER_PARAMS({ .name = "a", .type = DROVER_INT },
 *                                   { .name = "b", .type = DROVER_INT }),
 *           .result = { .type = DROVER_INT },
 *           .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE },
 *     };
 *     DROVER_PLUGIN("sums", "1.0", "Additions", tasks);
 *
 * Compile: cc -shared -fPIC -o sums.so sums.c $(pkg-config --cflags drover) */
#ifndef DROVER_PLUGIN_H
#define DROVER_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/call.h>
#include <drover/export.h>
#include <drover/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A parameter. Only name and type are required.
 *
 * name      [a-z][a-z0-9_]*, at most 63 bytes, unique in its task
 * type      what an argument must be; DROVER_FLOAT also takes an int
 * items     of lists: what each element must be
 * fallback  the argument when the job gives none, as text: a number for int
 *           and float, "true" or "false" for bool, the text itself for text,
 *           "" for an empty list, map or bytes. NULL: required, unless
 *           optional
 * optional  may be left out and is null then (see drover_arg_given)
 * min, max  inclusive range of int and float, of each element of a list of
 *           these; both 0: any. Use INFINITY for an open end
 * unit      "s", "byte", "pixel", ...; NULL: none
 * shape     of arrays, in words: "rows, columns"
 * doc       one line */
struct drover_param {
    const char *name;
    enum drover_type type;
    enum drover_type items DROVER_ZERO;
    const char *fallback DROVER_ZERO;
    bool optional DROVER_ZERO;
    double min DROVER_ZERO;
    double max DROVER_ZERO;
    const char *unit DROVER_ZERO;
    const char *shape DROVER_ZERO;
    const char *doc DROVER_ZERO;
};

/* What a task returns. A task declared with a type other than DROVER_ANY must
 * return that type. */
struct drover_result {
    enum drover_type type;
    enum drover_type items DROVER_ZERO;
    const char *unit DROVER_ZERO;
    const char *shape DROVER_ZERO;
    const char *doc DROVER_ZERO;
};

/* What is safe to do with a task. */
enum drover_task_flags {
    DROVER_IDEMPOTENT = 1, /* may run again after its worker was lost */
    DROVER_REUSABLE = 2,   /* may share a process with other calls */
};

/* A task.
 *
 * name     [a-z][a-z0-9_]*, at most 63 bytes, unique in its plugin
 * params   ended by an entry without a name; NULL: none. At most 32 */
struct drover_task {
    const char *name;
    drover_task_fn run;
    const char *summary DROVER_ZERO;
    const struct drover_param *params DROVER_ZERO;
    struct drover_result result DROVER_ZERO;
    unsigned flags DROVER_ZERO;
};

#define DROVER_PARAMS_MAX 32

/* The parameters of a task: DROVER_PARAMS({ .name = "i", ... }, ...); in C++
 * before C++20 in the order of the fields: DROVER_PARAMS({ "i", DROVER_INT },
 * ...). */
#ifdef __cplusplus
#define DROVER_PARAMS(...)                                                     \
    ([]() -> const drover_param * {                                            \
        static const drover_param params[] = { __VA_ARGS__,                    \
                                               { nullptr, DROVER_ANY } };      \
        return params;                                                         \
    }())
#else
#define DROVER_PARAMS(...)                                                     \
    (const struct drover_param[])                                              \
    {                                                                          \
        __VA_ARGS__,                                                           \
        {                                                                      \
            .name = NULL                                                       \
        }                                                                      \
    }
#endif

/* The layout version. A plugin of another major is refused; of a higher minor
 * too, for it may use what this library does not have. */
#define DROVER_PLUGIN_MAGIC 0x6472766eu
#define DROVER_ABI_MAJOR 1
#define DROVER_ABI_MINOR 0

/* What a plugin exports as `drover_plugin`. The first four fields are frozen;
 * the rest may grow at its end, as the sizes and strides tell. */
struct drover_plugin {
    uint32_t magic;
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t size;
    uint32_t task_stride;
    uint32_t param_stride;
    uint32_t task_count;
    const char *name;
    const char *version;
    const char *summary;
    const struct drover_task *tasks;
    /* Called in each worker before its first call of any plugin (0, or
     * anything else to refuse: the worker's calls then end with the cause
     * `load`), and before a worker ends in good order. May be NULL. */
    int (*worker_start)(void);
    void (*worker_stop)(void);
};

extern DROVER_PUBLIC const struct drover_plugin drover_plugin;

/* Export the plugin.
 *
 * name     [a-z][a-z0-9_-]*, at most 63 bytes
 * tasks    an array, in sight of the macro */
#define DROVER_PLUGIN(name, version, summary, tasks)                           \
    DROVER_PLUGIN_WITH_HOOKS(name, version, summary, tasks, NULL, NULL)

#define DROVER_PLUGIN_WITH_HOOKS(name, version, summary, tasks, start, stop)   \
    const struct drover_plugin drover_plugin = {                               \
        DROVER_PLUGIN_MAGIC,                                                   \
        DROVER_ABI_MAJOR,                                                      \
        DROVER_ABI_MINOR,                                                      \
        sizeof(struct drover_plugin),                                          \
        sizeof(struct drover_task),                                            \
        sizeof(struct drover_param),                                           \
        sizeof(tasks) / sizeof((tasks)[0]),                                    \
        name,                                                                  \
        version,                                                               \
        summary,                                                               \
        tasks,                                                                 \
        start,                                                                 \
        stop,                                                                  \
    }

#ifdef __cplusplus
}
#endif

#endif
