/* What collectors are given: items, which are values that calls gave and
 * outcomes that are not ok. An item is first waiting; then it is given to a
 * collector, which may die with it; at last it is acknowledged, and nobody gets
 * it any more. */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include <drover/outcome.h>
#include <drover/value.h>

#include "store/store.h"

/* number       of the item: from 1, rising in the order in which they were
 *              added; not without gaps
 * redelivered  it was given to a collector before
 * ended        it is the last that the call gave
 * value        an empty view when the outcome is not ok
 *
 * All borrowed until the next use of the store. */
struct delivery_item {
    uint64_t number;
    bool redelivered;
    bool ended;
    const char *stage;
    uint64_t index;
    struct drover_value args;
    enum drover_cause cause;
    const char *text;
    int code; /* the exit status or the signal, else 0 */
    uint64_t elapsed_ns;
    uint64_t cpu_us;
    uint64_t memory_kib;
    struct drover_value value;
};

/* The first item with a number above AFTER that is not acknowledged (or, with
 * ALL, whether it is or not) and was committed. Returns 1 with *OUT, 0: there
 * is none; -EUCLEAN when it is damaged. */
int delivery_next(struct store *store, uint64_t after, bool all,
                  struct delivery_item *out, struct drover_error *err);

/* The items FIRST to LAST are given to a collector, which is about to see them:
 * whoever gets them next time gets them as redelivered. To be committed before
 * they are sent. */
int delivery_give(struct store *store, uint64_t first, uint64_t last,
                  struct drover_error *err);

/* The items FIRST to LAST are acknowledged. To be committed before that is
 * confirmed. Those that were already stay so. */
int delivery_acknowledge(struct store *store, uint64_t first, uint64_t last,
                         struct drover_error *err);

/* The highest number that was committed; 0: none yet. */
uint64_t delivery_last(const struct store *store);

/* Whether every item that there is, is acknowledged. */
bool delivery_is_complete(const struct store *store);

#endif
