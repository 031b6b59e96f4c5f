/* Channels that an exchange looks after. */
#include <errno.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/error.h"
#include "exchange/channel.h"
#include "exchange/state.h"

enum { HEAR_MS = 50 };

static struct drover_channel **find(struct drover_exchange *exchange,
                                    uint64_t index)
{
    struct drover_channel **link = &exchange->members;
    while (*link != NULL && (*link)->index != index)
        link = &(*link)->next;
    return link;
}

static void leave(struct drover_exchange *exchange,
                  struct drover_channel **link)
{
    struct drover_channel *channel = *link;
    dispatch_unwatch(exchange->dispatch,
                     dispatch_descriptor(channel->exchange->dispatch));
    *link = channel->next;
    channel->next = NULL;
    channel->owner = NULL;
    exchange->member_count--;
}

/* An item of the channel becomes one of the exchange. */
static void adopt_item(struct drover_exchange *exchange,
                       struct drover_channel *channel,
                       const struct drover_outcome *item)
{
    struct drover_outcome adopted = *item;
    adopted.index = channel->index;
    adopted.channel = channel;
    exchange_add_item(exchange, &adopted);
}

void exchange_hear_member(struct drover_exchange *exchange, uint64_t index)
{
    struct drover_channel **link = find(exchange, index);
    struct drover_channel *channel = *link;
    struct drover_outcome item;
    struct drover_error err;
    int status = 0;
    if (channel == NULL)
        return;
    while (channel->owner == exchange &&
           (status = drover_exchange_next(channel->exchange, &item, 0, &err)) >
               0) {
        if (item.ended) {
            channel->ended = true;
            channel->last = item;
            leave(exchange, link);
            if (!exchange->options.keep_channels) {
                channel->next = exchange->departed;
                exchange->departed = channel;
            }
        }
        adopt_item(exchange, channel, &item);
    }
    if (status < 0 && status != -ETIMEDOUT)
        dispatch_fail(exchange->dispatch, status, err.message);
}

void exchange_hear_members(struct drover_exchange *exchange)
{
    int64_t now_ms = clock_now_ms();
    if (exchange->members == NULL || now_ms - exchange->heard_ms < HEAR_MS)
        return;
    exchange->heard_ms = now_ms;
    struct drover_channel *next;
    for (struct drover_channel *channel = exchange->members; channel != NULL;
         channel = next) {
        next = channel->next;
        exchange_hear_member(exchange, channel->index);
    }
}

void exchange_depart(struct drover_exchange *exchange,
                     struct drover_channel *channel)
{
    struct drover_channel **link = &exchange->departed;
    while (*link != channel)
        link = &(*link)->next;
    *link = channel->next;
    channel->next = NULL;
    exchange->leaving = channel;
}

/* --- Its public forms --------------------------------------------------------
 */

int64_t drover_exchange_add(struct drover_exchange *exchange,
                            struct drover_channel *channel,
                            struct drover_error *err)
{
    int status = exchange_check_owner(exchange, err);
    if (status < 0)
        return status;
    if (channel->call != NULL || channel->owner != NULL || channel->ended)
        return error_set(err, EINVAL, "%s",
                         channel->call != NULL    ? "the channel is a child's"
                         : channel->owner != NULL ? "the channel has an owner"
                                                  : "the channel has ended");
    uint64_t index = exchange->started;
    int descriptor = dispatch_descriptor(channel->exchange->dispatch);
    status = dispatch_watch(exchange->dispatch, descriptor, EPOLLIN, 0,
                            (size_t)index);
    if (status < 0)
        return error_set(err, -status, "cannot watch the channel");
    exchange->started++;
    exchange->unended++;
    channel->owner = exchange;
    channel->index = index;
    channel->next = exchange->members;
    exchange->members = channel;
    exchange->member_count++;
    exchange_hear_member(exchange, index);
    return (int64_t)index;
}

int64_t drover_exchange_add_wait(struct drover_exchange *exchange,
                                 struct drover_channel *channel, int timeout_ms,
                                 struct drover_error *err)
{
    int status = drover_exchange_wait(exchange, timeout_ms, err);
    return status < 0 ? status : drover_exchange_add(exchange, channel, err);
}

int drover_exchange_remove(struct drover_exchange *exchange,
                           struct drover_channel *channel)
{
    int status = exchange_check_owner(exchange, NULL);
    if (status < 0)
        return status;
    if (channel->owner != exchange)
        return -ENOENT;
    leave(exchange, find(exchange, channel->index));
    exchange->unended--;
    return items_skip(&exchange->items, (size_t)channel->index);
}

void exchange_release_members(struct drover_exchange *exchange)
{
    while (exchange->members != NULL) {
        struct drover_channel *channel = exchange->members;
        leave(exchange, &exchange->members);
        if (!exchange->options.keep_channels)
            drover_channel_destroy(channel);
    }
    drover_channel_destroy(exchange->leaving);
    exchange->leaving = NULL;
    while (exchange->departed != NULL) {
        exchange_depart(exchange, exchange->departed);
        drover_channel_destroy(exchange->leaving);
        exchange->leaving = NULL;
    }
}

struct drover_channel *
drover_exchange_create_process(struct drover_exchange *exchange,
                               struct drover_error *err)
{
    if (drover_exchange_wait(exchange, -1, err) < 0)
        return NULL;
    struct drover_channel *channel = drover_create(err);
    if (channel == NULL || channel->call != NULL)
        return channel;
    if (drover_exchange_add(exchange, channel, err) >= 0)
        return channel;
    drover_channel_destroy(channel);
    return NULL;
}
