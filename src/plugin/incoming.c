/* [worker] */
#include "plugin/incoming.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { KEPT_LIMIT_BYTES = 2 * MESSAGE_LIMIT_BYTES };

/* A frame that is kept. */
struct parcel {
    struct parcel *next;
    size_t size;
    uint8_t bytes[];
};

void incoming_init(struct incoming *incoming, int *socket)
{
    *incoming = (struct incoming){ .kept = NULL };
    incoming->kept_end = &incoming->kept;
    channel_open(&incoming->channel, socket, MESSAGE_FROM_HOST_TO_WORKER);
}

void incoming_clear(struct incoming *incoming)
{
    incoming_end_call(incoming);
    while (incoming->kept != NULL) {
        struct parcel *parcel = incoming->kept;
        incoming->kept = parcel->next;
        free(parcel);
    }
    incoming->kept_end = &incoming->kept;
    incoming->kept_bytes = 0;
    channel_close(&incoming->channel);
}

int incoming_wait(struct incoming *incoming)
{
    return channel_fill_wait(&incoming->channel);
}

/* --- What is kept ----------------------------------------------------------
 */

/* Keep the frame that the channel has handed out last. */
static int keep(struct incoming *incoming)
{
    const struct channel *channel = &incoming->channel;
    size_t size = channel->parsed;
    if (size > KEPT_LIMIT_BYTES - incoming->kept_bytes)
        return -EMSGSIZE;
    struct parcel *parcel = malloc(sizeof *parcel + size);
    if (parcel == NULL)
        return -ENOMEM;
    parcel->next = NULL;
    parcel->size = size;
    memcpy(parcel->bytes, buffer_bytes(&channel->in), size);
    *incoming->kept_end = parcel;
    incoming->kept_end = &parcel->next;
    incoming->kept_bytes += size;
    return 0;
}

/* Take out the parcel that LINK leads to. */
static struct parcel *take(struct incoming *incoming, struct parcel **link)
{
    struct parcel *parcel = *link;
    *link = parcel->next;
    if (parcel->next == NULL)
        incoming->kept_end = link;
    incoming->kept_bytes -= parcel->size;
    return parcel;
}

/* It was decoded before, so it can be again. */
static void open_parcel(const struct parcel *parcel, struct message *out)
{
    message_decode(parcel->bytes, parcel->size, MESSAGE_FROM_HOST_TO_WORKER,
                   out, NULL);
}

/* The first call that was kept; values in front of it came too late. */
static bool take_call(struct incoming *incoming, struct message *message)
{
    while (incoming->kept != NULL) {
        struct parcel *parcel = take(incoming, &incoming->kept);
        open_parcel(parcel, message);
        if (message->type == MESSAGE_CALL) {
            incoming->call = parcel;
            return true;
        }
        free(parcel);
    }
    return false;
}

static bool is_for(const struct message *message, uint64_t sequence)
{
    return message->type == MESSAGE_PASSED &&
           message->as.passed.sequence == sequence;
}

/* The first value for call SEQUENCE that was kept. */
static bool take_value(struct incoming *incoming, uint64_t sequence,
                       struct message *message)
{
    struct parcel **link = &incoming->kept;
    for (; *link != NULL; link = &(*link)->next) {
        open_parcel(*link, message);
        if (is_for(message, sequence)) {
            incoming->value = take(incoming, link);
            return true;
        }
    }
    return false;
}

/* --- Calls -----------------------------------------------------------------
 */

static void drop_value(struct incoming *incoming)
{
    free(incoming->value);
    incoming->value = NULL;
}

int incoming_next_call(struct incoming *incoming, struct message_call *call)
{
    struct message message;
    int status;
    if (incoming->kept != NULL && take_call(incoming, &message)) {
        *call = message.as.call;
        return 1;
    }
    do
        status = channel_receive(&incoming->channel, &message, NULL);
    while (status > 0 && message.type != MESSAGE_CALL);
    if (status <= 0)
        return status;
    incoming->in_channel = true;
    *call = message.as.call;
    return 1;
}

void incoming_end_call(struct incoming *incoming)
{
    drop_value(incoming);
    free(incoming->call);
    incoming->call = NULL;
    if (incoming->call_bytes.data != NULL)
        buffer_clear(&incoming->call_bytes);
    incoming->in_channel = false;
}

/* --- Values ----------------------------------------------------------------
 */

/* The task may hold pointers into the call's frame, so the channel must not
 * touch it any more. */
static int hold_call(struct incoming *incoming)
{
    if (!incoming->in_channel)
        return 0;
    int status = channel_detach(&incoming->channel, &incoming->call_bytes);
    if (status == 0)
        incoming->in_channel = false;
    return status;
}

/* Look for a value in what has arrived, and keep what is not it. */
static int look_for_value(struct incoming *incoming, uint64_t sequence,
                          struct message *message)
{
    int status;
    while ((status = channel_receive(&incoming->channel, message, NULL)) > 0) {
        if (is_for(message, sequence))
            return 1;
        status = keep(incoming);
        if (status < 0)
            return status;
    }
    return status;
}

static int wait_for_value(struct incoming *incoming, uint64_t sequence,
                          int64_t deadline_ms, struct message *message)
{
    for (;;) {
        int status = look_for_value(incoming, sequence, message);
        if (status != 0)
            return status;
        status = channel_wait(&incoming->channel, deadline_ms);
        if (status < 0)
            return status;
        status = channel_fill(&incoming->channel, NULL);
        if (status <= 0 && status != -EAGAIN)
            return status;
    }
}

int incoming_receive(struct incoming *incoming, uint64_t sequence,
                     int timeout_ms, struct message_passed *passed)
{
    struct message message;
    drop_value(incoming);
    int status = hold_call(incoming);
    if (status < 0)
        return status;
    if (take_value(incoming, sequence, &message))
        status = 1;
    else
        status = wait_for_value(
            incoming, sequence,
            timeout_ms < 0 ? -1 : clock_now_ms() + timeout_ms, &message);
    if (status > 0)
        *passed = message.as.passed;
    return status;
}
