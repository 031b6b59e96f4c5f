/* [host] Where results go: a descriptor whose reader may be slow, or gone. */
#ifndef RUN_SINK_H
#define RUN_SINK_H

#include <stdbool.h>

#include <drover/value.h>

#include "base/buffer.h"

enum { SINK_FULL_BYTES = 256 * 1024 };

/* descriptor  what is written to: the one given, or OWN
 * own         the terminal, opened once more to be written to without waiting;
 *             -1: no terminal, or it cannot be opened
 * json_flags  see drover_value_to_json()
 * plain       values that are texts are written as they are, not as JSON
 * pollable    the descriptor can say when it takes more
 * gated       what is added is written only when it was released
 * held        so many bytes, the last of the buffer, are not released
 * written     bytes so far
 * closed      the reader is gone; what is added is dropped
 * error       an errno value of a write that failed otherwise */
struct sink {
    int descriptor;
    int own;
    unsigned json_flags;
    bool plain;
    bool pollable;
    bool gated;
    size_t held;
    uint64_t written;
    bool closed;
    int error;
    struct buffer buffer;
};

/* DESCRIPTOR is borrowed and its flags stay as they are. */
void sink_init(struct sink *sink, int descriptor, unsigned json_flags);
void sink_clear(struct sink *sink);

/* Add one value as a line of JSON, or the lines of a plain text. Returns 0 or
 * -ENOMEM. */
int sink_add(struct sink *sink, struct drover_value value);

/* Add SIZE bytes of lines, their newlines included. Returns 0 or -ENOMEM. */
int sink_add_lines(struct sink *sink, const char *lines, size_t size);

/* Write as much as goes without waiting, whole lines where that is possible:
 * others may write there, too. */
void sink_flush(struct sink *sink);

/* Drop what is not written, and whatever is added from now on. error: an errno
 * value, or EPIPE, which is none */
void sink_give_up(struct sink *sink, int error);

/* Whether the reader is so slow that nothing should be added. */
static inline bool sink_is_full(const struct sink *sink)
{
    return buffer_size(&sink->buffer) >= SINK_FULL_BYTES;
}

/* Whether something that was released is still to be written. */
static inline bool sink_has_unwritten(const struct sink *sink)
{
    return buffer_size(&sink->buffer) > sink->held;
}

/* Let everything that was added be written. */
static inline void sink_release(struct sink *sink)
{
    sink->held = 0;
}

/* How many bytes were added so far; that is how many must be written until what
 * was added last is. */
static inline uint64_t sink_added(const struct sink *sink)
{
    return sink->written + buffer_size(&sink->buffer);
}

#endif
