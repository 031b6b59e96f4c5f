/* Members of JSON objects, as commands print them. */
#ifndef CLI_MEMBER_H
#define CLI_MEMBER_H

#include <drover/value.h>

#include "base/buffer.h"

/* Append a member. KEY is all that stands before its value: `,"error":`. All
 * return 0, -ENOMEM or -EMSGSIZE. */
int member_put_text(struct buffer *out, const char *key, const char *text);

/* The same for SIZE bytes that may be none of UTF-8: those are shown as
 * \xNN. Paths may be any bytes; JSON may not. */
int member_put_bytes(struct buffer *out, const char *key, const char *bytes,
                     size_t size);

/* EMPTY stands for a view without anything. Also -EINVAL: it is no value.
 *
 * flags  of enum drover_json_flags */
int member_put_value(struct buffer *out, const char *key,
                     struct drover_value value, const char *empty,
                     unsigned flags);

#endif
