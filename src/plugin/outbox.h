/* [worker] A worker's outgoing messages. With a slate they survive its death
 * from the moment they are put; without one they are kept until sent. */
#ifndef PLUGIN_OUTBOX_H
#define PLUGIN_OUTBOX_H

#include <drover/error.h>

#include "wire/message.h"
#include "wire/slate.h"

/* socket  to the host, blocking; borrowed
 * slate   shared with the host, or NULL; borrowed */
struct outbox {
    int socket;
    struct slate *slate;
    struct buffer buffer;
};

void outbox_init(struct outbox *outbox, int socket, struct slate *slate);
void outbox_clear(struct outbox *outbox);

/* Put one message in line, sending earlier ones when there is no room. Returns
 * 0, -EPIPE when the host has gone, -EMSGSIZE, -ENOMEM,
 * -EBADF when it was abandoned. */
int outbox_put(struct outbox *outbox, const struct message *message);

/* Send all that is in line; waits for the host. */
int outbox_flush(struct outbox *outbox);

/* Leave socket and slate to another process: what is in line is not sent, and
 * nothing can be sent any more (-EBADF). */
void outbox_abandon(struct outbox *outbox);

/* How many bytes are in line. */
size_t outbox_size(const struct outbox *outbox);

#endif
