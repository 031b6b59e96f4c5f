/* Streams of bytes, as if a collector had sent them to a server, and as if a
 * server had sent them to a collector: neither may believe them more than it
 * should. */
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "background/connection.h"
#include "background/supply.h"
#include "base/descriptor.h"
#include "store/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ITEMS = 8, WINDOW = 4, STREAM_BYTES = 64 * 1024 };

/* --- A run with items -------------------------------------------------------
 */

static char folder[] = "/tmp/drover-fuzz-XXXXXX";

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static void remove_folder(void)
{
    (void)nftw(folder, remove_one, 4, FTW_DEPTH | FTW_PHYS);
}

static void require(int condition)
{
    if (!condition)
        abort();
}

static struct store *make_store(void)
{
    static const struct store_run run = { .job = "fuzz",
                                          .text = "",
                                          .file = "",
                                          .directory = "/",
                                          .address = "",
                                          .workers = 1,
                                          .keep_ms = -1 };
    struct store *store;
    require(mkdtemp(folder) != NULL);
    atexit(remove_folder);
    setenv("XDG_STATE_HOME", folder, 1);
    require(store_create(&run, &store, NULL) == 0);
    return store;
}

static void add_item(struct store *store)
{
    static const uint8_t key[RECORD_KEY_BYTES] = { 1 };
    static const struct record_call call = { .stage = "stage", .key = key };
    static const struct record_outcome outcome = { .cause = DROVER_ERROR,
                                                   .text = "no" };
    int64_t id = 0;
    require(record_end(store, &id, &call, &outcome, true, NULL) == 0);
}

/* A store with items that are not acknowledged. */
static struct store *prepare_store(void)
{
    static struct store *store;
    if (store == NULL)
        store = make_store();
    if (delivery_is_complete(store)) {
        for (int i = 0; i < ITEMS; i++)
            add_item(store);
        require(store_commit(store, NULL) == 0);
    }
    return store;
}

/* --- Streams ----------------------------------------------------------------
 */

/* What is still to be sent, into one end of a pair of sockets. */
struct stream {
    const uint8_t *data;
    size_t size;
    int pair[2];
};

static void open_stream(struct stream *stream, const uint8_t *data, size_t size)
{
    stream->data = data;
    stream->size = size;
    require(descriptor_socket_pair(stream->pair, NULL) == 0);
}

static void close_stream(struct stream *stream)
{
    descriptor_close(&stream->pair[0]);
    descriptor_close(&stream->pair[1]);
}

/* Send the next frame, or, where there is none, the next bytes, so that there
 * is time between messages; and the end. */
static void send_some(struct stream *stream, enum message_sender sender)
{
    char answers[4096];
    int64_t frame =
        message_frame_size(stream->data, stream->size, sender, NULL);
    size_t size = frame > 0 ? (size_t)frame : stream->size < 5 ? 1 : 5;
    if (size > stream->size)
        size = stream->size;
    (void)send(stream->pair[1], stream->data, size, MSG_NOSIGNAL);
    stream->data += size;
    stream->size -= size;
    if (stream->size == 0)
        (void)shutdown(stream->pair[1], SHUT_WR);
    while (recv(stream->pair[1], answers, sizeof answers, MSG_DONTWAIT) > 0)
        ;
}

/* --- To a server ------------------------------------------------------------
 */

static void cancel(void *context)
{
    (void)context;
}

static int pass(void *context, struct drover_value value)
{
    (void)context;
    require(value.size == 0 || drover_value_check(value, NULL) == 0);
    return 0;
}

static void check_connection(const struct connection *connection,
                             const struct connection_service *service)
{
    require(connection->credit <= SERVER_CREDIT_MAX);
    require(connection->greeted || !connection->takes);
    require(connection->lease.given.total == service->pool.leased);
    require(service->pool.leased <= ITEMS);
}

static int serve(struct connection *connection,
                 struct connection_service *service)
{
    struct drover_error err;
    int status = connection_hear(connection, service, &err);
    if (status == 0)
        status = connection_confirm(connection);
    if (status == 0 && connection_wants(connection))
        status =
            connection_give(connection, service, SERVER_CREDIT_MAX, &err) < 0
                ? -1
                : 0;
    if (status == 0)
        status = connection_tell(connection, service);
    connection_flush(connection);
    check_connection(connection, service);
    return status;
}

static void speak_to_server(struct stream *stream, bool ended)
{
    struct connection_service service = { .store = prepare_store(),
                                          .client = { .cancel = cancel,
                                                      .pass = pass },
                                          .ended = ended };
    service.pool.store = service.store;
    struct connection *connection = connection_open(&stream->pair[0]);
    require(connection != NULL);
    while (serve(connection, &service) == 0)
        send_some(stream, MESSAGE_FROM_COLLECTOR);
    connection_close(connection, &service);
    require(service.pool.leased == 0 && service.pool.ranges == 0);
    lease_pool_clear(&service.pool);
}

/* --- To a collector ---------------------------------------------------------
 */

static void check_item(const struct drover_collected *item)
{
    char line[256];
    require(item->number > 0 && item->stage != NULL);
    drover_outcome_format(&item->outcome, line, sizeof line);
}

static void speak_to_collector(struct stream *stream, bool no_wait, bool stash)
{
    struct drover_collector_options options = { .window = WINDOW,
                                                .no_wait = no_wait };
    struct supply *supply = supply_create("address", &options);
    struct buffer words = BUFFER_INIT(STREAM_BYTES);
    struct drover_collected item;
    require(supply != NULL);
    channel_open(&supply->link.channel, &stream->pair[0], MESSAGE_FROM_SERVER);
    while (supply->link.channel.socket >= 0) {
        send_some(stream, MESSAGE_FROM_SERVER);
        supply_push(supply);
        if (stash)
            supply_link_stash(supply);
        while (supply_take(supply, &words, &item)) {
            check_item(&item);
            require(supply->handed_count <= WINDOW);
            if (item.number % 2 == 0)
                (void)supply_acknowledge(supply, item.number, NULL);
        }
        if (supply->link.channel.socket >= 0)
            supply_link_advance(supply);
    }
    supply_destroy(supply, false);
    buffer_clear(&words);
}

/* --- Both -------------------------------------------------------------------
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stream stream;
    if (size == 0 || size > STREAM_BYTES)
        return 0;
    for (int way = 0; way < 4; way++) {
        open_stream(&stream, data, size);
        if (way % 2 == 0)
            speak_to_server(&stream, way > 1);
        else
            speak_to_collector(&stream, way > 1, way > 1);
        close_stream(&stream);
    }
    return 0;
}
