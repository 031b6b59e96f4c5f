/* Appending values to a buffer: heads in their shortest form, floats always
 * with 64 bits. Nothing is checked here; see <drover/value.h> for a builder
 * that does. */
#ifndef VALUE_ENCODE_H
#define VALUE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/value.h>

#include "base/buffer.h"

/* What a builder makes is at most so large. */
enum { VALUE_LIMIT_BYTES = 256 * 1024 * 1024 };

/* A head is at most so large. */
enum { VALUE_HEAD_BYTES = 9 };

/* Append one value. Each returns 0, or -ENOMEM or -EMSGSIZE with nothing
 * appended.
 *
 * text   valid UTF-8
 * value  well-formed, copied */
int value_put_null(struct buffer *buffer);
int value_put_bool(struct buffer *buffer, bool b);
int value_put_int(struct buffer *buffer, int64_t i);
int value_put_uint(struct buffer *buffer, uint64_t i);
int value_put_float(struct buffer *buffer, double d);
int value_put_text(struct buffer *buffer, const char *text, size_t size);
int value_put_bytes(struct buffer *buffer, const void *bytes, size_t size);
int value_put_raw(struct buffer *buffer, struct drover_value value);

/* Append a head: COUNT elements or pairs (a text, a value) must follow, or
 * the one value that is tagged. Returns as above. */
int value_put_list_head(struct buffer *buffer, size_t count);
int value_put_map_head(struct buffer *buffer, size_t count);
int value_put_tag(struct buffer *buffer, uint64_t tag);

/* Write the head of a list or map to OUT, which has room for
 * VALUE_HEAD_BYTES. Returns its size. */
size_t value_write_list_head(uint8_t *out, size_t count);
size_t value_write_map_head(uint8_t *out, size_t count);

/* All that was put into BUFFER, if that is one value; borrowed until the
 * buffer is changed. */
static inline struct drover_value value_of_buffer(const struct buffer *buffer)
{
    return (struct drover_value){ .data = buffer_bytes(buffer),
                                  .size = buffer_size(buffer) };
}

#endif
