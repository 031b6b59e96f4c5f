/* [host] Serving a run's results at its address: collectors come and go, each
 * item goes to one of them, and again to another one when the first went
 * without acknowledging it. Whatever they send, or do not, nobody waits for
 * them. */
#ifndef BACKGROUND_SERVER_H
#define BACKGROUND_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/error.h>
#include <drover/value.h>

#include "background/address.h"
#include "store/store.h"

enum {
    SERVER_HELLO_MS = 5000,       /* for the first message */
    SERVER_PATIENCE_MS = 10000,   /* when all is over, for reading the rest */
    SERVER_CONNECTIONS_MAX = 256, /* more are told so, and closed */
    SERVER_CREDIT_MAX = 4096, /* items that a collector may have asked for */
    SERVER_OUT_BYTES = 256 * 1024, /* under way to one collector; more only for
                                      one large item */
};

/* Whom a server serves. Those marked * may be NULL.
 *
 * cancel  somebody wants the run to be cancelled, or, when it has ended, that
 *         its results are left in the store
 * pass*   a value for the run's call (an empty view: no more will come);
 * returns 0 or a negative errno that the sender is told. NULL: it takes none */
struct server_client {
    void *context;
    void (*cancel)(void *context);
    int (*pass)(void *context, struct drover_value value);
};

struct server;

/* STORE and ADDRESS are borrowed and must outlive the server, but that
 * server_destroy() uses neither. Items are served as they are committed, so
 * whoever commits calls server_offer() afterwards. */
struct server *server_create(struct store *store, struct address *address,
                             const struct server_client *client,
                             struct drover_error *err);

/* Close all connections. Takes NULL. */
void server_destroy(struct server *server);

/* [forked child] Close what is open, without a word. */
void server_abandon(struct server *server);

/* Can be read (epoll, poll) when server_turn() has something to do. Also to be
 * called at least once a second, for what takes too long. */
int server_descriptor(const struct server *server);

/* Take in what was sent, commit acknowledgements, send what can be sent.
 * Returns 0, or the error of the store, after which the server is of no use. */
int server_turn(struct server *server, struct drover_error *err);

/* Items were committed: wake those who wait for some. */
int server_offer(struct server *server, struct drover_error *err);

/* The run has ended, and no more items will be added; its end is in the store.
 */
int server_finish(struct server *server, struct drover_error *err);

/* Whether the run has ended, every item is acknowledged, and everybody who
 * waits to hear that has been told. */
bool server_is_drained(const struct server *server);

/* Whether anybody is connected. */
bool server_has_connections(const struct server *server);

#endif
