/* Where collected lines go, and when they have got there: on the disk when it
 * is a file of `--output`, taken by the reader when it is a pipe, else written.
 * Only then may what they say be acknowledged. */
#ifndef CLI_OUTLET_H
#define CLI_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include <drover/error.h>

#include "base/buffer.h"

/* path      of the file, borrowed; NULL: standard output
 * own       a file that nobody else writes to meanwhile, and that is synced
 * pipe      a reader takes what is written, and is waited for
 * written   lines, so far */
struct outlet {
    const char *path;
    int descriptor;
    bool own;
    bool pipe;
    size_t written;
};

/* Open PATH for appending (NULL: standard output); it is made, 0666 but for the
 * umask, when it is not there. A last line without its newline was left by
 * somebody who was killed while writing it: it is cut off, *CUT bytes.
 * Returns 0; -EBUSY when another collector writes to it; or what open(2)
 * says. */
int outlet_open(struct outlet *outlet, const char *path, size_t *cut,
                struct drover_error *err);
void outlet_close(struct outlet *outlet);

/* How many lines should be written in one go, at most: few for a pipe, whose
 * reader may soon have enough, at first one by one. */
size_t outlet_appetite(const struct outlet *outlet);

/* Write LINES, COUNT of them. Returns 0 when they have got there; -EPIPE when
 * nobody reads, -EINTR when a signal was noted (see cli/interrupt.h), -ENOSPC,
 * -EIO and so on: some may have been written, and none may be acknowledged. */
int outlet_write(struct outlet *outlet, const struct buffer *lines,
                 size_t count, struct drover_error *err);

/* Whether it is a pipe that nobody reads any more. */
bool outlet_is_deserted(const struct outlet *outlet);

#endif
