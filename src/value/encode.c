#include "value/encode.h"

#include <cbor.h>
#include <errno.h>
#include <string.h>

static int put_head(struct buffer *buffer,
                    size_t (*write)(size_t, unsigned char *, size_t),
                    size_t number)
{
    int status = buffer_reserve(buffer, VALUE_HEAD_BYTES);
    if (status == 0)
        buffer_extend(buffer,
                      write(number, buffer_tail(buffer), VALUE_HEAD_BYTES));
    return status;
}

int value_put_null(struct buffer *buffer)
{
    int status = buffer_reserve(buffer, VALUE_HEAD_BYTES);
    if (status == 0)
        buffer_extend(buffer,
                      cbor_encode_null(buffer_tail(buffer), VALUE_HEAD_BYTES));
    return status;
}

int value_put_bool(struct buffer *buffer, bool b)
{
    int status = buffer_reserve(buffer, VALUE_HEAD_BYTES);
    if (status == 0)
        buffer_extend(
            buffer, cbor_encode_bool(b, buffer_tail(buffer), VALUE_HEAD_BYTES));
    return status;
}

int value_put_int(struct buffer *buffer, int64_t i)
{
    if (i >= 0)
        return value_put_uint(buffer, (uint64_t)i);
    int status = buffer_reserve(buffer, VALUE_HEAD_BYTES);
    if (status == 0)
        buffer_extend(buffer,
                      cbor_encode_negint(~(uint64_t)i, buffer_tail(buffer),
                                         VALUE_HEAD_BYTES));
    return status;
}

int value_put_uint(struct buffer *buffer, uint64_t i)
{
    return put_head(buffer, cbor_encode_uint, i);
}

int value_put_float(struct buffer *buffer, double d)
{
    int status = buffer_reserve(buffer, VALUE_HEAD_BYTES);
    if (status == 0)
        buffer_extend(buffer, cbor_encode_double(d, buffer_tail(buffer),
                                                 VALUE_HEAD_BYTES));
    return status;
}

static int put_content(struct buffer *buffer,
                       size_t (*write)(size_t, unsigned char *, size_t),
                       const void *content, size_t size)
{
    if (size > SIZE_MAX - VALUE_HEAD_BYTES)
        return -EMSGSIZE;
    int status = buffer_reserve(buffer, VALUE_HEAD_BYTES + size);
    if (status < 0)
        return status;
    buffer_extend(buffer, write(size, buffer_tail(buffer), VALUE_HEAD_BYTES));
    if (size > 0)
        memcpy(buffer_tail(buffer), content, size);
    buffer_extend(buffer, size);
    return 0;
}

int value_put_text(struct buffer *buffer, const char *text, size_t size)
{
    return put_content(buffer, cbor_encode_string_start, text, size);
}

int value_put_bytes(struct buffer *buffer, const void *bytes, size_t size)
{
    return put_content(buffer, cbor_encode_bytestring_start, bytes, size);
}

int value_put_raw(struct buffer *buffer, struct drover_value value)
{
    return buffer_append(buffer, value.data, value.size);
}

int value_put_list_head(struct buffer *buffer, size_t count)
{
    return put_head(buffer, cbor_encode_array_start, count);
}

int value_put_map_head(struct buffer *buffer, size_t count)
{
    return put_head(buffer, cbor_encode_map_start, count);
}

int value_put_tag(struct buffer *buffer, uint64_t tag)
{
    return put_head(buffer, cbor_encode_tag, tag);
}

size_t value_write_list_head(uint8_t *out, size_t count)
{
    return cbor_encode_array_start(count, out, VALUE_HEAD_BYTES);
}

size_t value_write_map_head(uint8_t *out, size_t count)
{
    return cbor_encode_map_start(count, out, VALUE_HEAD_BYTES);
}
