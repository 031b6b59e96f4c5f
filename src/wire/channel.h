/* A channel: one end of a stream socket on which messages travel, sometimes
 * with a descriptor. Nothing here blocks unless it says so. */
#ifndef WIRE_CHANNEL_H
#define WIRE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/error.h>

#include "base/buffer.h"
#include "wire/message.h"

/* socket    -1 when closed
 * arrived   bytes that the socket has brought since it was opened
 * position  bytes of the peer's stream that we have, those that came by
 *           channel_feed() included
 * parsed    size of the frame handed out last, still in `in`
 * chunk     how much one reading takes at most: grows with what comes */
struct channel {
    int socket;
    enum message_sender peer;
    struct buffer in;
    struct buffer out;
    uint64_t arrived;
    uint64_t position;
    size_t parsed;
    size_t chunk;
};

/* Take *SOCKET, which becomes -1. PEER says which messages may come in. */
void channel_open(struct channel *channel, int *socket,
                  enum message_sender peer);
void channel_close(struct channel *channel);

/* Put a message in line. Returns 0, -ENOMEM or -EMSGSIZE. */
int channel_queue(struct channel *channel, const struct message *message);

/* Send what is in line. Returns 0 when all is sent, -EAGAIN when the peer is
 * slower, -EPIPE when it has closed. */
int channel_flush(struct channel *channel);

/* The same, but waits for a slower peer. Returns 0 or -EPIPE. */
int channel_flush_wait(struct channel *channel);

/* The same, but waits until DEADLINE_MS at most (monotonic clock; -1: for
 * ever). Returns 0, -EPIPE or -ETIMEDOUT, with the rest still in line. */
int channel_flush_until(struct channel *channel, int64_t deadline_ms);

/* Whether something is still in line. */
static inline bool channel_has_unsent(const struct channel *channel)
{
    return buffer_size(&channel->out) > 0;
}

/* Send all that is in line and MESSAGE behind it, and with the first byte of
 * all that DESCRIPTOR (may be -1; it stays the caller's). Blocks. Returns 0,
 * -EPIPE or another errno. */
int channel_send(struct channel *channel, const struct message *message,
                 int descriptor);

/* The same, but waits until DEADLINE_MS at most (monotonic clock; -1: for
 * ever), also when the socket does not block. -ETIMEDOUT: all is in line, and
 * will be sent without DESCRIPTOR if that was not sent. */
int channel_send_until(struct channel *channel, const struct message *message,
                       int descriptor, int64_t deadline_ms);

/* Read once what has arrived. Views from channel_receive() end here.
 *
 * descriptor  where a descriptor goes that came along, else -1; the caller's
 *             to close. NULL: none is expected, one that comes is closed
 *
 * Returns 1 when there was something, -EAGAIN when not, 0 at the end of the
 * stream (the peer has closed or is dead), -EPROTO when descriptors were cut
 * off, -ENOMEM. */
int channel_fill(struct channel *channel, int *descriptor);

/* As channel_fill() without a descriptor, but waits until there is something.
 * Returns never -EAGAIN. */
int channel_fill_wait(struct channel *channel);

/* Add bytes of the peer's stream, from `position` on, that reached us by
 * another way. Should the socket bring them too, they are dropped then. */
int channel_feed(struct channel *channel, const void *bytes, size_t size);

/* Take the next whole message from what has been read. Returns 1, 0 when
 * there is none, -EPROTO when the peer sends garbage: close the channel then.
 */
int channel_receive(struct channel *channel, struct message *out,
                    struct drover_error *err);

/* Move the buffer with the frame that was handed out last to OUT, which is not
 * initialized and the caller's to clear: views into that frame stay valid while
 * the channel reads on. Returns 0 or -ENOMEM. */
int channel_detach(struct channel *channel, struct buffer *out);

/* Wait until the channel can be read, or DEADLINE_MS (monotonic clock; -1: for
 * ever) passes. Returns 0 or -ETIMEDOUT. Blocks. */
int channel_wait(const struct channel *channel, int64_t deadline_ms);

#endif
