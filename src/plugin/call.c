/* [worker] */
#include "plugin/call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plugin/call_key.h"

enum { SCALAR_BYTES = 64 };

int call_init(struct drover_call *call, struct outbox *outbox)
{
    *call = (struct drover_call){ .outbox = outbox };
    buffer_init(&call->scalar, SCALAR_BYTES);
    call->builder = drover_builder_create();
    call->sender = drover_builder_create();
    call->failure = malloc(CALL_FAILURE_BYTES);
    if (call->builder != NULL && call->sender != NULL &&
        call->failure != NULL && buffer_reserve(&call->scalar, 1) == 0)
        return 0;
    call_clear(call);
    return -ENOMEM;
}

void call_clear(struct drover_call *call)
{
    call_end(call);
    drover_builder_destroy(call->builder);
    drover_builder_destroy(call->sender);
    buffer_clear(&call->scalar);
    free(call->failure);
    call->builder = call->sender = NULL;
    call->failure = NULL;
}

/* The map's values become those of the parameters: both have one order. */
static void bind_args(struct drover_call *call)
{
    struct drover_iterator pairs = drover_iterate(call->all_args);
    struct drover_value key, value;
    const struct worker_task *task = &call->task;
    call->param_count = 0;
    if (task->declared == NULL)
        return;
    const char *param = (const char *)task->declared->params;
    while (call->param_count < DROVER_PARAMS_MAX &&
           drover_next_pair(&pairs, &key, &value)) {
        call->params[call->param_count] = (const void *)param;
        call->args[call->param_count++] = value;
        param += task->param_stride;
    }
}

void call_begin(struct drover_call *call, const struct worker_task *task,
                struct drover_value args)
{
    static const uint8_t empty_map = 0xa0;
    call->task = *task;
    call->all_args =
        args.size > 0 ? args : (struct drover_value){ &empty_map, 1 };
    call->has_result = call->sent = call->failed = false;
    call->has_random = call->received_all = false;
    drover_builder_reset(call->builder);
    bind_args(call);
}

const char *call_format_task(const struct drover_call *call, char *out,
                             size_t size)
{
    if (call->task.name == NULL)
        return "the task";
    snprintf(out, size, "task %s", call->task.name);
    return out;
}

void call_judge(struct drover_call *call, int returned)
{
    if (call->failed)
        return;
    char words[CALL_TASK_BYTES];
    enum drover_type declared = call->task.declared == NULL
                                    ? DROVER_ANY
                                    : call->task.declared->result.type;
    if (returned != 0) {
        call_misused(call, "%s returned %d without a message",
                     call_format_task(call, words, sizeof words), returned);
    } else if (call->has_result && declared != DROVER_ANY) {
        enum drover_type type = drover_value_type(call->result);
        if (type != declared)
            call_misused(call, "%s returned %s where it declares %s",
                         call_format_task(call, words, sizeof words),
                         drover_type_name(type), drover_type_name(declared));
    }
}

/* Fail the call with a message, valid UTF-8 whatever the plugin put into it. */
static void __attribute__((format(printf, 2, 0)))
fail_v(struct drover_call *call, const char *format, va_list arguments)
{
    vsnprintf(call->failure, CALL_FAILURE_BYTES, format, arguments);
    if (call->failure[0] == '\0')
        strcpy(call->failure, "failed without a message");
    call->failure[text_utf8_valid(call->failure, strlen(call->failure))] = '\0';
    call->failed = true;
}

void call_misused(struct drover_call *call, const char *format, ...)
{
    if (call->failed)
        return;
    va_list arguments;
    va_start(arguments, format);
    fail_v(call, format, arguments);
    va_end(arguments);
}

uint64_t drover_call_index(const struct drover_call *call)
{
    return call->index;
}

void *drover_call_context(const struct drover_call *call)
{
    return call->task.context;
}

/* Worked out when it is asked for: most calls never do. */
uint64_t drover_call_seed(const struct drover_call *call)
{
    const struct worker_task *task = &call->task;
    struct call_key key =
        task->build_id != NULL
            ? call_key_of_task(task->build_id, task->name, call->all_args)
            : call_key_of_index(call->index, call->all_args);
    return call_key_seed(&key, call->run_seed);
}

uint64_t drover_call_random(struct drover_call *call)
{
    if (!call->has_random)
        generator_init(&call->random, drover_call_seed(call));
    call->has_random = true;
    return generator_next(&call->random);
}

double drover_call_random_unit(struct drover_call *call)
{
    return (double)(drover_call_random(call) >> 11) * 0x1p-53;
}

int drover_fail(struct drover_call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail_v(call, format, arguments);
    va_end(arguments);
    return CALL_FAILED;
}

void drover_log(struct drover_call *call, enum drover_log_level level,
                const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct message message = {
        .type = MESSAGE_LOGGED,
        .as.logged = { .sequence = call->sequence,
                       .level = (uint64_t)level,
                       .text = { text, text_utf8_valid(text, strlen(text)) } },
    };
    if (outbox_put(call->outbox, &message) == 0)
        outbox_flush(call->outbox);
}
