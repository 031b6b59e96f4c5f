/* Values as JSON text. */
#ifndef VALUE_JSON_H
#define VALUE_JSON_H

#include <drover/value.h>

#include "base/buffer.h"

/* Append VALUE as JSON on one line, without a newline, to OUT; as
 * drover_value_to_json() writes it. Allocates only to make OUT larger.
 *
 * flags  of enum drover_json_flags
 *
 * Returns 0, -ENOMEM, -EMSGSIZE, or -EINVAL (VALUE is not well-formed); OUT is
 * then as it was. */
int value_print_json(struct buffer *out, struct drover_value value,
                     unsigned flags);

/* The same, but a text is printed as it is. */
int value_print_plain(struct buffer *out, struct drover_value value,
                      unsigned flags);

#endif
