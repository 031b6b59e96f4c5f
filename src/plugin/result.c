/* [worker] What a call returns and sends. */
#include <errno.h>
#include <string.h>

#include "plugin/call.h"
#include "value/encode.h"

/* Every way to return or send builds a value by a builder; its failure, if
 * any, becomes the call's. */
static int take_built(struct drover_call *call, struct drover_builder *builder,
                      struct drover_value *out)
{
    struct drover_error err;
    if (drover_builder_value(builder, out, &err) < 0)
        return drover_fail(call, "the result cannot be built: %s", err.message);
    return 0;
}

int drover_return_built(struct drover_call *call)
{
    struct drover_value built;
    int status = take_built(call, call->builder, &built);
    if (status == 0) {
        call->result = built;
        call->has_result = true;
    }
    return status;
}

static struct drover_builder *anew(struct drover_call *call)
{
    drover_builder_reset(call->builder);
    return call->builder;
}

struct drover_builder *drover_call_builder(struct drover_call *call)
{
    return call->builder;
}

/* A single scalar needs no builder: tiny tasks are to stay tiny. STATUS is that
 * of putting it into the call's buffer for one. */
static int return_scalar(struct drover_call *call, int status)
{
    if (status < 0)
        return drover_fail(call, "the result cannot be built: %s",
                           strerror(-status));
    call->result = value_of_buffer(&call->scalar);
    call->has_result = true;
    return 0;
}

static struct buffer *scalar(struct drover_call *call)
{
    buffer_reset(&call->scalar);
    return &call->scalar;
}

int drover_return_null(struct drover_call *call)
{
    return return_scalar(call, value_put_null(scalar(call)));
}

int drover_return_bool(struct drover_call *call, bool b)
{
    return return_scalar(call, value_put_bool(scalar(call), b));
}

int drover_return_int(struct drover_call *call, int64_t i)
{
    return return_scalar(call, value_put_int(scalar(call), i));
}

int drover_return_float(struct drover_call *call, double d)
{
    return return_scalar(call, value_put_float(scalar(call), d));
}

int drover_return_text(struct drover_call *call, const char *text)
{
    drover_build_text(anew(call), text);
    return drover_return_built(call);
}

int drover_return_bytes(struct drover_call *call, const void *bytes,
                        size_t size_bytes)
{
    drover_build_bytes(anew(call), bytes, size_bytes);
    return drover_return_built(call);
}

int drover_return_value(struct drover_call *call, struct drover_value value)
{
    drover_build_value(anew(call), value);
    return drover_return_built(call);
}

int drover_return_pack(struct drover_call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    drover_build_pack_v(anew(call), format, arguments);
    va_end(arguments);
    return drover_return_built(call);
}

int drover_return_nothing(struct drover_call *call)
{
    call->has_result = false;
    call->sent = true;
    return 0;
}

static int send_built(struct drover_call *call, struct drover_value value)
{
    struct message message = {
        .type = MESSAGE_SENT,
        .as.sent = { .sequence = call->sequence, .value = value },
    };
    int status = outbox_put(call->outbox, &message);
    /* Whoever waits for it is not to wait for the end of the call. What lies in
     * a slate is fetched by the host. */
    if (status == 0 && call->outbox->slate == NULL)
        status = outbox_flush(call->outbox);
    if (status < 0)
        return drover_fail(call, "a result cannot be sent: %s",
                           strerror(-status));
    call->sent = true;
    return 0;
}

int drover_send(struct drover_call *call, struct drover_value value)
{
    struct drover_error err;
    if (drover_value_check(value, &err) < 0)
        return drover_fail(call, "a result cannot be sent: %s", err.message);
    return send_built(call, value);
}

int drover_send_pack(struct drover_call *call, const char *format, ...)
{
    drover_builder_reset(call->sender);
    va_list arguments;
    va_start(arguments, format);
    drover_build_pack_v(call->sender, format, arguments);
    va_end(arguments);
    struct drover_value value;
    int status = take_built(call, call->sender, &value);
    return status == 0 ? send_built(call, value) : status;
}
