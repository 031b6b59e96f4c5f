/* [host] */
#include "background/server_state.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"

/* Given in turn when several want some. */
enum { SHARE_ITEMS = 8 };

/* --- Life -------------------------------------------------------------------
 */

struct server *server_create(struct store *store, struct address *address,
                             const struct server_client *client,
                             struct drover_error *err)
{
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        error_no_memory(err);
        return NULL;
    }
    server->address = address;
    server->service = (struct connection_service){ .store = store,
                                                   .pool.store = store,
                                                   .client = *client };
    server->restored_ms = clock_now_ms();
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    int status =
        server->epoll < 0 ? -errno : descriptor_move_up(&server->epoll);
    if (status == 0)
        status = server_watch_address(server);
    if (status == 0)
        return server;
    error_set(err, -status, "cannot serve %s", address_path(address));
    server_destroy(server);
    return NULL;
}

void server_abandon(struct server *server)
{
    if (server == NULL)
        return;
    for (size_t i = 0; i < server->count; i++)
        connection_close(server->connections[i], NULL);
    lease_pool_clear(&server->service.pool);
    descriptor_close(&server->epoll);
    free(server);
}

void server_destroy(struct server *server)
{
    for (size_t i = 0; server != NULL && i < server->count; i++)
        connection_flush(server->connections[i]);
    server_abandon(server);
}

int server_descriptor(const struct server *server)
{
    return server->epoll;
}

/* --- Serving ----------------------------------------------------------------
 */

/* Let everybody who wants some have up to COUNT items. Returns how many were
 * given in all, or the error of the store. */
static int64_t share_round(struct server *server, uint64_t count,
                           struct drover_error *err)
{
    int64_t all = 0;
    for (size_t i = 0; i < server->count; i++) {
        struct connection *connection =
            server->connections[(i + server->turns) % server->count];
        if (!connection_wants(connection))
            continue;
        int64_t given =
            connection_give(connection, &server->service, count, err);
        if (given == -ENOMEM)
            connection->failure = -ENOMEM;
        else if (given < 0)
            return given;
        else
            all += given;
    }
    return all;
}

static int share(struct server *server, struct drover_error *err)
{
    size_t wanting = 0;
    for (size_t i = 0; i < server->count; i++)
        wanting += connection_wants(server->connections[i]);
    uint64_t count = wanting > 1 ? SHARE_ITEMS : SERVER_CREDIT_MAX;
    int64_t given = wanting > 0;
    while (given > 0)
        given = share_round(server, count, err);
    server->turns++;
    return (int)given;
}

/* Commit what the connections have changed. What the run had recorded is
 * committed along with it, and may be what somebody waits for. */
static int commit(struct server *server, struct drover_error *err)
{
    struct connection_service *service = &server->service;
    int status = 0;
    while (status == 0 && service->pool.changed) {
        uint64_t last = delivery_last(service->store);
        service->pool.changed = false;
        status = store_commit(service->store, err);
        if (status == 0 && delivery_last(service->store) > last)
            status = share(server, err);
    }
    return status;
}

static void confirm_all(struct server *server)
{
    for (size_t i = 0; i < server->count; i++) {
        struct connection *connection = server->connections[i];
        if (connection->failure == 0)
            connection->failure = connection_confirm(connection);
    }
}

static void tell_all(struct server *server)
{
    for (size_t i = 0; i < server->count; i++) {
        struct connection *connection = server->connections[i];
        if (connection->failure == 0)
            connection->failure = connection_tell(connection, &server->service);
        /* One that failed may have in line what was not noted as given. */
        if (connection->failure == 0)
            connection_flush(connection);
    }
}

/* The store failed: nothing that waited for its commit may be said. */
static void dismiss_all(struct server *server, const struct drover_error *err)
{
    while (server->count > 0) {
        connection_refuse(server->connections[0], err);
        server_close_at(server, 0);
    }
}

/* For want of memory: there is no other failure. */
static void dismiss_failed(struct server *server)
{
    for (size_t i = server->count; i-- > 0;) {
        struct connection *connection = server->connections[i];
        struct drover_error err;
        if (connection->failure == 0)
            continue;
        error_no_memory(&err);
        connection_refuse(connection, &err);
        server_close_at(server, i);
    }
}

static void watch(struct server *server, struct connection *connection)
{
    struct epoll_event event = { .data.ptr = connection };
    if (!connection_is_stuck(connection))
        event.events |= EPOLLIN;
    if (connection_has_more(connection, &server->service))
        event.events |= EPOLLOUT;
    if (event.events == connection->events)
        return;
    connection->events = event.events;
    (void)epoll_ctl(server->epoll, EPOLL_CTL_MOD, connection->channel.socket,
                    &event);
}

static int serve(struct server *server, struct drover_error *err)
{
    struct drover_error own = { 0 };
    err = err == NULL ? &own : err;
    confirm_all(server);
    int status = share(server, err);
    if (status == 0)
        status = commit(server, err);
    if (status < 0) {
        dismiss_all(server, err);
        return status;
    }
    tell_all(server);
    dismiss_failed(server);
    for (size_t i = 0; i < server->count; i++)
        watch(server, server->connections[i]);
    return 0;
}

int server_turn(struct server *server, struct drover_error *err)
{
    server_look_after_address(server);
    server_hear_all(server);
    server_drop_late(server);
    return serve(server, err);
}

int server_offer(struct server *server, struct drover_error *err)
{
    return server->count > 0 ? serve(server, err) : 0;
}

int server_finish(struct server *server, struct drover_error *err)
{
    server->service.ended = true;
    return serve(server, err);
}

bool server_is_drained(const struct server *server)
{
    if (!server_is_over(server))
        return false;
    for (size_t i = 0; i < server->count; i++)
        if (connection_is_waiting(server->connections[i]))
            return false;
    return true;
}

bool server_has_connections(const struct server *server)
{
    return server->count > 0;
}
