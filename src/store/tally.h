/* How a run stands, counted: kept in memory, written with every commit, and so
 * always what the record says. */
#ifndef STORE_TALLY_H
#define STORE_TALLY_H

#include <stdint.h>

#include <drover/error.h>

struct store;

/* commits    how many there were, with this one
 * last_item  the highest number that an item was given, ever
 * open_item  no item below it is to be delivered any more
 *
 * The others are as in struct store_summary. */
struct tally {
    uint64_t commits;
    uint64_t total;
    uint64_t done;
    uint64_t failed;
    uint64_t items;
    uint64_t acknowledged;
    uint64_t last_item;
    uint64_t open_item;
};

/* Write store->tally; read it. Return 0 or a negative errno. */
int tally_write(struct store *store, struct drover_error *err);
int tally_read(struct store *store, struct drover_error *err);

#endif
