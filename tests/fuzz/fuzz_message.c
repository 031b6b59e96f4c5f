/* Frames, as if any process had sent them: each is decoded by every side, and
 * what is accepted must encode to the same message again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_sender(const uint8_t *frame, size_t size,
                       enum message_sender sender)
{
    struct message message;
    struct drover_error err;
    if (message_decode(frame, size, sender, &message, &err) < 0)
        return;
    struct buffer first = BUFFER_INIT(MESSAGE_LIMIT_FROM_SERVER_BYTES);
    struct buffer second = BUFFER_INIT(MESSAGE_LIMIT_FROM_SERVER_BYTES);
    struct message again;
    if (message_encode(&first, &message) < 0 ||
        message_decode(buffer_bytes(&first), buffer_size(&first), sender,
                       &again, &err) < 0 ||
        message_encode(&second, &again) < 0)
        abort();
    if (buffer_size(&first) != buffer_size(&second) ||
        memcmp(buffer_bytes(&first), buffer_bytes(&second),
               buffer_size(&first)) != 0)
        abort();
    buffer_clear(&first);
    buffer_clear(&second);
}

static void try_stream(const uint8_t *data, size_t size,
                       enum message_sender sender)
{
    int64_t frame_size;
    while (size > 0 &&
           (frame_size = message_frame_size(data, size, sender, NULL)) > 0) {
        try_sender(data, (size_t)frame_size, sender);
        data += frame_size;
        size -= (size_t)frame_size;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum message_sender senders[] = {
        MESSAGE_FROM_HOST_TO_KEEPER, MESSAGE_FROM_KEEPER,
        MESSAGE_FROM_HOST_TO_WORKER, MESSAGE_FROM_WORKER,
        MESSAGE_FROM_COLLECTOR,      MESSAGE_FROM_SERVER,
    };
    for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++)
        try_stream(data, size, senders[i]);
    return 0;
}
