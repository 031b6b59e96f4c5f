#include "background/lease.h"

#include <errno.h>

#include "background/item.h"
#include "base/error.h"

void lease_pool_clear(struct lease_pool *pool)
{
    ranges_clear(&pool->returned);
}

/* --- What the pool has ------------------------------------------------------
 */

/* The lowest item that was returned. A number may have become nobody's since
 * then: what was offered of a call is withdrawn when it runs again. */
static int find_returned(struct lease_pool *pool, struct delivery_item *out,
                         struct drover_error *err)
{
    while (pool->returned.count > 0) {
        uint64_t first = pool->returned.list[0].first;
        int found = delivery_next(pool->store, first - 1, false, out, err);
        if (found < 0 || (found > 0 && out->number == first))
            return found;
        uint64_t vanished = found == 0 ? UINT64_MAX : out->number - 1;
        if (ranges_remove(&pool->returned, first, vanished) < 0)
            return error_no_memory(err);
    }
    return 0;
}

/* The next one that was never given. Asks the store only when it may have
 * some: looking through what is acknowledged takes time. */
static int find_new(struct lease_pool *pool, struct delivery_item *out,
                    struct drover_error *err)
{
    uint64_t last = delivery_last(pool->store);
    if (last <= pool->cursor)
        return 0;
    int found = delivery_next(pool->store, pool->cursor, false, out, err);
    if (found == 0)
        pool->cursor = last;
    return found;
}

static int find_item(struct lease_pool *pool, struct delivery_item *out,
                     struct drover_error *err)
{
    int found = find_returned(pool, out, err);
    return found == 0 ? find_new(pool, out, err) : found;
}

/* --- Giving -----------------------------------------------------------------
 */

/* Get all memory that one range more will take, in LEASE and when it goes back.
 */
static int prepare(struct lease *lease, struct lease_pool *pool)
{
    return ranges_reserve(&lease->given, 1) < 0 ||
                   ranges_reserve(&lease->acknowledged, 1) < 0 ||
                   ranges_reserve(&pool->returned, pool->ranges + 2) < 0
               ? -ENOMEM
               : 0;
}

/* Item NUMBER, which was just found, is the lease's. */
static int take_item(struct lease *lease, struct lease_pool *pool,
                     uint64_t number)
{
    size_t before = lease->given.count;
    if (prepare(lease, pool) < 0)
        return -ENOMEM;
    (void)ranges_add(&lease->given, number, number);
    if (number > pool->cursor)
        pool->cursor = number;
    else
        (void)ranges_remove(&pool->returned, number, number);
    pool->ranges += lease->given.count - before;
    pool->leased++;
    return 0;
}

/* Add NUMBER to the run of numbers that is to be recorded as given; one that
 * does not go on ends it. */
static int record_given(struct lease_pool *pool, struct range *run,
                        uint64_t number, struct drover_error *err)
{
    int status = 0;
    pool->changed = true;
    if (run->first > 0 && run->last + 1 == number) {
        run->last = number;
        return 0;
    }
    if (run->first > 0)
        status = delivery_give(pool->store, run->first, run->last, err);
    *run = (struct range){ number, number };
    return status;
}

static bool has_room(const struct lease *lease, const struct buffer *out,
                     size_t out_limit)
{
    return buffer_size(out) < out_limit && lease->given.total < LEASE_ITEMS_MAX;
}

/* Returns 1, 0 when there is no item, or a negative errno. */
static int take_next(struct lease *lease, struct lease_pool *pool,
                     struct range *run, struct buffer *out,
                     struct drover_error *err)
{
    struct delivery_item item;
    int status = find_item(pool, &item, err);
    if (status <= 0)
        return status;
    if (item_encode(out, &item) < 0 || take_item(lease, pool, item.number) < 0)
        return error_no_memory(err);
    status = record_given(pool, run, item.number, err);
    return status < 0 ? status : 1;
}

static int64_t take_items(struct lease *lease, struct lease_pool *pool,
                          uint64_t count, struct buffer *out, size_t out_limit,
                          struct drover_error *err)
{
    struct range run = { 0, 0 };
    uint64_t taken = 0;
    int status = 0;
    while (status >= 0 && taken < count && has_room(lease, out, out_limit)) {
        status = take_next(lease, pool, &run, out, err);
        if (status == 0)
            break;
        taken += status > 0;
    }
    if (run.first > 0) {
        int given = delivery_give(pool->store, run.first, run.last, err);
        status = given < 0 ? given : status;
    }
    return status < 0 ? status : (int64_t)taken;
}

static int64_t peek_items(struct lease *lease, const struct lease_pool *pool,
                          uint64_t count, struct buffer *out, size_t out_limit,
                          struct drover_error *err)
{
    struct delivery_item item;
    uint64_t taken = 0;
    while (taken < count && buffer_size(out) < out_limit &&
           lease->seen < delivery_last(pool->store)) {
        int found = delivery_next(pool->store, lease->seen, true, &item, err);
        if (found < 0)
            return found;
        if (found == 0) {
            lease->seen = delivery_last(pool->store);
            break;
        }
        if (item_encode(out, &item) < 0)
            return error_no_memory(err);
        lease->seen = item.number;
        taken++;
    }
    return (int64_t)taken;
}

int64_t lease_take(struct lease *lease, struct lease_pool *pool, uint64_t count,
                   struct buffer *out, size_t out_limit,
                   struct drover_error *err)
{
    return lease->peek ? peek_items(lease, pool, count, out, out_limit, err)
                       : take_items(lease, pool, count, out, out_limit, err);
}

/* --- Taking back ------------------------------------------------------------
 */

static int acknowledge_range(struct lease *lease, struct lease_pool *pool,
                             struct range range, struct drover_error *err)
{
    size_t before = lease->given.count;
    if (prepare(lease, pool) < 0)
        return error_no_memory(err);
    pool->changed = true;
    /* What is not recorded stays with the lease, and goes back with it. */
    int status =
        delivery_acknowledge(pool->store, range.first, range.last, err);
    if (status < 0)
        return status;
    (void)ranges_add(&lease->acknowledged, range.first, range.last);
    (void)ranges_remove(&lease->given, range.first, range.last);
    pool->ranges += lease->given.count - before;
    pool->leased -= range.last - range.first + 1;
    return 0;
}

int lease_acknowledge(struct lease *lease, struct lease_pool *pool,
                      uint64_t first, uint64_t last, struct drover_error *err)
{
    struct range range;
    int status = 0;
    while (status == 0 && ranges_overlap(&lease->given, first, last, &range))
        status = acknowledge_range(lease, pool, range, err);
    return status;
}

void lease_end(struct lease *lease, struct lease_pool *pool)
{
    for (size_t i = 0; i < lease->given.count; i++)
        (void)ranges_add(&pool->returned, lease->given.list[i].first,
                         lease->given.list[i].last);
    pool->leased -= lease->given.total;
    pool->ranges -= lease->given.count;
    ranges_clear(&lease->given);
    ranges_clear(&lease->acknowledged);
}

bool lease_has_seen_all(const struct lease *lease,
                        const struct lease_pool *pool)
{
    uint64_t last = delivery_last(pool->store);
    if (lease->peek)
        return lease->seen >= last;
    return pool->returned.count == 0 && pool->cursor >= last;
}
