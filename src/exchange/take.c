/* Outcomes are taken. */
#include <errno.h>
#include <stddef.h>

#include "base/error.h"
#include "exchange/state.h"

/* A channel that has ended goes when its outcome has been seen. */
static void forget_leaving(struct drover_exchange *exchange)
{
    drover_channel_destroy(exchange->leaving);
    exchange->leaving = NULL;
}

static bool take_one(struct drover_exchange *exchange,
                     struct drover_outcome *outcome)
{
    forget_leaving(exchange);
    const struct drover_outcome *taken = items_take(&exchange->items);
    if (taken == NULL)
        return false;
    *outcome = *taken;
    if (taken->ended) {
        exchange->untaken--;
        if (taken->channel != NULL && !exchange->options.keep_channels)
            exchange_depart(exchange, taken->channel);
    }
    return true;
}

int64_t exchange_hand_over(struct drover_exchange *exchange)
{
    struct drover_outcome outcome;
    int64_t count = 0;
    if (exchange->options.store == NULL)
        return 0;
    for (; take_one(exchange, &outcome); count++)
        exchange->options.store(exchange, &outcome,
                                exchange->options.store_context);
    exchange->stored += (uint64_t)count;
    return count;
}

static bool is_ready(const struct drover_exchange *exchange)
{
    return items_is_ready(&exchange->items);
}

int drover_exchange_next(struct drover_exchange *exchange,
                         struct drover_outcome *outcome, int timeout_ms,
                         struct drover_error *err)
{
    int status = exchange_await(exchange, is_ready, timeout_ms, err);
    return status > 0 ? take_one(exchange, outcome) : status;
}

static bool has_wanted(const struct drover_exchange *exchange)
{
    return items_have_ended(&exchange->items, exchange->wanted);
}

int drover_exchange_get(struct drover_exchange *exchange, uint64_t index,
                        struct drover_outcome *outcome, int timeout_ms,
                        struct drover_error *err)
{
    int status = exchange_check_owner(exchange, err);
    if (status < 0)
        return status;
    if (!exchange->items.ordered || exchange->options.store != NULL)
        return error_set(err, EINVAL,
                         "only a map without a store callback keeps outcomes");
    if (index >= exchange->started)
        return error_set(err, ENOENT, "there is no call %llu, but %llu",
                         (unsigned long long)index,
                         (unsigned long long)exchange->started);
    exchange->wanted = (size_t)index;
    status = exchange_await(exchange, has_wanted, timeout_ms, err);
    if (status < 0)
        return status;
    const struct drover_outcome *found =
        items_find(&exchange->items, (size_t)index);
    if (found == NULL)
        return error_set(err, ENOENT,
                         "call %llu was a channel's, which was "
                         "removed",
                         (unsigned long long)index);
    *outcome = *found;
    return 0;
}

size_t drover_exchange_length(const struct drover_exchange *exchange)
{
    if (exchange == NULL)
        return 0;
    return exchange->items.ordered
               ? (size_t)exchange->started
               : (size_t)(exchange->unended + exchange->untaken);
}

static bool has_stored(const struct drover_exchange *exchange)
{
    return exchange->stored > 0;
}

int64_t drover_exchange_store(struct drover_exchange *exchange, int timeout_ms,
                              struct drover_error *err)
{
    if (exchange == NULL || exchange->options.store == NULL)
        return drover_exchange_ready(exchange, timeout_ms, err);
    exchange->stored = 0;
    int status = exchange_await(exchange, has_stored, timeout_ms, err);
    return status < 0 && status != -ETIMEDOUT ? status
                                              : (int64_t)exchange->stored;
}
