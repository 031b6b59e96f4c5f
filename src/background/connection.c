#include "background/connection.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "background/standing.h"
#include "base/clock.h"
#include "base/error.h"

/* So many answers may be under way to one who does not read them. */
enum { ANSWERS_MAX = 1024, STANDING_LIMIT_BYTES = 64 * 1024 };

/* --- Life -------------------------------------------------------------------
 */

struct connection *connection_open(int *socket)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;
    channel_open(&connection->channel, socket, MESSAGE_FROM_COLLECTOR);
    connection->deadline_ms = clock_now_ms() + SERVER_HELLO_MS;
    return connection;
}

void connection_close(struct connection *connection,
                      struct connection_service *service)
{
    if (service != NULL)
        lease_end(&connection->lease, &service->pool);
    ranges_clear(&connection->lease.given);
    ranges_clear(&connection->lease.acknowledged);
    channel_close(&connection->channel);
    free(connection);
}

/* --- What it says -----------------------------------------------------------
 */

static int on_hello(struct connection *connection,
                    struct connection_service *service,
                    const struct message *message, struct drover_error *err)
{
    if (connection->greeted)
        return error_set(err, EPROTO, "hello was said before");
    if (message->as.hello.protocol != MESSAGE_PROTOCOL)
        return error_set(err, EPROTONOSUPPORT,
                         "the run speaks version %d of the protocol, not "
                         "%" PRIu64,
                         MESSAGE_PROTOCOL, message->as.hello.protocol);
    const char *run = store_name(service->store);
    struct message welcome = { MESSAGE_WELCOME,
                               .as.welcome = { MESSAGE_PROTOCOL,
                                               { run, strlen(run) } } };
    connection->greeted = true;
    connection->deadline_ms = -1;
    return channel_queue(&connection->channel, &welcome);
}

static int on_take(struct connection *connection,
                   struct connection_service *service,
                   const struct message *message, struct drover_error *err)
{
    const struct message_take *take = &message->as.take;
    (void)service;
    if (take->peek > 1 || take->wait > 1)
        return error_set(err, EPROTO, "take: peek and wait are 0 or 1");
    if (connection->takes && (connection->lease.peek != (take->peek == 1) ||
                              connection->waits != (take->wait == 1)))
        return error_set(err, EPROTO,
                         "take: peek and wait stay the same on a connection");
    connection->takes = true;
    connection->told = false;
    connection->lease.peek = take->peek == 1;
    connection->waits = take->wait == 1;
    connection->credit = take->count > SERVER_CREDIT_MAX - connection->credit
                             ? SERVER_CREDIT_MAX
                             : connection->credit + take->count;
    return 0;
}

static int on_acknowledge(struct connection *connection,
                          struct connection_service *service,
                          const struct message *message,
                          struct drover_error *err)
{
    return lease_acknowledge(&connection->lease, &service->pool,
                             message->as.acknowledge.first,
                             message->as.acknowledge.last, err);
}

static int on_ask(struct connection *connection,
                  struct connection_service *service,
                  const struct message *message, struct drover_error *err)
{
    (void)service;
    if (message->as.ask.ended > 1)
        return error_set(err, EPROTO, "ask: ended is 0 or 1");
    if (message->as.ask.ended == 1)
        connection->asks_ended++;
    else
        connection->asks++;
    return 0;
}

static int on_cancel(struct connection *connection,
                     struct connection_service *service,
                     const struct message *message, struct drover_error *err)
{
    (void)message;
    (void)err;
    if (service->client.cancel != NULL)
        service->client.cancel(service->client.context);
    connection->asks++;
    return 0;
}

static int on_give(struct connection *connection,
                   struct connection_service *service,
                   const struct message *message, struct drover_error *err)
{
    const struct server_client *client = &service->client;
    struct drover_value value = { NULL, 0 };
    int status = -EPIPE;
    if (message->as.give.has_value > 1)
        return error_set(err, EPROTO, "give: has_value is 0 or 1");
    if (message->as.give.has_value == 1)
        value = message->as.give.value;
    if (client->pass != NULL)
        status = client->pass(client->context, value);
    struct message given = { MESSAGE_GIVEN, .as.given = { (uint64_t)-status } };
    connection->answers++;
    return channel_queue(&connection->channel, &given);
}

static int obey(struct connection *connection,
                struct connection_service *service,
                const struct message *message, struct drover_error *err)
{
    static int (*const handlers[])(
        struct connection *, struct connection_service *,
        const struct message *, struct drover_error *) = {
        [MESSAGE_HELLO & 0xf] = on_hello,
        [MESSAGE_TAKE & 0xf] = on_take,
        [MESSAGE_ACKNOWLEDGE & 0xf] = on_acknowledge,
        [MESSAGE_ASK & 0xf] = on_ask,
        [MESSAGE_CANCEL & 0xf] = on_cancel,
        [MESSAGE_GIVE & 0xf] = on_give,
    };
    if (!connection->greeted && message->type != MESSAGE_HELLO)
        return error_set(err, EPROTO, "hello comes first");
    int status =
        handlers[message->type & 0xf](connection, service, message, err);
    return status == -ENOMEM ? error_no_memory(err) : status;
}

int connection_hear(struct connection *connection,
                    struct connection_service *service,
                    struct drover_error *err)
{
    struct message message;
    int filled = channel_fill(&connection->channel, NULL);
    int status = 1;
    while (status > 0 && !connection_is_stuck(connection)) {
        status = channel_receive(&connection->channel, &message, err);
        if (status <= 0)
            break;
        status = obey(connection, service, &message, err);
        status = status < 0 ? status : 1;
    }
    connection->unheard = connection_is_stuck(connection);
    if (status < 0)
        return status;
    bool ended = filled <= 0 && filled != -EAGAIN;
    return ended && !connection->unheard ? -EPIPE : 0;
}

bool connection_is_stuck(const struct connection *connection)
{
    return connection->answers >= ANSWERS_MAX;
}

/* --- What it is told --------------------------------------------------------
 */

bool connection_wants(const struct connection *connection)
{
    return connection->credit > 0 && connection->failure == 0 &&
           !connection->gone && !connection_is_stuck(connection) &&
           buffer_size(&connection->channel.out) < SERVER_OUT_BYTES &&
           connection->lease.given.total < LEASE_ITEMS_MAX;
}

int64_t connection_give(struct connection *connection,
                        struct connection_service *service, uint64_t count,
                        struct drover_error *err)
{
    if (count > connection->credit)
        count = connection->credit;
    int64_t given = lease_take(&connection->lease, &service->pool, count,
                               &connection->channel.out, SERVER_OUT_BYTES, err);
    if (given > 0)
        connection->credit -= (uint64_t)given;
    return given;
}

static bool has_room(const struct connection *connection)
{
    return buffer_size(&connection->channel.out) < SERVER_OUT_BYTES;
}

int connection_confirm(struct connection *connection)
{
    struct ranges *ranges = &connection->lease.acknowledged;
    size_t told = 0;
    int status = 0;
    for (; status == 0 && told < ranges->count && has_room(connection);
         told++) {
        struct message confirmed = {
            MESSAGE_CONFIRMED, .as.confirmed = { ranges->list[told].first,
                                                 ranges->list[told].last }
        };
        status = channel_queue(&connection->channel, &confirmed);
    }
    if (status == 0 && told > 0)
        status = ranges_remove(ranges, 1, ranges->list[told - 1].last);
    return status;
}

static int tell_standing(struct connection *connection, struct store *store)
{
    struct buffer standing = BUFFER_INIT(STANDING_LIMIT_BYTES);
    int status = standing_write(store, getpid(), &standing);
    struct message message = { MESSAGE_STATUS,
                               .as.status = { { buffer_bytes(&standing),
                                                buffer_size(&standing) } } };
    if (status == 0)
        status = channel_queue(&connection->channel, &message);
    buffer_clear(&standing);
    return status;
}

static int tell_standings(struct connection *connection,
                          const struct connection_service *service)
{
    int status = 0;
    if (service->ended) {
        connection->asks += connection->asks_ended;
        connection->asks_ended = 0;
    }
    for (; status == 0 && connection->asks > 0 && has_room(connection);
         connection->asks--)
        status = tell_standing(connection, service->store);
    return status;
}

static int tell_drained(struct connection *connection, bool complete)
{
    struct message drained = { MESSAGE_DRAINED, .as.drained = { complete } };
    connection->told = complete;
    connection->credit = 0;
    return channel_queue(&connection->channel, &drained);
}

/* Nothing more will come for CONNECTION: all is acknowledged, or it has itself
 * what is not. */
static bool is_complete(const struct connection *connection,
                        const struct connection_service *service)
{
    const struct lease *lease = &connection->lease;
    if (!service->ended)
        return false;
    if (lease->peek)
        return lease_has_seen_all(lease, &service->pool);
    return delivery_is_complete(service->store) ||
           (lease_has_seen_all(lease, &service->pool) &&
            service->pool.leased == lease->given.total);
}

int connection_tell(struct connection *connection,
                    struct connection_service *service)
{
    int status = tell_standings(connection, service);
    if (status < 0 || !connection->takes || connection->told ||
        connection->lease.acknowledged.count > 0 || !has_room(connection))
        return status;
    if (is_complete(connection, service))
        return tell_drained(connection, true);
    /* One that is stuck was given nothing, whatever is there. */
    if (!connection->waits && connection->credit > 0 &&
        !connection_is_stuck(connection))
        return tell_drained(connection, false);
    return 0;
}

bool connection_has_more(const struct connection *connection,
                         const struct connection_service *service)
{
    const struct lease *lease = &connection->lease;
    return channel_has_unsent(&connection->channel) || connection->unheard ||
           lease->acknowledged.count > 0 || connection->asks > 0 ||
           (connection_wants(connection) &&
            !lease_has_seen_all(lease, &service->pool));
}

/* --- Sending ----------------------------------------------------------------
 */

void connection_flush(struct connection *connection)
{
    struct channel *channel = &connection->channel;
    size_t before = buffer_size(&channel->out);
    int status = channel_flush(channel);
    if (status < 0 && status != -EAGAIN) {
        connection->gone = true;
        buffer_reset(&channel->out);
    }
    connection->safe = buffer_size(&channel->out);
    if (connection->safe == 0)
        connection->answers = 0;
    if (connection->safe < before && connection->greeted)
        connection->deadline_ms = -1;
}

void connection_refuse(struct connection *connection,
                       const struct drover_error *err)
{
    struct channel *channel = &connection->channel;
    struct message unserved = { MESSAGE_UNSERVED,
                                .as.unserved = {
                                    (uint64_t)err->code,
                                    { err->message, strlen(err->message) } } };
    channel->out.end = channel->out.start + connection->safe;
    if (channel_queue(channel, &unserved) == 0)
        (void)channel_flush(channel);
}

bool connection_is_waiting(const struct connection *connection)
{
    return !connection->gone &&
           ((connection->takes && !connection->told) || connection->asks > 0 ||
            channel_has_unsent(&connection->channel));
}
