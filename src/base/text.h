/* Text: UTF-8, names, and the nearest name to a mistyped one. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* The length of the longest prefix of TEXT that is valid UTF-8 (RFC 3629: no
 * surrogates, no overlong forms); SIZE when all of it is. */
size_t text_utf8_valid(const char *text, size_t size);

/* Which of the COUNT names is the one that NAME was probably meant to be: the
 * nearest by edits (a swap of neighbours is one), if it takes at most a third
 * of the name's length, at least one. Returns NULL when none is near.
 *
 * get   gives name I of CONTEXT; may give NULL, which is passed over */
typedef const char *(*text_name_fn)(const void *context, size_t i);
const char *text_nearest(const char *name, text_name_fn get,
                         const void *context, size_t count);

/* Whether TEXT is [a-z][a-z0-9_]* of at most 63 bytes; with DASHES '-' may
 * stand where '_' may. */
bool text_is_name(const char *text, bool dashes);

/* Append TEXT with every control character as \xNN, so that it stays on one
 * line and does nothing to a terminal. Returns 0, -ENOMEM or -EMSGSIZE. */
int text_escape(struct buffer *out, const char *text, size_t size);

/* Append TEXT with every byte that is no UTF-8 as \xNN, as paths need it to be
 * texts. Returns likewise. */
int text_escape_invalid(struct buffer *out, const char *text, size_t size);

#endif
