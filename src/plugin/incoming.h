/* [worker] A worker's incoming messages: calls, one after the other, and the
 * values that are passed to the one that runs. What arrives for later calls
 * while one waits for values is kept. */
#ifndef PLUGIN_INCOMING_H
#define PLUGIN_INCOMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "wire/channel.h"
#include "wire/message.h"

struct parcel;

/* kept        frames for later, in the order in which they came
 * call, value the kept frames that were handed out last, if they were kept
 * call_bytes  the buffer with the frame of the call that runs, once the channel
 *             has read on
 * in_channel  that frame is still in the channel's own buffer */
struct incoming {
    struct channel channel;
    struct parcel *kept;
    struct parcel **kept_end;
    size_t kept_bytes;
    struct parcel *call;
    struct parcel *value;
    struct buffer call_bytes;
    bool in_channel;
};

/* SOCKET, to the host, is taken; may be -1 for now. */
void incoming_init(struct incoming *incoming, int *socket);
void incoming_clear(struct incoming *incoming);

/* Wait until something has arrived. Returns as channel_fill_wait(). */
int incoming_wait(struct incoming *incoming);

/* Take the next call of what has arrived; values for calls that are over are
 * dropped. What *CALL borrows is valid until incoming_end_call(). Returns 1, 0
 * when there is none, -EPROTO when the host sends garbage. */
int incoming_next_call(struct incoming *incoming, struct message_call *call);

/* The call that was taken has ended. */
void incoming_end_call(struct incoming *incoming);

/* Wait for the next value that is passed to call SEQUENCE, the one that runs.
 * What *PASSED borrows is valid until the next of these functions.
 *
 * timeout_ms  0 does not wait, -1 waits for ever
 *
 * Returns 1, 0 when the host has closed, -ETIMEDOUT, -EPROTO, -ENOMEM, and
 * -EMSGSIZE when too much has come for later calls. */
int incoming_receive(struct incoming *incoming, uint64_t sequence,
                     int timeout_ms, struct message_passed *passed);

#endif
