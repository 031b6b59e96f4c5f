/* A call, as the task sees it: its arguments, what it returns and sends, what
 * it receives.
 *
 * A task is a function that is called in a worker process, with one call at a
 * time. Plugins declare theirs (see <drover/plugin.h>); C programs hand them to
 * the library. All functions are to be used in the thread that runs the task,
 * until it returns.
 *
 *     static int add(struct drover_call *call)
 *     {
 *         return drover_return_int(call, drover_arg_int(call, "a") +
 *                                            drover_arg_int(call, "b"));
 *     } */
#ifndef DROVER_CALL_H
#define DROVER_CALL_H

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

/* A task function. Returns 0 for success, otherwise what drover_fail()
 * returned; any other number fails the call with that number in the message.
 * One that returns 0 without a drover_return_*() has the result null, or none
 * when it has sent values. */
typedef int (*drover_task_fn)(struct drover_call *call);

/* --- Arguments ---------------------------------------------------------- */

/* A plugin's arguments are checked against the declaration before a task
 * starts, so these cannot fail for declared parameters of the matching type.
 * Asking for anything else is a mistake, and so is, in a task without a
 * declaration, asking for an argument that was not given, or is of another
 * type: the getter gives 0, false, "" or an empty view, and the call fails with
 * a message that names it.
 *
 * Pointers and views are borrowed until the call ends; drover_arg_text gives a
 * string terminated by NUL and without any inside. */
DROVER_PUBLIC bool drover_arg_bool(struct drover_call *call, const char *name);
DROVER_PUBLIC int64_t drover_arg_int(struct drover_call *call,
                                     const char *name);
DROVER_PUBLIC double drover_arg_float(struct drover_call *call,
                                      const char *name);
DROVER_PUBLIC const char *drover_arg_text(struct drover_call *call,
                                          const char *name);
DROVER_PUBLIC struct drover_value drover_arg_value(struct drover_call *call,
                                                   const char *name);

/* Whether the argument is anything but null. Where nothing is declared it may
 * also be missing. */
DROVER_PUBLIC bool drover_arg_given(struct drover_call *call, const char *name);

/* All arguments: a map in the order of the declaration, defaults filled in;
 * without a declaration as they were given. */
DROVER_PUBLIC struct drover_value drover_call_args(struct drover_call *call);

/* The call's number within its stage, or its exchange, from 0. */
DROVER_PUBLIC uint64_t drover_call_index(const struct drover_call *call);

/* What the caller gave with the task; NULL in jobs. */
DROVER_PUBLIC void *drover_call_context(const struct drover_call *call);

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

/* Have no result at all, not even null; what was sent ahead stays. Returns 0.
 */
DROVER_PUBLIC int drover_return_nothing(struct drover_call *call);

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

/* Receive the next value that the caller sends to this call. What the call has
 * sent is on its way before this waits.
 *
 * value       borrowed until the next drover_receive() or the end of the call
 * timeout_ms  0 does not wait, -1 waits for ever
 *
 * Returns 1; 0 when no more will come: the caller said so or is gone, or the
 * call belongs to a job, where nobody sends; -ETIMEDOUT; -ENOMEM, and the call
 * fails. *VALUE is untouched unless it returns 1. */
DROVER_PUBLIC int drover_receive(struct drover_call *call,
                                 struct drover_value *value, int timeout_ms);

/* --- Randomness --------------------------------------------------------- */

/* A number of the call's own, to seed generators with. It comes from the run's
 * seed and from what the call is: the plugin's build, the task and the
 * arguments. So it is the same for any number of workers, in any order, in
 * another run; and calls of one task with equal arguments have the same. In C
 * programs, whose tasks belong to no plugin, it comes from the seed, the call's
 * index and the arguments. */
DROVER_PUBLIC uint64_t drover_call_seed(const struct drover_call *call);

/* The next of the call's random numbers, which drover_call_seed() determines:
 * all 64 bits, and as a fraction of 53 bits in [0, 1). Not for secrets.
 * Source: xoshiro256**, D. Blackman and S. Vigna, "Scrambled Linear
 * Pseudorandom Number Generators", ACM TOMS 47 (2021). */
DROVER_PUBLIC uint64_t drover_call_random(struct drover_call *call);
DROVER_PUBLIC double drover_call_random_unit(struct drover_call *call);

/* --- Failing and logging ------------------------------------------------ */

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
 * with stage and index; levels above the run's --log-level are dropped. Where
 * the caller is a C program there is no run, and nothing is shown. */
DROVER_PUBLIC void drover_log(struct drover_call *call,
                              enum drover_log_level level, const char *format,
                              ...) DROVER_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif

#endif
