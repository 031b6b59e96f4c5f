/* Two connected channels, and messages to send over them. */
#ifndef PAIR_H
#define PAIR_H

#include "wire/channel.h"

/* An encoded message of this file has at most so many bytes, but for
 * make_printed(). */
enum { FRAME_BYTES = 256 };

/* A host's and a worker's end. */
struct pair {
    struct channel host;
    struct channel worker;
};

void open_pair(struct pair *pair);
void close_pair(struct pair *pair);

/* A call, from the host; its result; and something printed, whose frame has
 * about SIZE bytes. BYTES must stay. */
struct message make_call(uint64_t sequence);
struct message make_result(uint64_t sequence);
struct message make_printed(uint64_t sequence, const char *bytes, size_t size);

/* Encode MESSAGE into FRAME. Returns its size. */
size_t encode(const struct message *message, uint8_t frame[FRAME_BYTES]);

/* What has come to CHANNEL begins with the result SEQUENCE, or is no whole
 * message. */
void expect_result(struct channel *channel, uint64_t sequence);
void expect_nothing(struct channel *channel);

#endif
