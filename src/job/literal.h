/* Scalars as values: what is written, or comes from a file, becomes what is
 * expected at its place. */
#ifndef JOB_LITERAL_H
#define JOB_LITERAL_H

#include <stddef.h>

#include <drover/value.h>

#include "base/buffer.h"
#include "job/node.h"

/* Append what SCALAR of a job file stands for where a value of type EXPECTED
 * is wanted: where that is a text, a plain scalar as it is written (unless it
 * is a null); where it is a float, an int as a float; everywhere else what it
 * is by the core schema, for the caller to check. Returns as
 * buffer_append(). */
int literal_put_scalar(struct buffer *buffer, const struct node *scalar,
                       enum drover_type expected);

/* Append what a text that was made during the run stands for: where a bool, an
 * int or a float is expected and the text is one by the core schema, that;
 * everywhere else the text.
 *
 * text  valid UTF-8, SIZE bytes and a NUL */
int literal_put_text(struct buffer *buffer, char *text, size_t size,
                     enum drover_type expected);

#endif
