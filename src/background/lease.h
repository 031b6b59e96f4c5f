/* Who has which items. A pool gives the items of a store to leases, each to one
 * of them; what a lease returns without having acknowledged it is given again
 * before new ones. What a pool remembers is bounded by how much leases may
 * have, not by how many items there are.
 *
 * What is given must be committed (store_commit()) before it is sent, and what
 * is acknowledged before that is confirmed. */
#ifndef BACKGROUND_LEASE_H
#define BACKGROUND_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/error.h>

#include "background/ranges.h"
#include "base/buffer.h"
#include "store/delivery.h"

/* So many items a lease may have, unless it only peeks. */
enum { LEASE_ITEMS_MAX = 16384 };

/* store     borrowed
 * cursor    items up to this number were given to somebody at some time
 * returned  those of them that nobody has now, and are not acknowledged
 * leased    how many items leases have; ranges: in so many pieces, for all of
 *           which there is room in `returned`
 * changed   something waits for a commit; the caller resets it */
struct lease_pool {
    struct store *store;
    uint64_t cursor;
    struct ranges returned;
    uint64_t leased;
    size_t ranges;
    bool changed;
};

/* peek          it sees everything, and has nothing
 * seen          the last item that it saw, if it peeks
 * given         items that it has
 * acknowledged  items that it had, and that their acknowledgement was recorded
 *               is not told yet; whoever tells it takes them out */
struct lease {
    bool peek;
    uint64_t seen;
    struct ranges given;
    struct ranges acknowledged;
};

void lease_pool_clear(struct lease_pool *pool);

/* Append items that LEASE is given to OUT, as frames, at most COUNT of them,
 * and none when OUT_LIMIT bytes are in OUT. Returns how many; 0 when there is
 * none, OUT is full or the lease has enough; a negative errno: those of the
 * store, and -ENOMEM. Some may have been given even then. */
int64_t lease_take(struct lease *lease, struct lease_pool *pool, uint64_t count,
                   struct buffer *out, size_t out_limit,
                   struct drover_error *err);

/* Of the items FIRST to LAST, those that LEASE has are acknowledged. Returns 0,
 * -ENOMEM, or what the store says. */
int lease_acknowledge(struct lease *lease, struct lease_pool *pool,
                      uint64_t first, uint64_t last, struct drover_error *err);

/* LEASE ends: what it has goes back to the pool. */
void lease_end(struct lease *lease, struct lease_pool *pool);

/* Whether nothing is left that LEASE could be given, as far as is known without
 * looking: lease_take() looks. */
bool lease_has_seen_all(const struct lease *lease,
                        const struct lease_pool *pool);

#endif
