/* [host] The inside of a server, for the files that make it up: server.c (its
 * life, giving items), server_hear.c (who comes, speaks and goes). */
#ifndef BACKGROUND_SERVER_STATE_H
#define BACKGROUND_SERVER_STATE_H

#include "background/connection.h"
#include "background/server.h"

/* listening    the address's descriptor, as epoll knows it
 * restored_ms  when it was looked at last
 * unread       bytes in the buffers of all connections
 * turns        for everybody to be the first at some time */
struct server {
    int epoll;
    struct address *address;
    int listening;
    int64_t restored_ms;
    struct connection_service service;
    struct connection *connections[SERVER_CONNECTIONS_MAX];
    size_t count;
    size_t unread;
    size_t turns;
};

/* --- server_hear.c ----------------------------------------------------------
 */

/* Have epoll watch the address. A new socket may have the number of the old
 * one, so this makes sense even when nothing seems to have changed. Returns 0
 * or a negative errno. */
int server_watch_address(struct server *server);

/* See that the address is still there, now and then. */
void server_look_after_address(struct server *server);

/* Take in those who come, and what was sent; close who sends nonsense. */
void server_hear_all(struct server *server);

/* Close who takes too long. */
void server_drop_late(struct server *server);

/* Close the connection at index I; the last one takes its place. */
void server_close_at(struct server *server, size_t i);

/* Whether the run has ended, and every item is acknowledged. */
bool server_is_over(const struct server *server);

#endif
