#include "job/feed.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "value/item.h"

enum { BYTES_KEPT = 64 * 1024 };

/* values   one after the other; the current one stands at the front
 * current  its bytes; 0: there is none */
struct feed {
    struct buffer values;
    size_t current;
    uint64_t count;
    bool full;
    bool ended;
    bool closed;
};

struct feed *feed_create(void)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed != NULL)
        buffer_init(&feed->values, SIZE_MAX);
    return feed;
}

void feed_destroy(struct feed *feed)
{
    if (feed == NULL)
        return;
    buffer_clear(&feed->values);
    free(feed);
}

static size_t waiting_bytes(const struct feed *feed)
{
    return buffer_size(&feed->values) - feed->current;
}

static void review_fullness(struct feed *feed)
{
    if (feed->count >= FEED_RESULTS_MAX ||
        waiting_bytes(feed) >= FEED_BYTES_MAX)
        feed->full = true;
    else if (feed->count <= FEED_RESULTS_MAX / 2 &&
             waiting_bytes(feed) <= FEED_BYTES_MAX / 2)
        feed->full = false;
}

int feed_add(struct feed *feed, struct drover_value value)
{
    if (feed->closed)
        return 0;
    int status = buffer_append(&feed->values, value.data, value.size);
    if (status < 0)
        return status;
    feed->count++;
    review_fullness(feed);
    return 0;
}

void feed_end(struct feed *feed)
{
    feed->ended = true;
}

void feed_close(struct feed *feed)
{
    buffer_clear(&feed->values);
    feed->current = 0;
    feed->count = 0;
    feed->full = false;
    feed->ended = feed->closed = true;
}

int feed_next(struct feed *feed)
{
    buffer_consume(&feed->values, feed->current);
    buffer_shrink(&feed->values, BYTES_KEPT);
    feed->current = 0;
    if (feed->count == 0)
        return feed->ended ? 0 : -EAGAIN;
    feed->current = value_item_size((struct drover_value){
        buffer_bytes(&feed->values), buffer_size(&feed->values) });
    feed->count--;
    review_fullness(feed);
    return 1;
}

struct drover_value feed_current(const struct feed *feed)
{
    return (struct drover_value){ buffer_bytes(&feed->values), feed->current };
}

uint64_t feed_count(const struct feed *feed)
{
    return feed->count;
}

bool feed_has_ended(const struct feed *feed)
{
    return feed->ended;
}

bool feed_is_full(const struct feed *feed)
{
    return feed->full;
}
