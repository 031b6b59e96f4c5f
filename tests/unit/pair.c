#include "pair.h"

#include <string.h>

#include "base/descriptor.h"
#include "unit.h"

static const uint8_t null_byte = 0xf6;

void open_pair(struct pair *pair)
{
    int sockets[2];
    ASSERT_INT(descriptor_socket_pair(sockets, NULL), 0);
    channel_open(&pair->host, &sockets[0], MESSAGE_FROM_WORKER);
    channel_open(&pair->worker, &sockets[1], MESSAGE_FROM_HOST_TO_WORKER);
    ASSERT_INT(sockets[0], -1);
    ASSERT_INT(sockets[1], -1);
}

void close_pair(struct pair *pair)
{
    channel_close(&pair->host);
    channel_close(&pair->worker);
    ASSERT_INT(pair->host.socket, -1);
}

struct message make_call(uint64_t sequence)
{
    return (struct message){ .type = MESSAGE_CALL,
                             .as.call = { .sequence = sequence,
                                          .args = { &null_byte, 1 } } };
}

struct message make_result(uint64_t sequence)
{
    return (struct message){ .type = MESSAGE_RETURNED,
                             .as.returned = { .sequence = sequence,
                                              .has_value = 1,
                                              .value = { &null_byte, 1 } } };
}

struct message make_printed(uint64_t sequence, const char *bytes, size_t size)
{
    return (struct message){ .type = MESSAGE_PRINTED,
                             .as.printed = { sequence, { bytes, size } } };
}

size_t encode(const struct message *message, uint8_t frame[FRAME_BYTES])
{
    struct buffer buffer = BUFFER_INIT(FRAME_BYTES);
    ASSERT_INT(message_encode(&buffer, message), 0);
    size_t size = buffer_size(&buffer);
    memcpy(frame, buffer_bytes(&buffer), size);
    buffer_clear(&buffer);
    return size;
}

void expect_result(struct channel *channel, uint64_t sequence)
{
    struct message message;
    ASSERT_INT(channel_receive(channel, &message, NULL), 1);
    ASSERT_INT(message.type, MESSAGE_RETURNED);
    ASSERT_INT(message.as.returned.sequence, sequence);
}

void expect_nothing(struct channel *channel)
{
    struct message message;
    ASSERT_INT(channel_receive(channel, &message, NULL), 0);
}
