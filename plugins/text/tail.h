/* The lines of a file that grows. It need not be there yet, may be emptied, and
 * may be replaced by another one of its name: then that one is read. */
#ifndef TEXT_TAIL_H
#define TEXT_TAIL_H

#include <stddef.h>
#include <stdint.h>

enum { TAIL_LINE_MAX_BYTES = 1024 * 1024 };

struct tail;

/* PATH is borrowed. Returns NULL when out of memory. */
struct tail *tail_create(const char *path);
void tail_destroy(struct tail *tail);

/* The next whole line, without its end.
 *
 * line  borrowed until the next call, not terminated
 *
 * Returns 1; 0 when there is none yet; -EMSGSIZE (a line above
 * TAIL_LINE_MAX_BYTES), -ENOMEM, or the errno of open(2) or read(2). */
int tail_next(struct tail *tail, const char **line, size_t *size);

#endif
