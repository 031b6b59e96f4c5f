/* A slate: memory that a slot's host and its reused worker share, on which
 * both note how far each queued call has come, and which holds the worker's
 * outgoing bytes. It lets the host
 *
 *   - take back calls that the worker has not started, even while the worker
 *     is busy in task code;
 *   - tell, after a crash, which call was running, and recover results that
 *     were finished but not yet sent;
 *   - take what a call prints, without taking what the next one prints.
 *
 * What the worker writes here is hostile: the host only copies it out. */
#ifndef WIRE_SLATE_H
#define WIRE_SLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/error.h>

#include "base/buffer.h"

/* A call's sequence number, unique for its worker, names its cell on the slate
 * by its remainder modulo SLATE_CALLS; no two calls in flight share a cell. */
enum {
    SLATE_CALLS = 256, /* calls that can be in flight at once */
    SLATE_OUTBOX_BYTES = 64 * 1024,
};

struct slate;

/* [host] Make a slate and, in *DESCRIPTOR, the sealed memory file to hand to
 * the other process. */
int slate_create(struct slate **out, int *descriptor, struct drover_error *err);

/* [keeper] Map the memory file DESCRIPTOR, which stays the caller's. */
int slate_map(int descriptor, struct slate **out, struct drover_error *err);
void slate_destroy(struct slate *slate);

/* [host] Begin anew for another worker; the previous one must be dead. */
void slate_reset(struct slate *slate);

/* [host] Note that call SEQUENCE is on its way, before it is sent. Its cell
 * must be free: the call before has ended or was taken back. */
void slate_post(struct slate *slate, uint64_t sequence);

/* [host] Take call SEQUENCE back. Returns false when it has been started. */
bool slate_recall(struct slate *slate, uint64_t sequence);

/* [host] Whether the worker has started call SEQUENCE. */
bool slate_is_started(const struct slate *slate, uint64_t sequence);

/* [worker] Claim call SEQUENCE. Returns false when the host took it back. */
bool slate_start(struct slate *slate, uint64_t sequence);

/* [worker] Put bytes into the outbox. Returns false when there is no room. */
bool slate_put(struct slate *slate, const void *bytes, size_t size);

/* [worker] What is in the outbox, and forgetting it once it has been sent. */
size_t slate_outbox(const struct slate *slate, const uint8_t **bytes);
void slate_empty(struct slate *slate);

/* [worker] Note that SIZE bytes went past the empty outbox, straight to the
 * socket. */
void slate_pass(struct slate *slate, size_t size);

/* [host] Append to OUT the bytes that the worker has put but not sent.
 *
 * position  bytes of the worker's stream that we have, the socket read empty
 *
 * Returns 0, also when there is nothing or the worker has just moved on, or
 * -ENOMEM. */
int slate_rescue(const struct slate *slate, uint64_t position,
                 struct buffer *out);

/* Who reads the pipe of printed text may do so only between these two. The
 * worker holds it from before it looks for printed text until the call is
 * done. */
bool slate_try_lock(struct slate *slate);
void slate_lock(struct slate *slate);
void slate_unlock(struct slate *slate);

#endif
