/* [worker] The call that a task is given: its arguments, and what it makes of
 * them. The public functions on it are in include/drover/plugin.h. */
#ifndef PLUGIN_CALL_H
#define PLUGIN_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/plugin.h>

#include "base/buffer.h"
#include "plugin/outbox.h"

enum { CALL_FAILURE_BYTES = 4096 };

/* What a task returns after drover_fail(). */
enum { CALL_FAILED = -1 };

/* One for all calls of a worker: call_begin() makes it the next one.
 *
 * args     by parameter, in the order of the declaration
 * texts    copies of text arguments, terminated by NUL, chained
 * builder  what drover_call_builder() gave, and where returned values are put
 * scalar   where a single number, bool or null is put instead
 * sender   for values that are sent ahead
 * sent     some values have been sent ahead
 * failure  room for CALL_FAILURE_BYTES; the message once `failed` is set */
struct drover_call {
    struct outbox *outbox;
    const struct drover_task *task;
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
    bool has_result;
    bool sent;
    bool failed;
    char *failure;
};

/* Returns 0 or -ENOMEM. */
int call_init(struct drover_call *call, struct outbox *outbox);
void call_clear(struct drover_call *call);

/* Begin a call of TASK, whose parameters lie PARAM_STRIDE apart, with ARGS, a
 * map in the order of the declaration (as the host has made it); borrowed
 * until the call ends. */
void call_begin(struct drover_call *call, const struct drover_task *task,
                size_t param_stride, struct drover_value args);

/* Judge how it went, given what the task returned: sets `failed` and
 * `failure` when it broke its declaration. */
void call_judge(struct drover_call *call, int returned);

/* Free what only this call needed. */
void call_end(struct drover_call *call);

/* Note a mistake in the plugin's use of this library, unless the call has
 * failed already. */
void call_misused(struct drover_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
