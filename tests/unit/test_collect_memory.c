/* Serving and collecting when memory runs out, at every allocation once: no
 * result is lost, none is given after its acknowledgement was confirmed, none
 * is given again without a mark (I1 to I3). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <drover/collect.h>

#include "memory.h"
#include "served.h"
#include "store/record.h"
#include "unit.h"

enum { ITEMS = 6 };

static struct served served;

/* By an item's number, what became of it. */
static struct {
    bool given, acknowledged, confirmed;
} items[ITEMS + 1];

static void set_up(void)
{
    bool watched = memory_watch(false);
    memset(items, 0, sizeof items);
    served_make(&served);
    served_add(&served, ITEMS);
    memory_watch(watched);
}

static void note_given(uint64_t number, bool again)
{
    ASSERT(number >= 1 && number <= ITEMS);
    ASSERT(!items[number].confirmed);
    /* What was under way to somebody counts as given, too. */
    ASSERT(again || !items[number].given);
    items[number].given = true;
}

static void note_confirmed(void)
{
    for (size_t i = 1; i <= ITEMS; i++)
        items[i].confirmed = items[i].acknowledged;
}

static bool is_no_memory(int status, const struct drover_error *err)
{
    ASSERT(status >= 0 || status == -ENOMEM || status == -ECONNRESET);
    ASSERT(status >= 0 || err->code == -status);
    return status < 0;
}

/* --- From a store ------------------------------------------------------------
 */

static bool confirm(struct drover_collector *collector)
{
    struct drover_error err;
    int status = drover_collector_confirm(collector, 0, &err);
    if (status == 0)
        note_confirmed();
    return is_no_memory(status, &err);
}

static bool acknowledge(struct drover_collector *collector,
                        const struct drover_collected *item)
{
    struct drover_error err;
    int status = drover_collector_acknowledge(collector, item, &err);
    items[item->number].acknowledged = true;
    return is_no_memory(status, &err) ||
           (item->number % 2 == 0 && confirm(collector));
}

/* Returns whether it was told of a failure. */
static bool take_all(struct drover_collector *collector)
{
    struct drover_collected item;
    struct drover_error err;
    int status;
    while ((status = drover_collector_next(collector, &item, 0, &err)) > 0) {
        note_given(item.number, item.redelivered);
        if (acknowledge(collector, &item))
            return true;
    }
    return is_no_memory(status, &err) || confirm(collector);
}

static bool collect(void)
{
    struct drover_error err;
    struct drover_collector *collector = drover_collector_create(NULL, &err);
    bool told = collector == NULL;
    if (!told)
        told = is_no_memory(
            drover_collector_connect(collector, served.folder, &err), &err);
    told = told || take_all(collector);
    drover_collector_destroy(collector);
    return told;
}

static void expect_all_collected(void)
{
    memory_watch(false);
    ASSERT(!collect());
    for (size_t i = 1; i <= ITEMS; i++)
        ASSERT(items[i].acknowledged);
}

static bool try_store(void)
{
    set_up();
    bool watched = memory_watch(false);
    served_finish(&served);
    store_close(served.store);
    memory_watch(watched);
    bool told = collect();
    expect_all_collected();
    served.store = NULL;
    served_remove(&served);
    return told;
}

static void a_collector_of_a_store_loses_nothing(void)
{
    memory_fail_each(try_store);
}

/* --- From a server -----------------------------------------------------------
 */

int __real_server_turn(struct server *server, struct drover_error *err);
int __wrap_server_turn(struct server *server, struct drover_error *err);

static bool serving;

/* Of all that this program does, only the server's part may fail. */
int __wrap_server_turn(struct server *server, struct drover_error *err)
{
    memory_watch(serving);
    int status = __real_server_turn(server, err);
    memory_watch(false);
    return status;
}

/* Returns whether a message of this TYPE came, and not the connection's end. */
static bool hear(struct channel *channel, enum message_type type,
                 struct message *message)
{
    if (!client_hear(&served, channel, message) ||
        message->type == MESSAGE_UNSERVED)
        return false;
    ASSERT_INT(message->type, type);
    return true;
}

static bool hear_items(struct channel *channel, uint64_t count)
{
    struct message message;
    for (; count > 0; count--) {
        if (!hear(channel, MESSAGE_ITEM, &message))
            return false;
        note_given(message.as.item.number, message.as.item.redelivered);
    }
    return true;
}

static bool hear_confirmed(struct channel *channel, uint64_t number)
{
    struct message message;
    if (!hear(channel, MESSAGE_CONFIRMED, &message))
        return false;
    ASSERT_INT(message.as.confirmed.first, number);
    ASSERT_INT(message.as.confirmed.last, number);
    items[number].confirmed = true;
    return true;
}

/* Returns whether all went well: two of three items are acknowledged. */
static bool be_served(struct channel *channel)
{
    struct message message = { MESSAGE_HELLO,
                               .as.hello = { MESSAGE_PROTOCOL } };
    client_say(channel, &message);
    if (!hear(channel, MESSAGE_WELCOME, &message))
        return false;
    client_say(channel, &(struct message){ MESSAGE_ASK, .as.ask = { 0 } });
    if (!hear(channel, MESSAGE_STATUS, &message))
        return false;
    client_take(channel, 3, false, true);
    if (!hear_items(channel, 3))
        return false;
    items[1].acknowledged = items[3].acknowledged = true;
    client_acknowledge(channel, 3, 3);
    if (!hear_confirmed(channel, 3))
        return false;
    client_acknowledge(channel, 1, 1);
    return hear_confirmed(channel, 1);
}

/* What is under way to nobody is given to the next who comes. */
static void expect_rest_served(void)
{
    struct channel channel;
    struct store_summary summary;
    client_open(&served, &channel);
    store_summarize(served.store, &summary);
    client_take(&channel, ITEMS, false, true);
    ASSERT(hear_items(&channel, summary.items - summary.acknowledged));
    channel_close(&channel);
    served_settle(&served);
}

static bool try_server(void)
{
    struct channel channel;
    memory_watch(false);
    set_up();
    served_open(&served);
    serving = true;
    client_connect(&served, &channel);
    bool told = !be_served(&channel);
    serving = false;
    channel_close(&channel);
    expect_rest_served();
    served_finish(&served);
    served_close(&served);
    store_close(served.store);
    served.store = NULL;
    expect_all_collected();
    served_remove(&served);
    return told;
}

static void a_server_loses_nothing(void)
{
    memory_fail_each(try_server);
}

/* --- Acknowledgements in many pieces -----------------------------------------
 */

enum { PIECES = 20, MANY = 2 * PIECES };

static uint64_t count_left(void)
{
    struct store_summary summary;
    store_summarize(served.store, &summary);
    return summary.items - summary.acknowledged;
}

/* What a new collector is given. */
static uint64_t count_served(void)
{
    struct channel channel;
    struct message message;
    uint64_t count = 0;
    client_open(&served, &channel);
    client_take(&channel, MANY, false, false);
    while (client_hear(&served, &channel, &message) &&
           message.type == MESSAGE_ITEM)
        count++;
    channel_close(&channel);
    served_settle(&served);
    return count;
}

static bool try_pieces(void)
{
    struct channel channel;
    struct message message;
    memory_watch(false);
    served_make(&served);
    served_add(&served, MANY);
    served_open(&served);
    client_open(&served, &channel);
    client_take(&channel, MANY, false, true);
    for (uint64_t number = 1; number <= MANY; number++)
        client_expect_item(&served, &channel, number, false);
    for (uint64_t number = 1; number <= MANY; number += 2)
        client_acknowledge(&channel, number, number);
    serving = true;
    bool told = !client_hear(&served, &channel, &message) ||
                message.type == MESSAGE_UNSERVED;
    serving = false;
    channel_close(&channel);
    served_settle(&served);
    ASSERT_INT(count_served(), count_left());
    served_remove(&served);
    return told;
}

static void what_could_not_be_acknowledged_is_given_to_others(void)
{
    memory_fail_each(try_pieces);
}

/* --- Recording ---------------------------------------------------------------
 */

static void what_could_not_be_recorded_can_be_recorded_later(void)
{
    static const uint8_t key[RECORD_KEY_BYTES] = { 1 };
    static const struct record_call call = { .stage = "fresh", .key = key };
    struct drover_error err = { 0 };
    int64_t id;
    memory_watch(false);
    served_make(&served);
    memory_fail_next();
    int status = record_begin(served.store, &call, &id, &err);
    memory_watch(false);
    ASSERT_INT(status, -ENOMEM);
    status = record_begin(served.store, &call, &id, &err);
    ASSERT_INT(status, 0);
    ASSERT_INT(store_commit(served.store, &err), 0);
    served_remove(&served);
}

UNIT_CASES(CASE(a_collector_of_a_store_loses_nothing),
           CASE(a_server_loses_nothing),
           CASE(what_could_not_be_acknowledged_is_given_to_others),
           CASE(what_could_not_be_recorded_can_be_recorded_later))
