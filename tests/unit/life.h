/* The life of a worker in a forked child, seen from its host's side. */
#ifndef LIFE_H
#define LIFE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/channel.h"
#include "wire/slate.h"

/* printed  the end to read of the pipe that is its standard output; reading
 *          does not block
 * manner   for LIVE, which knows what it is */
struct life {
    pid_t pid;
    struct channel channel;
    struct slate *slate;
    int printed;
    const void *manner;
};

typedef int (*life_fn)(struct life *life, int socket);

/* Fork a process that ends with the exit status that LIVE returns. */
void life_begin(struct life *life, life_fn live, const void *manner);

/* Close what the host has. The process has been waited for. */
void life_end(struct life *life);

/* Receive a message. Also in workers, which have nobody to assert for: returns
 * false at the end of the channel. */
bool life_hear(struct channel *channel, struct message *message);

/* Receive a message of this TYPE. */
void expect_message(struct life *life, enum message_type type,
                    struct message *message);

/* The next message: the call has returned this int, or no value; it has sent
 * this int; it has failed with just these WORDS. */
void expect_int(struct life *life, uint64_t sequence, int64_t expected);
void expect_no_value(struct life *life, uint64_t sequence);
void expect_sent(struct life *life, uint64_t sequence, int64_t expected);
void expect_failed(struct life *life, uint64_t cause, const char *words);

/* What is in the pipe of printed text is just this. */
void expect_printed(struct life *life, const char *expected);

#endif
