/* [collector] */
#include <drover/collect.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "background/collector.h"
#include "base/clock.h"
#include "base/error.h"

enum { EVENTS_AT_ONCE = 64, INT_MAX_MS = 1000 * 1000 * 1000 };

/* --- Waiting ----------------------------------------------------------------
 */

static void watch(const struct drover_collector *collector,
                  struct supply *supply)
{
    const struct channel *channel = &supply->link.channel;
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = supply };
    if (channel->socket < 0)
        return;
    if (channel_has_unsent(channel))
        event.events |= EPOLLOUT;
    if (event.events != supply->events &&
        epoll_ctl(collector->epoll, EPOLL_CTL_MOD, channel->socket, &event) ==
            0)
        supply->events = event.events;
}

static void push(const struct drover_collector *collector,
                 struct supply *supply)
{
    supply_push(supply);
    watch(collector, supply);
}

void collector_push(struct drover_collector *collector)
{
    for (size_t i = 0; i < collector->count; i++)
        push(collector, collector->supplies[i]);
}

static int64_t deadline_of(int timeout_ms)
{
    return timeout_ms < 0 ? -1 : clock_now_ms() + timeout_ms;
}

static int left_ms(int64_t deadline_ms)
{
    if (deadline_ms < 0)
        return -1;
    int64_t left = deadline_ms - clock_now_ms();
    return left < 0 ? 0 : left > INT_MAX_MS ? INT_MAX_MS : (int)left;
}

static void open_again(struct drover_collector *collector,
                       struct supply *supply)
{
    struct drover_error err;
    if (collector_open_supply(collector, supply, &err) < 0)
        supply_fail(supply, &err);
}

/* Wait until some connection has something, and take that in. Returns 0 or
 * -ETIMEDOUT. */
static int advance(struct drover_collector *collector, int64_t deadline_ms,
                   struct drover_error *err)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int count;
    do
        count = epoll_wait(collector->epoll, events, EVENTS_AT_ONCE,
                           left_ms(deadline_ms));
    while (count < 0 && errno == EINTR);
    if (count <= 0)
        return error_set(err, ETIMEDOUT, "nothing came in time");
    for (int i = 0; i < count; i++) {
        struct supply *supply = events[i].data.ptr;
        supply_link_advance(supply);
        if (supply->state == SUPPLY_MISSED)
            open_again(collector, supply);
        watch(collector, supply);
    }
    return 0;
}

/* --- Items ------------------------------------------------------------------
 */

/* What went wrong with a supply, each thing once. */
static int tell_failure(struct drover_collector *collector,
                        struct drover_error *err)
{
    for (size_t i = 0; i < collector->count; i++) {
        struct drover_error *failure = &collector->supplies[i]->failure;
        int code = failure->code;
        if (code == 0)
            continue;
        error_set(err, code, "%s", failure->message);
        failure->code = 0;
        return -code;
    }
    return 0;
}

/* The next item that is there, of the supply whose turn it is. */
static bool take(struct drover_collector *collector,
                 struct drover_collected *item)
{
    for (size_t i = 0; i < collector->count; i++) {
        size_t at = (collector->turn + i) % collector->count;
        struct supply *supply = collector->supplies[at];
        if (!supply_take(supply, &collector->words, item))
            continue;
        if (supply_is_due(supply))
            push(collector, supply);
        collector->turn = at + 1;
        return true;
    }
    return false;
}

static int check_blocked(const struct drover_collector *collector,
                         struct drover_error *err)
{
    for (size_t i = 0; i < collector->count; i++) {
        const struct supply *supply = collector->supplies[i];
        if (supply->state == SUPPLY_GIVING && !supply_is_blocked(supply))
            return 0;
    }
    return error_set(err, ENOBUFS,
                     "%u items were given out and not acknowledged",
                     collector->options.window);
}

int drover_collector_next(struct drover_collector *collector,
                          struct drover_collected *item, int timeout_ms,
                          struct drover_error *err)
{
    int64_t deadline_ms = deadline_of(timeout_ms);
    int status = collector_check(collector, err);
    while (status == 0) {
        if (take(collector, item))
            return 1;
        status = tell_failure(collector, err);
        if (status < 0 || drover_collector_open(collector) == 0)
            break;
        collector_push(collector);
        status = check_blocked(collector, err);
        if (status == 0)
            status = advance(collector, deadline_ms, err);
    }
    return status;
}

/* --- Acknowledgements and values --------------------------------------------
 */

/* The supply of that address; of several the one that was connected last. */
static struct supply *find(const struct drover_collector *collector,
                           const char *address)
{
    for (size_t i = collector->count; i-- > 0;)
        if (strcmp(collector->supplies[i]->address, address) == 0)
            return collector->supplies[i];
    return NULL;
}

/* The supply that gave ITEM. */
static struct supply *find_giver(const struct drover_collector *collector,
                                 const struct drover_collected *item)
{
    for (size_t i = 0; i < collector->count; i++)
        if (collector->supplies[i]->address == item->address)
            return collector->supplies[i];
    return item->address == NULL ? NULL : find(collector, item->address);
}

int drover_collector_acknowledge(struct drover_collector *collector,
                                 const struct drover_collected *item,
                                 struct drover_error *err)
{
    int status = collector_check(collector, err);
    if (status < 0)
        return status;
    struct supply *supply = find_giver(collector, item);
    if (supply == NULL)
        return error_set(err, EINVAL,
                         "an item of no address that is "
                         "collected from");
    status = supply_acknowledge(supply, item->number, err);
    if (status == 0 && supply_is_due(supply))
        push(collector, supply);
    return status;
}

/* Take in what arrives until IS_DONE, keeping the items for later. */
static int
await(struct drover_collector *collector, const struct supply *supply,
      bool (*is_done)(const struct drover_collector *, const struct supply *),
      int timeout_ms, struct drover_error *err)
{
    int64_t deadline_ms = deadline_of(timeout_ms);
    collector_push(collector);
    for (;;) {
        for (size_t i = 0; i < collector->count; i++)
            supply_link_stash(collector->supplies[i]);
        if (is_done(collector, supply))
            return 0;
        int status = advance(collector, deadline_ms, err);
        if (status < 0)
            return status;
    }
}

static bool is_confirmed(const struct drover_collector *collector,
                         const struct supply *supply)
{
    (void)supply;
    for (size_t i = 0; i < collector->count; i++)
        if (collector->supplies[i]->unconfirmed.count > 0)
            return false;
    return true;
}

static int tell_unrecorded(struct drover_collector *collector,
                           struct drover_error *err)
{
    for (size_t i = 0; i < collector->count; i++) {
        struct drover_error *unrecorded = &collector->supplies[i]->unrecorded;
        int code = unrecorded->code;
        if (code == 0)
            continue;
        error_set(err, code, "%s", unrecorded->message);
        error_prefix(err, "acknowledgements were not recorded");
        unrecorded->code = 0;
        return -code;
    }
    return 0;
}

int drover_collector_confirm(struct drover_collector *collector, int timeout_ms,
                             struct drover_error *err)
{
    int status = collector_check(collector, err);
    if (status == 0)
        status = await(collector, NULL, is_confirmed, timeout_ms, err);
    return status == 0 ? tell_unrecorded(collector, err) : status;
}

static bool have_gone(const struct drover_collector *collector,
                      const struct supply *supply)
{
    (void)supply;
    for (size_t i = 0; i < collector->count; i++)
        if (supply_link_is_leaving(collector->supplies[i]))
            return false;
    return true;
}

void collector_see_off(struct drover_collector *collector, int timeout_ms)
{
    (void)await(collector, NULL, have_gone, timeout_ms, NULL);
}

static bool is_answered(const struct drover_collector *collector,
                        const struct supply *supply)
{
    (void)collector;
    return supply->sent == 0 || supply->state == SUPPLY_FAILED;
}

static int queue_value(struct supply *supply, struct drover_value value,
                       struct drover_error *err)
{
    static const uint8_t null = 0xf6;
    bool has_value = value.size > 0;
    struct message give = {
        MESSAGE_GIVE,
        .as.give = { has_value,
                     has_value ? value : (struct drover_value){ &null, 1 } }
    };
    if (has_value && drover_value_check(value, err) < 0)
        return error_set(err, EINVAL, "what is to be sent is no value");
    if (supply->link.channel.socket < 0)
        return error_set(err, EPIPE, "%s: the call has ended", supply->address);
    int status = channel_queue(&supply->link.channel, &give);
    if (status == -EMSGSIZE)
        return error_set(err, EMSGSIZE, "a value of %zu bytes, limit %d",
                         value.size, MESSAGE_LIMIT_FROM_COLLECTOR_BYTES);
    if (status < 0)
        return error_no_memory(err);
    supply->sent++;
    return 0;
}

int drover_collector_send(struct drover_collector *collector,
                          const char *address, struct drover_value value,
                          int timeout_ms, struct drover_error *err)
{
    int status = collector_check(collector, err);
    if (status < 0)
        return status;
    struct supply *supply = find(collector, address);
    if (supply == NULL)
        return error_set(err, ENOENT, "not connected to %s", address);
    status = queue_value(supply, value, err);
    if (status == 0)
        status = await(collector, supply, is_answered, timeout_ms, err);
    if (status < 0)
        return status;
    if (supply->state == SUPPLY_FAILED)
        return error_set(err, EPIPE, "%s: the connection was lost", address);
    if (supply->sent_error == ENOBUFS)
        return error_set(err, ENOBUFS,
                         "%s: the call has not taken what it was sent before: "
                         "send this later",
                         address);
    if (supply->sent_error != 0)
        return error_set(err, EPIPE, "%s: the call takes nothing: %s", address,
                         strerror((int)supply->sent_error));
    return 0;
}
