/* A growable buffer of bytes with an upper bound: bytes are appended at its
 * end and consumed from its front. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* The readable bytes are data[start .. end). */
struct buffer {
    uint8_t *data;
    size_t start;
    size_t end;
    size_t capacity;
    size_t limit;
};

/* An empty buffer that never holds more than LIMIT bytes. */
#define BUFFER_INIT(limit_bytes)                                               \
    {                                                                          \
        .limit = (limit_bytes)                                                 \
    }
void buffer_init(struct buffer *buffer, size_t limit);
void buffer_clear(struct buffer *buffer);

static inline size_t buffer_size(const struct buffer *buffer)
{
    return buffer->end - buffer->start;
}

/* The first readable byte; valid until the buffer is changed. NULL when the
 * buffer has never held anything: C does not even let 0 be added to that. */
static inline uint8_t *buffer_bytes(const struct buffer *buffer)
{
    return buffer->data == NULL ? NULL : buffer->data + buffer->start;
}

/* Forget the contents, keep the memory. */
static inline void buffer_reset(struct buffer *buffer)
{
    buffer->start = buffer->end = 0;
}

/* Make room for SIZE more bytes behind the contents. Returns 0, -ENOMEM or
 * -EMSGSIZE (the limit). */
int buffer_grow(struct buffer *buffer, size_t size);

/* As buffer_grow(), without a function call when there is room. */
static inline int buffer_reserve(struct buffer *buffer, size_t size)
{
    if (buffer->capacity - buffer->end >= size)
        return 0;
    return buffer_grow(buffer, size);
}

/* Where bytes may be written after buffer_reserve(), and telling how many. */
static inline uint8_t *buffer_tail(const struct buffer *buffer)
{
    return buffer->data + buffer->end;
}
static inline void buffer_extend(struct buffer *buffer, size_t size)
{
    buffer->end += size;
}

/* Append a copy of SIZE bytes. Returns as buffer_reserve(). */
int buffer_append(struct buffer *buffer, const void *bytes, size_t size);
int buffer_append_text(struct buffer *buffer, const char *text);
int buffer_append_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int buffer_append_format_v(struct buffer *buffer, const char *format,
                           va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Drop SIZE bytes (at most buffer_size()) from the front. */
void buffer_consume(struct buffer *buffer, size_t size);

/* Give memory back when the buffer is empty and holds more than KEEP bytes. */
void buffer_shrink(struct buffer *buffer, size_t keep);

#endif
