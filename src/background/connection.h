/* [host] One collector's connection to the server: what was asked for on it,
 * what it was given, what it is to be told. Nothing that is queued here may be
 * sent before the store was committed; only connection_flush() sends. */
#ifndef BACKGROUND_CONNECTION_H
#define BACKGROUND_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/error.h>

#include "background/lease.h"
#include "background/server.h"
#include "wire/channel.h"

/* What all connections of a server share.
 *
 * ended  the run has ended, and there will be no more items */
struct connection_service {
    struct store *store;
    struct lease_pool pool;
    struct server_client client;
    bool ended;
};

/* greeted     it has said hello, in our version
 * gone        the other side has closed; what it sent before is still heard
 * takes       it has asked for items; waits: and waits for those to come
 * told        it was told that no more will come
 * credit      how many items it may be given
 * asks        answers that it is owed; asks_ended: when the run has ended
 * answers     how many answers lie in `out` since that was empty
 * unheard     messages may have been read that were not looked at, for it was
 *             stuck
 * safe        so much of `out` may be sent whether the store commits or not
 * failure     a negative errno: it is to be closed, and told why
 * deadline_ms when it is closed, unless something happens; -1: never
 * events      what epoll watches it for; the server's */
struct connection {
    struct channel channel;
    bool greeted;
    bool gone;
    bool takes;
    bool waits;
    bool told;
    uint64_t credit;
    struct lease lease;
    uint64_t asks;
    uint64_t asks_ended;
    unsigned answers;
    bool unheard;
    size_t safe;
    int failure;
    int64_t deadline_ms;
    uint32_t events;
};

/* Take *SOCKET, which becomes -1. NULL: no memory; it stays open then. */
struct connection *connection_open(int *socket);

/* Close, and give back what it has; without SERVICE just close. */
void connection_close(struct connection *connection,
                      struct connection_service *service);

/* Read what has arrived, and do what it asks for. Returns 0, or a negative
 * errno when the connection is of no more use: -EPIPE when it has ended, else
 * with ERR what the other side is to be told; those of the store count as such.
 */
int connection_hear(struct connection *connection,
                    struct connection_service *service,
                    struct drover_error *err);

/* Whether it is not to be read from, for it does not read our answers. */
bool connection_is_stuck(const struct connection *connection);

/* Whether it can be given items now. */
bool connection_wants(const struct connection *connection);

/* Queue at most COUNT items. Returns as lease_take(). */
int64_t connection_give(struct connection *connection,
                        struct connection_service *service, uint64_t count,
                        struct drover_error *err);

/* Queue that acknowledgements are recorded, as many as there is room for. To be
 * done before items are given, so that they do not have to wait for those to be
 * read. Returns 0 or -ENOMEM. */
int connection_confirm(struct connection *connection);

/* Queue what can be said only after a commit, and after everybody was given
 * items: how the run stands, that nothing more is there. Returns 0 or -ENOMEM.
 */
int connection_tell(struct connection *connection,
                    struct connection_service *service);

/* Whether it can be told or given more as soon as there is room. */
bool connection_has_more(const struct connection *connection,
                         const struct connection_service *service);

/* Send what is queued, if somebody is there. */
void connection_flush(struct connection *connection);

/* Say why it is closed, if that can be said at once. What was queued since the
 * last connection_flush() is dropped. */
void connection_refuse(struct connection *connection,
                       const struct drover_error *err);

/* Whether it waits to be told something that it has not been told, or has not
 * read. */
bool connection_is_waiting(const struct connection *connection);

#endif
