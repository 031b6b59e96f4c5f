#include "base/buffer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 64 };

void buffer_init(struct buffer *buffer, size_t limit)
{
    *buffer = (struct buffer)BUFFER_INIT(limit);
}

void buffer_clear(struct buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer, buffer->limit);
}

static void move_to_front(struct buffer *buffer)
{
    if (buffer->start == 0)
        return;
    memmove(buffer->data, buffer_bytes(buffer), buffer_size(buffer));
    buffer->end -= buffer->start;
    buffer->start = 0;
}

int buffer_grow(struct buffer *buffer, size_t size)
{
    size_t used = buffer_size(buffer);
    if (size > buffer->limit || used > buffer->limit - size)
        return -EMSGSIZE;
    size_t needed = used + size;
    /* Moving is worth it when it frees at least as much as it copies. */
    if (needed <= buffer->capacity &&
        (buffer->start >= used || needed <= buffer->capacity / 2)) {
        move_to_front(buffer);
        return 0;
    }
    size_t capacity = CAPACITY_MIN;
    while (capacity < needed || capacity <= buffer->capacity)
        capacity *= 2;
    if (capacity > buffer->limit)
        capacity = buffer->limit;
    move_to_front(buffer);
    if (capacity <= buffer->capacity)
        return 0;
    uint8_t *data = realloc(buffer->data, capacity);
    if (data == NULL)
        return -ENOMEM;
    buffer->data = data;
    buffer->capacity = capacity;
    return 0;
}

int buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0)
        return 0;
    int status = buffer_reserve(buffer, size);
    if (status < 0)
        return status;
    memcpy(buffer_tail(buffer), bytes, size);
    buffer_extend(buffer, size);
    return 0;
}

int buffer_append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

int buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = buffer_append_format_v(buffer, format, arguments);
    va_end(arguments);
    return status;
}

int buffer_append_format_v(struct buffer *buffer, const char *format,
                           va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    int status =
        length < 0 ? -EINVAL : buffer_reserve(buffer, (size_t)length + 1);
    if (status == 0) {
        vsnprintf((char *)buffer_tail(buffer), (size_t)length + 1, format,
                  again);
        buffer_extend(buffer, (size_t)length);
    }
    va_end(again);
    return status;
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    buffer->start += size;
    if (buffer->start == buffer->end)
        buffer_reset(buffer);
}

void buffer_shrink(struct buffer *buffer, size_t keep)
{
    if (buffer_size(buffer) == 0 && buffer->capacity > keep)
        buffer_clear(buffer);
}
