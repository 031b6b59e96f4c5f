/* [collector] One address that is collected from: over a connection to the
 * process that serves it, or, when that has gone, out of its store. Both give
 * the same items, as frames, under the same rules: at most as many as the
 * window allows are under way or not acknowledged. */
#ifndef BACKGROUND_SUPPLY_H
#define BACKGROUND_SUPPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/collect.h>

#include "background/lease.h"
#include "background/link.h"
#include "background/ranges.h"

enum supply_state {
    SUPPLY_GIVING,
    SUPPLY_MISSED, /* its server ended before it gave anything: open it again */
    SUPPLY_DRAINED, /* no more items will come */
    SUPPLY_FAILED,
};

/* address       as it was called by who connected to it
 * path          of the socket; NULL: none
 * failure       what has gone wrong with it, and was not said yet; code 0:
 *               nothing
 * unrecorded    why acknowledgements were lost, if that was not said yet
 * items         frames of items that have come and were not given out yet
 * front         size of the one at their front that was given out last
 * owed          so many items may be asked for
 * under_way     so many were asked for, and have not come
 * handed        numbers of those that were given out and are not acknowledged,
 *               in that order: a ring with room for a window
 * highest       number that was ever given out, of items that are not peeked at
 * given         something was given out
 * acknowledged  acknowledgements that were not passed on yet; unconfirmed: that
 *               are not confirmed
 *
 * With a connection:
 * link          the connection; its socket is -1 when there is none
 * events        what epoll watches it for; the collector's
 * over          the run has ended, and all that is left of it is ours
 * sent          values that were sent, and not answered; sent_error: the last
 *               answer, an errno number or 0
 *
 * With a store:
 * store         NULL when it is not, or no more, open */
struct supply {
    char *address;
    char *path;
    const struct drover_collector_options *options;
    enum supply_state state;
    struct drover_error failure;
    struct drover_error unrecorded;
    struct buffer items;
    size_t front;
    uint64_t owed;
    uint64_t under_way;
    uint64_t *handed;
    size_t handed_first;
    size_t handed_count;
    uint64_t highest;
    bool given;
    struct ranges acknowledged;
    struct ranges unconfirmed;
    struct link link;
    uint32_t events;
    bool over;
    uint64_t sent;
    uint64_t sent_error;
    struct store *store;
    struct lease_pool pool;
    struct lease lease;
};

/* --- supply.c: what both have in common -------------------------------------
 */

/* OPTIONS is borrowed. NULL: no memory. */
struct supply *supply_create(const char *address,
                             const struct drover_collector_options *options);

/* Close, in good order unless ABANDON: then as a fork does. */
void supply_destroy(struct supply *supply, bool abandon);

/* [forked child] Close what is open, without a word. */
void supply_abandon(struct supply *supply);

/* Connect, or open its store; again when it was missed. Returns 0; see
 * drover_collector_connect(). */
int supply_open(struct supply *supply, struct drover_error *err);

/* The connection was lost while nothing of it was under way to whoever
 * collects: go on with its store, when the run has ended. Returns whether it
 * does. */
bool supply_change_over(struct supply *supply);

/* The next item that is there, without waiting; what was given out before
 * ends. Texts are kept in WORDS. Returns whether there is one; otherwise it may
 * have failed. */
bool supply_take(struct supply *supply, struct buffer *words,
                 struct drover_collected *out);

/* Item NUMBER and those given out before it are acknowledged. Returns 0,
 * -EINVAL, -ECONNRESET: they cannot be any more, -ENOMEM. */
int supply_acknowledge(struct supply *supply, uint64_t number,
                       struct drover_error *err);

/* Whether a server is to be told at once, so that it has its time while we have
 * ours. */
bool supply_is_due(const struct supply *supply);

/* Pass on acknowledgements, and ask a server for more. */
void supply_push(struct supply *supply);

/* Whether nothing can come before something is acknowledged. */
bool supply_is_blocked(const struct supply *supply);

/* It cannot go on, for this reason; the connection or the store is closed. */
void supply_fail(struct supply *supply, const struct drover_error *err);

/* --- supply_link.c: over a connection ---------------------------------------
 */

/* The next item that has arrived, and all other messages before it are obeyed.
 * Returns whether there is one. */
bool supply_link_receive(struct supply *supply, struct message *out);

/* Obey all that has arrived, and keep the items for later. */
void supply_link_stash(struct supply *supply);

/* Whether the process that serves it has nothing more to do but to go. */
bool supply_link_is_leaving(const struct supply *supply);

/* Read what has arrived, and send what is in line. */
void supply_link_advance(struct supply *supply);
void supply_link_push(struct supply *supply);

/* --- supply_store.c: out of a store -----------------------------------------
 */

/* Record acknowledgements. */
void supply_store_push(struct supply *supply);

/* The same, and take the next items, with one commit for both. */
void supply_store_take(struct supply *supply);

#endif
