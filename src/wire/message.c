#include "wire/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "value/check.h"
#include "value/encode.h"

enum field_kind { FIELD_UINT, FIELD_INT, FIELD_TEXT, FIELD_BYTES, FIELD_VALUE };

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;
};

enum { FIELDS_MAX = 14 };

struct layout {
    enum message_type type;
    const char *name;
    size_t count;
    struct field fields[FIELDS_MAX];
};

#define FIELD(body, member, kind)                                              \
    {                                                                          \
#member, kind, offsetof(struct message, as.body.member)                \
    }

static const struct layout layouts[] = {
    { MESSAGE_OPEN,
      "open",
      3,
      { FIELD(open, protocol, FIELD_UINT), FIELD(open, seed, FIELD_UINT),
        FIELD(open, paths, FIELD_VALUE) } },
    { MESSAGE_FORK,
      "fork",
      2,
      { FIELD(fork, reused, FIELD_UINT), FIELD(fork, count, FIELD_UINT) } },
    { MESSAGE_END, "end", 1, { FIELD(end, worker, FIELD_UINT) } },
    { MESSAGE_HOLD, "hold", 0, { { NULL, FIELD_UINT, 0 } } },
    { MESSAGE_LOADING, "loading", 1, { FIELD(loading, plugin, FIELD_UINT) } },
    { MESSAGE_REFUSED,
      "refused",
      2,
      { FIELD(refused, plugin, FIELD_UINT),
        FIELD(refused, reason, FIELD_TEXT) } },
    { MESSAGE_LOADED,
      "loaded",
      1,
      { FIELD(loaded, declarations, FIELD_VALUE) } },
    { MESSAGE_BORN,
      "born",
      3,
      { FIELD(born, worker, FIELD_UINT), FIELD(born, pid, FIELD_UINT),
        FIELD(born, reused, FIELD_UINT) } },
    { MESSAGE_UNBORN, "unborn", 1, { FIELD(unborn, error, FIELD_UINT) } },
    { MESSAGE_GONE,
      "gone",
      5,
      { FIELD(gone, worker, FIELD_UINT), FIELD(gone, status, FIELD_INT),
        FIELD(gone, cpu_us, FIELD_UINT), FIELD(gone, memory_kib, FIELD_UINT),
        FIELD(gone, leftovers, FIELD_UINT) } },
    { MESSAGE_CALL,
      "call",
      5,
      { FIELD(call, sequence, FIELD_UINT), FIELD(call, plugin, FIELD_UINT),
        FIELD(call, task, FIELD_UINT), FIELD(call, index, FIELD_UINT),
        FIELD(call, args, FIELD_VALUE) } },
    { MESSAGE_PASSED,
      "passed",
      3,
      { FIELD(passed, sequence, FIELD_UINT),
        FIELD(passed, has_value, FIELD_UINT),
        FIELD(passed, value, FIELD_VALUE) } },
    { MESSAGE_SENT,
      "sent",
      2,
      { FIELD(sent, sequence, FIELD_UINT), FIELD(sent, value, FIELD_VALUE) } },
    { MESSAGE_RETURNED,
      "returned",
      4,
      { FIELD(returned, sequence, FIELD_UINT),
        FIELD(returned, elapsed_ns, FIELD_UINT),
        FIELD(returned, has_value, FIELD_UINT),
        FIELD(returned, value, FIELD_VALUE) } },
    { MESSAGE_FAILED,
      "failed",
      4,
      { FIELD(failed, sequence, FIELD_UINT),
        FIELD(failed, elapsed_ns, FIELD_UINT), FIELD(failed, cause, FIELD_UINT),
        FIELD(failed, text, FIELD_TEXT) } },
    { MESSAGE_LOGGED,
      "logged",
      3,
      { FIELD(logged, sequence, FIELD_UINT), FIELD(logged, level, FIELD_UINT),
        FIELD(logged, text, FIELD_TEXT) } },
    { MESSAGE_PRINTED,
      "printed",
      2,
      { FIELD(printed, sequence, FIELD_UINT),
        FIELD(printed, bytes, FIELD_BYTES) } },
    { MESSAGE_RETIRING,
      "retiring",
      1,
      { FIELD(retiring, reason, FIELD_TEXT) } },
    { MESSAGE_HELLO, "hello", 1, { FIELD(hello, protocol, FIELD_UINT) } },
    { MESSAGE_TAKE,
      "take",
      3,
      { FIELD(take, count, FIELD_UINT), FIELD(take, peek, FIELD_UINT),
        FIELD(take, wait, FIELD_UINT) } },
    { MESSAGE_ACKNOWLEDGE,
      "acknowledge",
      2,
      { FIELD(acknowledge, first, FIELD_UINT),
        FIELD(acknowledge, last, FIELD_UINT) } },
    { MESSAGE_ASK, "ask", 1, { FIELD(ask, ended, FIELD_UINT) } },
    { MESSAGE_CANCEL, "cancel", 0, { { NULL, FIELD_UINT, 0 } } },
    { MESSAGE_GIVE,
      "give",
      2,
      { FIELD(give, has_value, FIELD_UINT), FIELD(give, value, FIELD_VALUE) } },
    { MESSAGE_WELCOME,
      "welcome",
      2,
      { FIELD(welcome, protocol, FIELD_UINT),
        FIELD(welcome, run, FIELD_TEXT) } },
    { MESSAGE_ITEM,
      "item",
      14,
      { FIELD(item, number, FIELD_UINT), FIELD(item, redelivered, FIELD_UINT),
        FIELD(item, ended, FIELD_UINT), FIELD(item, stage, FIELD_TEXT),
        FIELD(item, index, FIELD_UINT), FIELD(item, args, FIELD_VALUE),
        FIELD(item, cause, FIELD_TEXT), FIELD(item, text, FIELD_TEXT),
        FIELD(item, code, FIELD_INT), FIELD(item, elapsed_ns, FIELD_UINT),
        FIELD(item, cpu_us, FIELD_UINT), FIELD(item, memory_kib, FIELD_UINT),
        FIELD(item, has_value, FIELD_UINT), FIELD(item, value, FIELD_VALUE) } },
    { MESSAGE_CONFIRMED,
      "confirmed",
      2,
      { FIELD(confirmed, first, FIELD_UINT),
        FIELD(confirmed, last, FIELD_UINT) } },
    { MESSAGE_DRAINED, "drained", 1, { FIELD(drained, complete, FIELD_UINT) } },
    { MESSAGE_STATUS, "status", 1, { FIELD(status, standing, FIELD_VALUE) } },
    { MESSAGE_GIVEN, "given", 1, { FIELD(given, error, FIELD_UINT) } },
    { MESSAGE_UNSERVED,
      "unserved",
      2,
      { FIELD(unserved, error, FIELD_UINT),
        FIELD(unserved, reason, FIELD_TEXT) } },
};
enum { LAYOUT_COUNT = sizeof layouts / sizeof layouts[0] };

static const struct layout *layout_of(unsigned type)
{
    static const struct layout *by_type[256];
    if (by_type[MESSAGE_OPEN] == NULL)
        for (size_t i = 0; i < LAYOUT_COUNT; i++)
            by_type[layouts[i].type] = &layouts[i];
    return type < 256 ? by_type[type] : NULL;
}

static size_t limit_of(enum message_sender sender)
{
    switch (sender) {
    case MESSAGE_FROM_COLLECTOR:
        return MESSAGE_LIMIT_FROM_COLLECTOR_BYTES;
    case MESSAGE_FROM_SERVER:
        return MESSAGE_LIMIT_FROM_SERVER_BYTES;
    default:
        return MESSAGE_LIMIT_BYTES;
    }
}

static enum message_sender sender_of(unsigned type)
{
    return (enum message_sender)(type & 0xf0u);
}

static int encode_field(struct buffer *buffer, const struct field *field,
                        const struct message *message)
{
    const void *at = (const char *)message + field->offset;
    const struct span *span = at;
    switch (field->kind) {
    case FIELD_UINT:
        return value_put_uint(buffer, *(const uint64_t *)at);
    case FIELD_INT:
        return value_put_int(buffer, *(const int64_t *)at);
    case FIELD_TEXT:
        return value_put_text(buffer, span->data, span->size);
    case FIELD_BYTES:
        return value_put_bytes(buffer, span->data, span->size);
    case FIELD_VALUE:
        return value_put_raw(buffer, *(const struct drover_value *)at);
    }
    return -EINVAL;
}

static void put_header(uint8_t *at, size_t body_size, enum message_type type)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(body_size >> (24 - 8 * i));
    at[4] = (uint8_t)type;
    memset(at + 5, 0, MESSAGE_HEADER_BYTES - 5);
}

int message_encode(struct buffer *buffer, const struct message *message)
{
    const struct layout *layout = layout_of(message->type);
    size_t before = buffer_size(buffer);
    int status = buffer_reserve(buffer, MESSAGE_HEADER_BYTES);
    if (status < 0)
        return status;
    buffer_extend(buffer, MESSAGE_HEADER_BYTES);
    status = value_put_list_head(buffer, layout->count);
    for (size_t i = 0; status == 0 && i < layout->count; i++)
        status = encode_field(buffer, &layout->fields[i], message);
    size_t body_size = buffer_size(buffer) - before - MESSAGE_HEADER_BYTES;
    if (status == 0 && body_size > limit_of(sender_of(message->type)))
        status = -EMSGSIZE;
    if (status < 0) {
        buffer->end = buffer->start + before;
        return status;
    }
    put_header(buffer_bytes(buffer) + before, body_size, message->type);
    return 0;
}

static int check_type(unsigned type, enum message_sender sender,
                      struct drover_error *err)
{
    const struct layout *layout = layout_of(type);
    if (layout == NULL)
        return error_set(err, EPROTO, "message of unknown type 0x%02x", type);
    if (sender_of(type) != sender)
        return error_set(err, EPROTO, "message \"%s\" from the wrong side",
                         layout->name);
    return 0;
}

int64_t message_frame_size(const uint8_t *bytes, size_t size,
                           enum message_sender sender, struct drover_error *err)
{
    if (size < MESSAGE_HEADER_BYTES)
        return 0;
    size_t body_size = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 |
                       (size_t)bytes[2] << 8 | bytes[3];
    if (body_size > limit_of(sender))
        return error_set(err, EPROTO, "frame of %zu bytes, limit %zu",
                         body_size, limit_of(sender));
    if ((bytes[5] | bytes[6] | bytes[7]) != 0)
        return error_set(err, EPROTO, "frame with reserved bits set");
    if (check_type(bytes[4], sender, err) < 0)
        return -EPROTO;
    size_t frame_size = MESSAGE_HEADER_BYTES + body_size;
    return size < frame_size ? 0 : (int64_t)frame_size;
}

static int decode_field(struct drover_value value, const struct field *field,
                        struct message *message)
{
    void *at = (char *)message + field->offset;
    struct span *span = at;
    const void *bytes;
    int status;
    switch (field->kind) {
    case FIELD_UINT:
        return drover_value_get_uint(value, at);
    case FIELD_INT:
        return drover_value_get_int(value, at);
    case FIELD_TEXT:
        return drover_value_get_text(value, &span->data, &span->size);
    case FIELD_BYTES:
        status = drover_value_get_bytes(value, &bytes, &span->size);
        if (status == 0)
            span->data = bytes;
        return status;
    case FIELD_VALUE:
        *(struct drover_value *)at = value;
        return 0;
    }
    return -EINVAL;
}

int message_decode(const uint8_t *bytes, size_t size,
                   enum message_sender sender, struct message *out,
                   struct drover_error *err)
{
    if (check_type(bytes[4], sender, err) < 0)
        return -EPROTO;
    const struct layout *layout = layout_of(bytes[4]);
    struct drover_value body = { bytes + MESSAGE_HEADER_BYTES,
                                 size - MESSAGE_HEADER_BYTES };
    if (value_check_body(body, err) < 0) {
        error_prefix(err, "message \"%s\"", layout->name);
        return -EPROTO;
    }
    if (drover_value_type(body) != DROVER_LIST ||
        drover_value_count(body) != layout->count)
        return error_set(err, EPROTO, "message \"%s\" is no list of %zu fields",
                         layout->name, layout->count);
    out->type = layout->type;
    struct drover_iterator fields = drover_iterate(body);
    struct drover_value value;
    for (size_t i = 0; drover_next(&fields, &value); i++)
        if (decode_field(value, &layout->fields[i], out) < 0)
            return error_set(err, EPROTO,
                             "message \"%s\": field %s is of the wrong type",
                             layout->name, layout->fields[i].name);
    return 0;
}

const char *message_describe(size_t i, char *line, size_t size)
{
    static const char *const kinds[] = { "uint", "int", "text", "bytes",
                                         "value" };
    if (i >= LAYOUT_COUNT)
        return NULL;
    const struct layout *layout = &layouts[i];
    size_t used = (size_t)snprintf(line, size, "0x%02x %s",
                                   (unsigned)layout->type, layout->name);
    for (size_t f = 0; f < layout->count && used < size; f++)
        used += (size_t)snprintf(line + used, size - used, " %s:%s",
                                 layout->fields[f].name,
                                 kinds[layout->fields[f].kind]);
    return line;
}
