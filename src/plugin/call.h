/* [worker] The call that a task is given: its arguments, and what it makes of
 * them. The public functions on it are in include/drover/call.h. */
#ifndef PLUGIN_CALL_H
#define PLUGIN_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/plugin.h>

#include "base/buffer.h"
#include "plugin/generator.h"
#include "plugin/incoming.h"
#include "plugin/outbox.h"

enum { CALL_FAILURE_BYTES = 4096, CALL_TASK_BYTES = 80 };

/* What a task returns after drover_fail(). */
enum { CALL_FAILED = -1 };

/* The task of a call.
 *
 * name      for messages; NULL: it has none
 * declared  its declaration, which the arguments are made by; its parameters
 *           lie `param_stride` apart. NULL: arguments and result are unchecked
 * context   what the caller gave with the task
 * build_id  of its plugin; NULL: it belongs to a C program */
struct worker_task {
    drover_task_fn run;
    const char *name;
    const struct drover_task *declared;
    size_t param_stride;
    void *context;
    const char *build_id;
};

/* One for all calls of a worker: call_begin() makes it the next one.
 *
 * incoming NULL: nobody sends values to calls
 * run_seed what the seeds of the run's calls are made from
 * args     by parameter, in the order of the declaration
 * random   the call's generator, once `has_random` is set
 * texts    copies of text arguments, terminated by NUL, chained
 * builder  what drover_call_builder() gave, and where returned values are put
 * scalar   where a single number, bool or null is put instead
 * sender   for values that are sent ahead
 * sent     some values have been sent ahead, or there is to be no result
 * failure  room for CALL_FAILURE_BYTES; the message once `failed` is set */
struct drover_call {
    struct outbox *outbox;
    struct incoming *incoming;
    uint64_t run_seed;
    struct worker_task task;
    const struct drover_param *params[DROVER_PARAMS_MAX];
    struct drover_value args[DROVER_PARAMS_MAX];
    size_t param_count;
    struct drover_value all_args;
    uint64_t sequence;
    uint64_t index;
    struct call_text *texts;
    struct drover_builder *builder;
    struct drover_builder *sender;
    struct buffer scalar;
    struct drover_value result;
    struct generator random;
    bool has_random;
    bool received_all;
    bool has_result;
    bool sent;
    bool failed;
    char *failure;
};

/* Returns 0 or -ENOMEM. */
int call_init(struct drover_call *call, struct outbox *outbox);
void call_clear(struct drover_call *call);

/* Begin a call of TASK, which is copied, with ARGS: a map, where there is a
 * declaration in its order (as the host has made it), or an empty view: none.
 * Borrowed until the call ends. */
void call_begin(struct drover_call *call, const struct worker_task *task,
                struct drover_value args);

/* Judge how it went, given what the task returned: sets `failed` and
 * `failure` when it broke its declaration. */
void call_judge(struct drover_call *call, int returned);

/* Free what only this call needed. */
void call_end(struct drover_call *call);

/* The task in a message, "task total" or "the task", in OUT or a constant. */
const char *call_format_task(const struct drover_call *call, char *out,
                             size_t size);

/* Note a mistake in the plugin's use of this library, unless the call has
 * failed already. */
void call_misused(struct drover_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
