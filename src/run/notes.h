/* [host] Lines for people, on their way to a descriptor whose reader may be
 * slow, stuck or gone. A slow one makes whoever has lines wait; one that takes
 * nothing at all for long is not waited for: lines are dropped then, and
 * counted where they are missing. */
#ifndef RUN_NOTES_H
#define RUN_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/sink.h"

enum { NOTES_PATIENCE_MS = 5000 };

/* moved_ms  when the reader last took something, or there was room for more
 * stuck     it has not for so long that lines are dropped
 * dropped   how many since then */
struct notes {
    struct sink sink;
    int64_t moved_ms;
    bool stuck;
    uint64_t dropped;
};

/* DESCRIPTOR is borrowed and its flags stay as they are. */
void notes_init(struct notes *notes, int descriptor);
void notes_clear(struct notes *notes);

/* Add a line of SIZE bytes, its newline included. Does not write it. */
void notes_add(struct notes *notes, const char *line, size_t size);

/* Write as much as goes without waiting. NOW_MS: of the monotonic clock. */
void notes_flush(struct notes *notes, int64_t now_ms);

/* Wait no longer for a reader that has not taken all: drop the rest, and
 * whatever is added from now on. */
void notes_give_up(struct notes *notes);

/* Whether whoever makes lines had better wait. */
static inline bool notes_is_full(const struct notes *notes)
{
    return sink_is_full(&notes->sink) && !notes->stuck;
}

static inline bool notes_has_unwritten(const struct notes *notes)
{
    return sink_has_unwritten(&notes->sink);
}

/* Whether what is added goes nowhere: the reader has gone or was given up. */
static inline bool notes_is_closed(const struct notes *notes)
{
    return notes->sink.closed;
}

#endif
