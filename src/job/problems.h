/* What is wrong with a file, all of it in one go. */
#ifndef JOB_PROBLEMS_H
#define JOB_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* A place in a file, both from 1; column counts characters. Line 0: the file
 * as a whole. */
struct position {
    unsigned line;
    unsigned column;
};

/* Up to PROBLEMS_MAX problems are kept, all are counted. */
enum { PROBLEMS_MAX = 100 };

struct problem {
    struct position at;
    char *message;
};

struct problems {
    char *file;
    size_t count;
    struct problem kept[PROBLEMS_MAX];
};

/* FILE is the name that stands in front of each message; it is copied. */
int problems_init(struct problems *problems, const char *file);
void problems_clear(struct problems *problems);

/* Add one; the message is a sentence without a final period or newline.
 * Control characters in it are escaped, so that it stays one line. */
void problems_add(struct problems *problems, struct position at,
                  const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether further problems are only counted: no use in wording them well. */
bool problems_is_full(const struct problems *problems);

/* How many are kept. */
size_t problems_kept(const struct problems *problems);

/* Order them by their place in the file (stable). */
void problems_sort(struct problems *problems);

/* Append kept problem I as one line without a newline:
 * `file:line:column: message`, or `file: message` where the line is 0. Returns
 * as buffer_append(). */
int problems_format(const struct problems *problems, size_t i,
                    struct buffer *out);

#endif
