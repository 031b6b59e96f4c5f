/* Runs for tests of serving and collecting: a store with items in it, and a
 * server at an address, all in a folder that goes with them. */
#ifndef UNIT_SERVED_H
#define UNIT_SERVED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <drover/outcome.h>

#include "background/server.h"
#include "store/store.h"
#include "wire/channel.h"

/* cancelled  how often somebody wanted that
 * passed     how many values were passed to the call; the last: an int
 * refusal    what passing returns
 *
 * Without a server (it is in another process, or there is none) hearing just
 * waits. */
struct served {
    char *path;
    char *folder;
    struct store *store;
    struct address *address;
    struct server *server;
    int cancelled;
    int passed;
    int64_t passed_last;
    int refusal;
};

/* Make a scratch folder, and a run in it whose store is open. */
void served_make(struct served *served);

/* Add COUNT calls that have each returned its index, commit and offer them. */
void served_add(struct served *served, uint64_t count);

/* Add a call that has failed. */
void served_add_failure(struct served *served, uint64_t index,
                        enum drover_cause cause, const char *text, int number);

/* Serve it at PATH. */
void served_open(struct served *served);

/* The run has ended. */
void served_finish(struct served *served);

/* Give the server turns until it has nothing to do. */
void served_settle(struct served *served);

/* Serve no more; leave the store and its folder. */
void served_close(struct served *served);

/* Close the store, too, and remove the folder. */
void served_remove(struct served *served);

/* Serve in a process of its own, which has the store meanwhile. ENDED: the run
 * has ended, and the process ends when the server is drained. */
pid_t served_fork(struct served *served, bool ended);

/* Kill the process of served_fork(), or wait for its end, in which SERVED was
 * drained. The store is open again afterwards. */
void served_kill(struct served *served, pid_t child);
void served_await(struct served *served, pid_t child);

/* --- A collector by hand
 * ---------------------------------------------------------
 */

/* Connect without a word. */
void client_connect(struct served *served, struct channel *channel);

/* Connect, say hello, and be welcomed. */
void client_open(struct served *served, struct channel *channel);

/* Send MESSAGE. */
void client_say(struct channel *channel, const struct message *message);
void client_take(struct channel *channel, uint64_t count, bool peek, bool wait);
void client_acknowledge(struct channel *channel, uint64_t first, uint64_t last);

/* Send bytes that are no message. */
void client_send_bytes(struct channel *channel, const void *bytes, size_t size);

/* Give the server turns until a message comes. Returns false when the server
 * closes instead. */
bool client_hear(struct served *served, struct channel *channel,
                 struct message *message);

/* The next message is an item with this NUMBER. */
void client_expect_item(struct served *served, struct channel *channel,
                        uint64_t number, bool redelivered);

/* The next message is of this TYPE. */
void client_expect(struct served *served, struct channel *channel,
                   enum message_type type, struct message *message);

/* Give the server turns until it has nothing to do; then nothing must have
 * come.
 */
void client_expect_silence(struct served *served, struct channel *channel);

#endif
