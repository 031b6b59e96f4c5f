/* Text out of bytes that may be anything. */
#ifndef SHELL_UTF8_H
#define SHELL_UTF8_H

#include <stddef.h>

/* A copy of SIZE bytes in which U+FFFD stands for what is not valid UTF-8
 * (RFC 3629), one for each maximal part of a character (The Unicode Standard,
 * section 3.9). *OUT_SIZE bytes, terminated by NUL, for the caller to free().
 * Returns NULL when there is no memory. */
char *utf8_repair(const char *bytes, size_t size, size_t *out_size);

/* SIZE without a character at the end that only begins there. */
size_t utf8_whole_characters(const char *bytes, size_t size);

#endif
