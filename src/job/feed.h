/* Results of a stage on their way into calls of another one: those that no call
 * has been made of yet. Whoever adds them asks feed_is_full() before, so that
 * memory is bounded. */
#ifndef JOB_FEED_H
#define JOB_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/value.h>

enum {
    FEED_RESULTS_MAX = 16384, /* that may wait */
    FEED_BYTES_MAX = 32 * 1024 * 1024,
};

struct feed;

/* Returns NULL when out of memory. */
struct feed *feed_create(void);
void feed_destroy(struct feed *feed);

/* Add a result, which is copied; dropped when nobody will take it. Returns 0 or
 * -ENOMEM. */
int feed_add(struct feed *feed, struct drover_value value);

/* No more will be added. */
void feed_end(struct feed *feed);

/* Nobody will take any more: what is there and what comes is dropped. */
void feed_close(struct feed *feed);

/* Step to the next result. Returns 1; 0 when there are no more; -EAGAIN when it
 * is not there yet. */
int feed_next(struct feed *feed);

/* The result that feed_next() has stepped to; borrowed until the feed is
 * changed. */
struct drover_value feed_current(const struct feed *feed);

/* How many wait, beside the current one. */
uint64_t feed_count(const struct feed *feed);

bool feed_has_ended(const struct feed *feed);

/* Whether so many wait that no more should be added: from a limit on, until
 * only half of that is left. */
bool feed_is_full(const struct feed *feed);

#endif
