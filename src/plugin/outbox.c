/* [worker] */
#include "plugin/outbox.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/buffer.h"

void outbox_init(struct outbox *outbox, int socket, struct slate *slate)
{
    *outbox = (struct outbox){ .socket = socket, .slate = slate };
    buffer_init(&outbox->buffer, MESSAGE_LIMIT_BYTES + SLATE_OUTBOX_BYTES);
}

void outbox_clear(struct outbox *outbox)
{
    buffer_clear(&outbox->buffer);
}

static int send_all(int socket, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == ECONNRESET ? -EPIPE : -errno;
        bytes += sent;
        size -= (size_t)sent;
    }
    return 0;
}

/* Move the frame in the buffer to the slate, or past it when it is larger. */
static int put_on_slate(struct outbox *outbox)
{
    const uint8_t *frame = buffer_bytes(&outbox->buffer);
    size_t size = buffer_size(&outbox->buffer);
    int status = 0;
    if (!slate_put(outbox->slate, frame, size)) {
        status = outbox_flush(outbox);
        if (status == 0 && !slate_put(outbox->slate, frame, size)) {
            status = send_all(outbox->socket, frame, size);
            if (status == 0)
                slate_pass(outbox->slate, size);
        }
    }
    buffer_reset(&outbox->buffer);
    buffer_shrink(&outbox->buffer, SLATE_OUTBOX_BYTES);
    return status;
}

int outbox_put(struct outbox *outbox, const struct message *message)
{
    if (outbox->socket < 0)
        return -EBADF;
    int status = message_encode(&outbox->buffer, message);
    if (status < 0)
        return status;
    if (outbox->slate != NULL)
        return put_on_slate(outbox);
    return outbox_size(outbox) < SLATE_OUTBOX_BYTES ? 0 : outbox_flush(outbox);
}

int outbox_flush(struct outbox *outbox)
{
    int status;
    if (outbox->slate == NULL) {
        status = send_all(outbox->socket, buffer_bytes(&outbox->buffer),
                          buffer_size(&outbox->buffer));
        buffer_reset(&outbox->buffer);
        return status;
    }
    const uint8_t *bytes;
    size_t size = slate_outbox(outbox->slate, &bytes);
    status = send_all(outbox->socket, bytes, size);
    /* What could not be sent stays, for the host to take from there. */
    if (status == 0)
        slate_empty(outbox->slate);
    return status;
}

void outbox_abandon(struct outbox *outbox)
{
    outbox->socket = -1;
    outbox->slate = NULL;
    buffer_reset(&outbox->buffer);
}

size_t outbox_size(const struct outbox *outbox)
{
    const uint8_t *bytes;
    return outbox->slate == NULL ? buffer_size(&outbox->buffer)
                                 : slate_outbox(outbox->slate, &bytes);
}
