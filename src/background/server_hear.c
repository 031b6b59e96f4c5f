/* [host] */
#include <errno.h>
#include <sys/epoll.h>

#include "background/server_state.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"

enum {
    EVENTS_AT_ONCE = 64,
    RESTORE_MS = 1000, /* how often the address is looked at */
    /* What has arrived and cannot be taken yet: of one connection, and beyond
     * that of all together. */
    UNREAD_EACH_BYTES = 256 * 1024,
    UNREAD_MAX_BYTES = 64 * 1024 * 1024,
};

int server_watch_address(struct server *server)
{
    server->listening = address_descriptor(server->address);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
    int status =
        epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->listening, &event);
    return status < 0 && errno != EEXIST ? -errno : 0;
}

/* --- Coming and going -------------------------------------------------------
 */

/* Where there is no room any more, those who are silent make some: the one who
 * is so for longest. */
static void make_room(struct server *server)
{
    size_t longest = server->count;
    int64_t deadline_ms = INT64_MAX;
    for (size_t i = 0; i < server->count; i++) {
        const struct connection *connection = server->connections[i];
        if (!connection->greeted && connection->deadline_ms < deadline_ms) {
            deadline_ms = connection->deadline_ms;
            longest = i;
        }
    }
    if (longest < server->count)
        server_close_at(server, longest);
}

static int admit(struct server *server, struct connection *connection,
                 struct drover_error *err)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
    if (server->count == SERVER_CONNECTIONS_MAX)
        make_room(server);
    if (server->count == SERVER_CONNECTIONS_MAX)
        return error_set(err, EBUSY, "%d collectors are connected already",
                         SERVER_CONNECTIONS_MAX);
    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, connection->channel.socket,
                  &event) < 0)
        return error_set(err, errno, "cannot serve any more");
    connection->events = event.events;
    server->connections[server->count++] = connection;
    return 0;
}

static void welcome(struct server *server, int *socket)
{
    struct drover_error err;
    struct connection *connection = connection_open(socket);
    if (connection == NULL) {
        descriptor_close(socket);
        return;
    }
    if (admit(server, connection, &err) < 0) {
        connection_refuse(connection, &err);
        connection_close(connection, &server->service);
    }
}

/* Those who come. That the address turned one away says nothing about the next
 * in line. */
static void accept_some(struct server *server)
{
    for (int i = 0; i < EVENTS_AT_ONCE; i++) {
        int socket = address_accept(server->address);
        if (socket >= 0)
            welcome(server, &socket);
        else if (socket != -EPERM && socket != -EMFILE && socket != -ENFILE)
            return;
    }
}

void server_look_after_address(struct server *server)
{
    int64_t now_ms = clock_now_ms();
    if (now_ms - server->restored_ms >= RESTORE_MS) {
        server->restored_ms = now_ms;
        (void)address_restore(server->address, NULL);
        (void)server_watch_address(server);
    } else if (server->listening != address_descriptor(server->address)) {
        (void)server_watch_address(server);
    }
}

bool server_is_over(const struct server *server)
{
    return server->service.ended && delivery_is_complete(server->service.store);
}

/* Who has not said hello in time goes, and when all is over, who does not read
 * the last that there is for him. */
void server_drop_late(struct server *server)
{
    int64_t now_ms = clock_now_ms();
    bool over = server_is_over(server);
    for (size_t i = server->count; i-- > 0;) {
        struct connection *connection = server->connections[i];
        if (connection->deadline_ms < 0 && over)
            connection->deadline_ms = now_ms + SERVER_PATIENCE_MS;
        if (connection->deadline_ms >= 0 && connection->deadline_ms <= now_ms)
            server_close_at(server, i);
    }
}

void server_close_at(struct server *server, size_t i)
{
    struct connection *connection = server->connections[i];
    server->unread -= buffer_size(&connection->channel.in);
    server->connections[i] = server->connections[--server->count];
    connection_close(connection, &server->service);
}

/* --- Hearing ----------------------------------------------------------------
 */

static int check_unread(const struct server *server,
                        const struct connection *connection,
                        struct drover_error *err)
{
    if (server->unread <= UNREAD_MAX_BYTES ||
        buffer_size(&connection->channel.in) <= UNREAD_EACH_BYTES)
        return 0;
    return error_set(err, ENOBUFS, "too much is being sent to this address");
}

/* One that is stuck goes on when its answers were read, or it turns out that
 * nobody is there to read them: what it has sent still counts. */
static void hear(struct server *server, size_t i)
{
    struct drover_error err = { 0 };
    struct connection *connection = server->connections[i];
    size_t before = buffer_size(&connection->channel.in);
    int status = 0;
    if (!connection_is_stuck(connection))
        status = connection_hear(connection, &server->service, &err);
    server->unread += buffer_size(&connection->channel.in) - before;
    if (status == 0)
        status = check_unread(server, connection, &err);
    if (status == 0)
        return;
    if (status != -EPIPE)
        connection_refuse(connection, &err);
    server_close_at(server, i);
}

/* Where CONNECTION is; server->count when it was closed meanwhile. */
static size_t find(const struct server *server, const void *connection)
{
    size_t i = 0;
    while (i < server->count && server->connections[i] != connection)
        i++;
    return i;
}

void server_hear_all(struct server *server)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = epoll_wait(server->epoll, events, EVENTS_AT_ONCE, 0);
    for (int i = 0; i < count; i++) {
        size_t at = find(server, events[i].data.ptr);
        if (events[i].data.ptr == NULL)
            accept_some(server);
        else if (at < server->count)
            hear(server, at);
    }
}
