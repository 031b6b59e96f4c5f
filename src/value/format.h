/* Reading the formats of pack and unpack. */
#ifndef VALUE_FORMAT_H
#define VALUE_FORMAT_H

#include <string.h>

/* The next letter of the format at *AT, past what is there for the reader
 * only; NUL at the end. *AT is then behind the letter, or on the NUL. */
static inline char format_next(const char **at)
{
    *at += strspn(*at, " \t\n,:");
    return **at == '\0' ? '\0' : *(*at)++;
}

#endif
