#include <errno.h>
#include <string.h>

#include "background/supply.h"
#include "base/error.h"

/* --- Messages ---------------------------------------------------------------
 */

static int on_item(struct supply *supply, const struct message *message,
                   struct drover_error *err)
{
    (void)message;
    if (supply->under_way == 0)
        return error_set(err, EPROTO, "it gives more than it was asked for");
    supply->under_way--;
    return 1;
}

static int on_confirmed(struct supply *supply, const struct message *message,
                        struct drover_error *err)
{
    return ranges_remove(&supply->unconfirmed, message->as.confirmed.first,
                         message->as.confirmed.last) < 0
               ? error_no_memory(err)
               : 0;
}

static int on_drained(struct supply *supply, const struct message *message,
                      struct drover_error *err)
{
    bool complete = message->as.drained.complete == 1;
    if (!complete && !supply->options->no_wait)
        return error_set(err, EPROTO, "it ends before the run does");
    supply->state = SUPPLY_DRAINED;
    supply->over = complete && !supply->options->peek;
    return 0;
}

static int on_given(struct supply *supply, const struct message *message,
                    struct drover_error *err)
{
    if (supply->sent == 0)
        return error_set(err, EPROTO, "an answer to nothing");
    supply->sent--;
    supply->sent_error = message->as.given.error;
    return 0;
}

static int on_unserved(struct supply *supply, const struct message *message,
                       struct drover_error *err)
{
    (void)supply;
    return link_judge_refusal(message, err);
}

static int on_other(struct supply *supply, const struct message *message,
                    struct drover_error *err)
{
    (void)supply;
    (void)message;
    return error_set(err, EPROTO, "an answer to nothing");
}

/* Returns 1 for an item, 0, or a negative errno. */
static int obey(struct supply *supply, const struct message *message,
                struct drover_error *err)
{
    static int (*const handlers[])(struct supply *, const struct message *,
                                   struct drover_error *) = {
        [MESSAGE_WELCOME & 0xf] = on_other,
        [MESSAGE_ITEM & 0xf] = on_item,
        [MESSAGE_CONFIRMED & 0xf] = on_confirmed,
        [MESSAGE_DRAINED & 0xf] = on_drained,
        [MESSAGE_STATUS & 0xf] = on_other,
        [MESSAGE_GIVEN & 0xf] = on_given,
        [MESSAGE_UNSERVED & 0xf] = on_unserved,
    };
    return handlers[message->type & 0xf](supply, message, err);
}

bool supply_link_receive(struct supply *supply, struct message *out)
{
    struct drover_error err;
    int status = 0;
    while (status == 0 && supply->link.channel.socket >= 0) {
        status = channel_receive(&supply->link.channel, out, &err);
        if (status == 0)
            return false;
        if (status > 0)
            status = obey(supply, out, &err);
    }
    if (status < 0)
        supply_fail(supply, &err);
    return status > 0;
}

void supply_link_stash(struct supply *supply)
{
    struct message message;
    while (supply_link_receive(supply, &message)) {
        const struct channel *channel = &supply->link.channel;
        if (buffer_append(&supply->items, buffer_bytes(&channel->in),
                          channel->parsed) < 0) {
            struct drover_error err;
            error_no_memory(&err);
            supply_fail(supply, &err);
        }
    }
}

/* --- The connection ---------------------------------------------------------
 */

bool supply_link_is_leaving(const struct supply *supply)
{
    return supply->over && supply->link.channel.socket >= 0 &&
           supply->handed_count == 0 && buffer_size(&supply->items) == 0 &&
           supply->acknowledged.count == 0 && supply->unconfirmed.count == 0;
}

/* Nothing has come of the connection. */
static bool is_untouched(const struct supply *supply)
{
    return supply->state == SUPPLY_GIVING && !supply->given &&
           buffer_size(&supply->items) == 0 && supply->sent == 0 &&
           supply->under_way == supply->options->window;
}

/* The other side has closed. That is how it should be when there was nothing
 * more to say; and a run may be over before it has heard that we came. */
static void end(struct supply *supply)
{
    struct drover_error err;
    if (is_untouched(supply)) {
        supply->state = SUPPLY_MISSED;
        link_close(&supply->link);
        return;
    }
    if (supply->state == SUPPLY_DRAINED && supply->unconfirmed.count == 0 &&
        supply->sent == 0) {
        link_close(&supply->link);
        return;
    }
    if (supply_change_over(supply))
        return;
    error_set(&err, ECONNRESET,
              supply->state == SUPPLY_DRAINED
                  ? "the process that served it has ended"
                  : "the process that served it ended before its run did; its "
                    "results are in its store");
    supply_fail(supply, &err);
}

static void flush(struct supply *supply)
{
    struct channel *channel = &supply->link.channel;
    if (channel->socket >= 0 && channel_has_unsent(channel) &&
        channel_flush(channel) == -EPIPE)
        /* What it has said before is still to be read. */
        buffer_reset(&channel->out);
}

void supply_link_advance(struct supply *supply)
{
    flush(supply);
    int status = channel_fill(&supply->link.channel, NULL);
    if (status == -EAGAIN || status > 0)
        return;
    if (status == -ENOMEM) {
        struct drover_error err;
        error_no_memory(&err);
        supply_fail(supply, &err);
    } else {
        end(supply);
    }
}

static int queue_acknowledgements(struct supply *supply)
{
    const struct ranges *ranges = &supply->acknowledged;
    int status = ranges_reserve(&supply->unconfirmed, ranges->count);
    for (size_t i = 0; status == 0 && i < ranges->count; i++) {
        struct range range = ranges->list[i];
        struct message message = {
            MESSAGE_ACKNOWLEDGE, .as.acknowledge = { range.first, range.last }
        };
        status = channel_queue(&supply->link.channel, &message);
        if (status == 0)
            status = ranges_add(&supply->unconfirmed, range.first, range.last);
    }
    ranges_clear(&supply->acknowledged);
    return status;
}

static int queue_take(struct supply *supply)
{
    struct message message = { MESSAGE_TAKE,
                               .as.take = { supply->owed, supply->options->peek,
                                            !supply->options->no_wait } };
    if (supply->owed == 0 || supply->state != SUPPLY_GIVING)
        return 0;
    supply->under_way += supply->owed;
    supply->owed = 0;
    return channel_queue(&supply->link.channel, &message);
}

void supply_link_push(struct supply *supply)
{
    int status = queue_acknowledgements(supply);
    if (status == 0)
        status = queue_take(supply);
    if (status < 0) {
        struct drover_error err;
        error_no_memory(&err);
        supply_fail(supply, &err);
        return;
    }
    flush(supply);
}
