/* Collecting: results of background runs and calls, taken from their addresses.
 *
 *     struct drover_collector *collector = drover_collector_create(NULL, &err);
 *     struct drover_collected item;
 *
 *     drover_collector_connect(collector, "task-0.socket", &err);
 *     drover_collector_connect(collector, "task-1.socket", &err);
 *     while (drover_collector_next(collector, &item, -1, &err) > 0) {
 *         ... make something durable of item.outcome ...
 *         drover_collector_acknowledge(collector, &item, &err);
 *     }
 *     drover_collector_destroy(collector);
 *
 * Results arrive in any order, from all addresses. One that was acknowledged is
 * given to nobody again; one that was not, because the collector ended before,
 * is given to whoever collects next, marked as redelivered. Several collectors
 * of an address share its results.
 *
 * An address whose process has gone is collected from its store in the same
 * way.
 *
 * A collector belongs to the process that made it: in a fork of that its
 * functions fail with -EPERM, and it can only be destroyed. It is used by one
 * thread at a time. Timeouts are in milliseconds; 0 does not wait, -1 waits for
 * ever. Without a collector (NULL) all functions fail with -EINVAL. */
#ifndef DROVER_COLLECT_H
#define DROVER_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/error.h>
#include <drover/export.h>
#include <drover/outcome.h>
#include <drover/value.h>

#ifdef __cplusplus
extern "C" {
#endif

struct drover_collector;

/* peek     watch all items from the first one on, taking none: nothing is to be
 *          acknowledged
 * no_wait  what is there now is all that there is
 * window   how many items may be under way or not acknowledged at a time from
 *          each address, 1 to 4096; 0: 256 */
struct drover_collector_options {
    bool peek;
    bool no_wait;
    unsigned window;
};

/* An item that was collected. Everything in it is borrowed until the next use
 * of the collector.
 *
 * outcome      of a call, or with `ended` false what it has sent ahead; its
 *              index is that in its stage
 * address      where it came from, as it was called when it was connected to
 * stage        whose call it is
 * number       of the item at its address, rising in the order in which they
 *              came to be
 * redelivered  somebody, perhaps this program, was given it before and has not
 *              acknowledged it */
struct drover_collected {
    struct drover_outcome outcome;
    const char *address;
    const char *stage;
    uint64_t number;
    bool redelivered;
};

/* OPTIONS may be NULL: none. Returns NULL with ERR: -ENOMEM, -EINVAL (window),
 * -EMFILE. */
DROVER_PUBLIC struct drover_collector *
drover_collector_create(const struct drover_collector_options *options,
                        struct drover_error *err);

/* Collect from ADDRESS, too: the path of a socket, or the name of a run.
 *
 * Returns 0; -ENOENT when there is no such run; -EBUSY when another process
 * collects from the store of a run whose process has gone; -EPERM when it is
 * another user's; -EUCLEAN when its store is damaged; -EPROTONOSUPPORT when it
 * is served by another version of drover; -ETIMEDOUT when who serves it does
 * not answer within some seconds; -EMFILE, -ENOMEM. */
DROVER_PUBLIC int drover_collector_connect(struct drover_collector *collector,
                                           const char *address,
                                           struct drover_error *err);

/* The next item of any address.
 *
 * Returns 1 with *ITEM; 0 when no more will come: all runs have ended and every
 * item is acknowledged, or was given to this collector, or with no_wait nothing
 * is there now; -ETIMEDOUT; -ENOBUFS when as many items as the window allows
 * were given out from each address, and not one of them is acknowledged.
 *
 * Or something is wrong with one address, which ERR names and which gives no
 * more; the others go on. Each thing is told once: -ECONNRESET when the process
 * that served it ended before its run did: its items stay in its store; -EPROTO
 * when it sends what nobody can read; -EUCLEAN, -ENOSPC or -EIO when there is
 * something wrong with its store. */
DROVER_PUBLIC int drover_collector_next(struct drover_collector *collector,
                                        struct drover_collected *item,
                                        int timeout_ms,
                                        struct drover_error *err);

/* Acknowledge ITEM and all that were given out from the same address before it.
 * Does not wait; it takes effect when it is confirmed, see
 * drover_collector_confirm(). Of ITEM only address and number matter; that it
 * was acknowledged before is no mistake. Returns 0, -EINVAL (not an item of
 * this collector's), -ECONNRESET: its address gives no more, for something was
 * wrong with it, and the item may be given out again. */
DROVER_PUBLIC int
drover_collector_acknowledge(struct drover_collector *collector,
                             const struct drover_collected *item,
                             struct drover_error *err);

/* Wait until all acknowledgements are recorded: from then on those items are
 * given to nobody. Returns 0; -ETIMEDOUT; or, once, what went wrong with an
 * address since some were made that are not known to be recorded, so that those
 * items may be given out again: -ECONNRESET, -ENOSPC and the other errors that
 * drover_collector_next() tells. */
DROVER_PUBLIC int drover_collector_confirm(struct drover_collector *collector,
                                           int timeout_ms,
                                           struct drover_error *err);

/* Send VALUE to the call that is served at ADDRESS (see drover_receive()); an
 * empty view says that no more will come. Waits until it has been taken over.
 * Returns 0, -ENOENT (not connected to it), -EPIPE (the call takes nothing, or
 * has ended), -ENOBUFS (the call has not taken the 32 MiB that wait for it:
 * send this again later), -ETIMEDOUT (it may be taken over all the same),
 * -EMSGSIZE (16 MiB and more), -EINVAL (no value). */
DROVER_PUBLIC int drover_collector_send(struct drover_collector *collector,
                                        const char *address,
                                        struct drover_value value,
                                        int timeout_ms,
                                        struct drover_error *err);

/* How many addresses may still give something. */
DROVER_PUBLIC size_t
drover_collector_open(const struct drover_collector *collector);

/* Disconnect from all. What was not acknowledged will be given out again; what
 * was is told to the addresses, waiting for them a second at most. Takes NULL.
 */
DROVER_PUBLIC void drover_collector_destroy(struct drover_collector *collector);

#ifdef __cplusplus
}
#endif

#endif
