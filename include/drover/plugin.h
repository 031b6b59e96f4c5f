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

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/export.h>
#include <drover/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One call of a task, valid until the task returns. */
struct drover_call;

/* --- Declarations ------------------------------------------------------- */

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
    enum drover_type items;
    const char *fallback;
    bool optional;
    double min;
    double max;
    const char *unit;
    const char *shape;
    const char *doc;
};

/* What a task returns. A task declared with a type other than DROVER_ANY must
 * return that type. */
struct drover_result {
    enum drover_type type;
    enum drover_type items;
    const char *unit;
    const char *shape;
    const char *doc;
};

/* What is safe to do with a task. */
enum drover_task_flags {
    DROVER_IDEMPOTENT = 1, /* may run again after its worker was lost */
    DROVER_REUSABLE = 2,   /* may share a process with other calls */
};

/* A task function. Returns 0 for success, otherwise what drover_fail()
 * returned; any other number fails the call with that number in the message.
 * One that returns 0 without a drover_return_*() has the result null, or none
 * when it has sent values. */
typedef int (*drover_task_fn)(struct drover_call *call);

/* A task.
 *
 * name     [a-z][a-z0-9_]*, at most 63 bytes, unique in its plugin
 * params   ended by an entry without a name; NULL: none. At most 32 */
struct drover_task {
    const char *name;
    drover_task_fn run;
    const char *summary;
    const struct drover_param *params;
    struct drover_result result;
    unsigned flags;
};

#define DROVER_PARAMS_MAX 32

/* The parameters of a task: DROVER_PARAMS({ .name = "i", ... }, ...). */
#define DROVER_PARAMS(...)                                                     \
    (const struct drover_param[])                                              \
    {                                                                          \
        __VA_ARGS__,                                                           \
        {                                                                      \
            .name = NULL                                                       \
        }                                                                      \
    }

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

/* --- Arguments ---------------------------------------------------------- */

/* Arguments are checked against the declaration before a task starts, so
 * these cannot fail for declared parameters of the matching type. Asking for
 * anything else is a mistake in the plugin: the getter gives 0, false, "" or
 * an empty view, and the call fails with a message that names it.
 *
 * NAME must be declared. Pointers and views are borrowed until the call ends;
 * drover_arg_text gives a string terminated by NUL and without any inside. */
DROVER_PUBLIC bool drover_arg_bool(struct drover_call *call, const char *name);
DROVER_PUBLIC int64_t drover_arg_int(struct drover_call *call,
                                     const char *name);
DROVER_PUBLIC double drover_arg_float(struct drover_call *call,
                                      const char *name);
DROVER_PUBLIC const char *drover_arg_text(struct drover_call *call,
                                          const char *name);
DROVER_PUBLIC struct drover_value drover_arg_value(struct drover_call *call,
                                                   const char *name);

/* Whether the argument is anything but null. */
DROVER_PUBLIC bool drover_arg_given(struct drover_call *call, const char *name);

/* All arguments: a map in the order of the declaration, defaults filled in. */
DROVER_PUBLIC struct drover_value drover_call_args(struct drover_call *call);

/* The call's number within its stage, from 0. */
DROVER_PUBLIC uint64_t drover_call_index(const struct drover_call *call);

/* --- Results ------------------------------------------------------------ */

/* Set the result of the call, replacing any earlier one, and return 0; on
 * failure (no memory, a text that is no UTF-8) the call fails and the result
 * is what drover_fail() returns. So a task can end with
 * `return drover_return_int(call, n);`. Contents are copied. */
DROVER_PUBLIC int drover_return_null(struct drover_call *call);
DROVER_PUBLIC int drover_return_bool(struct drover_call *call, bool b);
DROVER_PUBLIC int drover_return_int(struct drover_call *call, int64_t i);
DROVER_PUBLIC int drover_return_float(struct drover_call *call, double d);
DROVER_PUBLIC int drover_return_text(struct drover_call *call,
                                     const char *text);
DROVER_PUBLIC int drover_return_bytes(struct drover_call *call,
                                      const void *bytes, size_t size_bytes);
DROVER_PUBLIC int drover_return_value(struct drover_call *call,
                                      struct drover_value value);
/* By a format, see drover_build_pack(). */
DROVER_PUBLIC int drover_return_pack(struct drover_call *call,
                                     const char *format, ...);

/* For larger results: build the value in the call's own builder, which is
 * empty at first and needs no destroying, then return it:
 *
 *     struct drover_builder *out = drover_call_builder(call);
 *     drover_build_list_begin(out);
 *     ...
 *     drover_build_list_end(out);
 *     return drover_return_built(call); */
DROVER_PUBLIC struct drover_builder *
drover_call_builder(struct drover_call *call);
DROVER_PUBLIC int drover_return_built(struct drover_call *call);

/* Send a value ahead of the end of the call: one more result, in order, as
 * often as you like. VALUE is copied. Waits while the receiver is slower.
 * Returns 0, or what drover_fail() returns when it could not be sent. */
DROVER_PUBLIC int drover_send(struct drover_call *call,
                              struct drover_value value);
DROVER_PUBLIC int drover_send_pack(struct drover_call *call, const char *format,
                                   ...);

/* Fail the call: its outcome is `error` with this message (one sentence, at
 * most 4095 bytes, cut beyond). Returns what the task is to return. */
DROVER_PUBLIC int drover_fail(struct drover_call *call, const char *format, ...)
    DROVER_PRINTF(2, 3);

enum drover_log_level {
    DROVER_LOG_ERROR,
    DROVER_LOG_WARNING,
    DROVER_LOG_INFO,
    DROVER_LOG_DEBUG,
};

/* Say something about the call on the run's standard error, at once, marked
 * with stage and index; levels above the run's --log-level are dropped. */
DROVER_PUBLIC void drover_log(struct drover_call *call,
                              enum drover_log_level level, const char *format,
                              ...) DROVER_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif

#endif
