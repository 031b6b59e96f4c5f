/* The words of a file, one after the other: maximal runs of ASCII letters,
 * lower-cased. Memory does not grow with the file. */
#ifndef TEXT_READER_H
#define TEXT_READER_H

#include <stddef.h>
#include <stdint.h>

/* A longer word is an error: no text that people wrote has one. */
enum { READER_WORD_MAX_BYTES = 1024 * 1024 };

struct reader;

/* Open the file PATH. Returns 0, -ENOMEM, or the negative errno of open(2). */
int reader_open(const char *path, struct reader **out);
void reader_close(struct reader *reader);

/* Read the next word.
 *
 * text  borrowed until the next call, not terminated
 * line  where the word is, from 1
 *
 * Returns 1, 0 at the end of the file, or negative: -EMSGSIZE (a word above
 * READER_WORD_MAX_BYTES), -ENOMEM, or the errno of read(2), -EISDIR among
 * them. */
int reader_next(struct reader *reader, const char **text, size_t *size,
                uint64_t *line);

/* Why one of the above failed with RESULT. */
const char *reader_reason(int result);

#endif
