/* [host] What a call prints: cut into lines, and the last of them kept for the
 * report. */
#ifndef DISPATCH_PRINTED_H
#define DISPATCH_PRINTED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

enum {
    PRINTED_LINE_BYTES = 4096, /* longer lines are cut into such pieces */
    PRINTED_LAST_BYTES = 8192,
};

/* Takes a line, without its newline. */
typedef void (*printed_line_fn)(void *context, const char *line, size_t size);

/* line  the beginning of the line that is not complete
 * last  the last lines, whole
 * cut   there were more before them */
struct printed {
    struct buffer line;
    struct buffer last;
    bool cut;
};

void printed_init(struct printed *printed);
void printed_clear(struct printed *printed);

/* Add bytes as they came; complete lines go to EMIT. */
void printed_add(struct printed *printed, const char *bytes, size_t size,
                 printed_line_fn emit, void *context);

/* The call has ended: an incomplete line is a line now. */
void printed_finish(struct printed *printed, printed_line_fn emit,
                    void *context);

/* Begin anew for the next call. */
void printed_reset(struct printed *printed);

#endif
