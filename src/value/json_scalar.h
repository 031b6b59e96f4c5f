/* The JSON forms of single numbers, texts and bytes. */
#ifndef VALUE_JSON_SCALAR_H
#define VALUE_JSON_SCALAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Append one value. Each returns 0, -ENOMEM or -EMSGSIZE.
 *
 * flags  of enum drover_json_flags
 * text   valid UTF-8 */
int json_put_uint(struct buffer *out, uint64_t number);
int json_put_int(struct buffer *out, int64_t number);
int json_put_float(struct buffer *out, double number, unsigned flags);
int json_put_text(struct buffer *out, const char *text, size_t size);
int json_put_bytes(struct buffer *out, const uint8_t *bytes, size_t size);

#endif
