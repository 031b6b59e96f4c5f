/* The bytes of a file, checked before a YAML parser sees them. */
#ifndef JOB_ENCODING_H
#define JOB_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "job/problems.h"

/* Check that the SIZE bytes at *TEXT are no more than a file may have, UTF-8,
 * without NUL and without a %TAG line. A byte order mark in front is taken off.
 * Returns whether they are; otherwise one problem was added. */
bool encoding_check(const char **text, size_t *size, struct problems *problems);

/* Line and column, both from 1, of the byte at OFFSET (at most SIZE); what is
 * before it is valid UTF-8. */
struct position encoding_position(const char *text, size_t size, size_t offset);

#endif
