#include "wire/channel.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"

enum {
    CHUNK_FIRST_BYTES = 2 * 1024,
    CHUNK_MOST_BYTES = 64 * 1024,
    IDLE_BYTES = 256 * 1024, /* kept by an empty buffer */
    BUFFER_LIMIT = MESSAGE_LIMIT_FROM_SERVER_BYTES + MESSAGE_LIMIT_BYTES,
};

void channel_open(struct channel *channel, int *socket,
                  enum message_sender peer)
{
    *channel = (struct channel){ .socket = *socket,
                                 .peer = peer,
                                 .chunk = CHUNK_FIRST_BYTES };
    buffer_init(&channel->in, BUFFER_LIMIT);
    buffer_init(&channel->out, BUFFER_LIMIT);
    *socket = -1;
}

void channel_close(struct channel *channel)
{
    descriptor_close(&channel->socket);
    buffer_clear(&channel->in);
    buffer_clear(&channel->out);
}

int channel_queue(struct channel *channel, const struct message *message)
{
    return message_encode(&channel->out, message);
}

static int send_some(struct channel *channel, int flags)
{
    while (buffer_size(&channel->out) > 0) {
        ssize_t sent = send(channel->socket, buffer_bytes(&channel->out),
                            buffer_size(&channel->out), MSG_NOSIGNAL | flags);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == ECONNRESET ? -EPIPE : -errno;
        buffer_consume(&channel->out, (size_t)sent);
    }
    buffer_shrink(&channel->out, IDLE_BYTES);
    return 0;
}

/* Wait for EVENTS, or until DEADLINE_MS. Returns 0, -ETIMEDOUT or another
 * errno. */
static int wait_for(const struct channel *channel, short events,
                    int64_t deadline_ms)
{
    for (;;) {
        int64_t left_ms = -1;
        if (deadline_ms >= 0) {
            left_ms = deadline_ms - clock_now_ms();
            if (left_ms < 0)
                left_ms = 0;
        }
        int patience_ms = left_ms > INT_MAX ? INT_MAX : (int)left_ms;
        struct pollfd polled = { .fd = channel->socket, .events = events };
        int ready = poll(&polled, 1, patience_ms);
        if (ready > 0)
            return 0;
        if (ready == 0 && patience_ms == left_ms)
            return -ETIMEDOUT;
        if (ready < 0 && errno != EINTR)
            return -errno;
    }
}

int channel_flush(struct channel *channel)
{
    return send_some(channel, MSG_DONTWAIT);
}

int channel_flush_wait(struct channel *channel)
{
    return send_some(channel, 0);
}

int channel_flush_until(struct channel *channel, int64_t deadline_ms)
{
    int status = channel_flush(channel);
    while (status == -EAGAIN) {
        status = wait_for(channel, POLLOUT, deadline_ms);
        if (status == 0)
            status = channel_flush(channel);
    }
    return status;
}

/* Send the first byte of what is in line with DESCRIPTOR attached. */
static int send_with_descriptor(struct channel *channel, int descriptor,
                                int flags)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct iovec bytes = { buffer_bytes(&channel->out),
                           buffer_size(&channel->out) };
    struct msghdr envelope = { .msg_iov = &bytes,
                               .msg_iovlen = 1,
                               .msg_control = &control,
                               .msg_controllen = sizeof control.space };
    struct cmsghdr *header = CMSG_FIRSTHDR(&envelope);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    ssize_t sent;
    do
        sent = sendmsg(channel->socket, &envelope, MSG_NOSIGNAL | flags);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return -errno;
    buffer_consume(&channel->out, (size_t)sent);
    return 0;
}

int channel_send(struct channel *channel, const struct message *message,
                 int descriptor)
{
    int status = channel_queue(channel, message);
    if (status == 0 && descriptor >= 0)
        status = send_with_descriptor(channel, descriptor, 0);
    if (status == 0)
        status = send_some(channel, 0);
    return status;
}

int channel_send_until(struct channel *channel, const struct message *message,
                       int descriptor, int64_t deadline_ms)
{
    int status = channel_queue(channel, message);
    while (status == 0 && descriptor >= 0) {
        status = send_with_descriptor(channel, descriptor, MSG_DONTWAIT);
        if (status == 0)
            descriptor = -1;
        else if (status == -EAGAIN)
            status = wait_for(channel, POLLOUT, deadline_ms);
    }
    return status == 0 ? channel_flush_until(channel, deadline_ms) : status;
}

/* Drop the frame that was handed out last, and make room to read. */
static int prepare_to_read(struct channel *channel)
{
    buffer_consume(&channel->in, channel->parsed);
    channel->parsed = 0;
    buffer_shrink(&channel->in, IDLE_BYTES);
    return buffer_reserve(&channel->in, channel->chunk);
}

/* Of SIZE bytes that lie behind the buffer's end, keep those that did not reach
 * us earlier by channel_feed(). */
static void drop_known(struct channel *channel, size_t size)
{
    uint64_t ahead = channel->position - channel->arrived;
    size_t known = ahead < size ? (size_t)ahead : size;
    channel->arrived += size;
    if (known > 0)
        memmove(buffer_tail(&channel->in), buffer_tail(&channel->in) + known,
                size - known);
    buffer_extend(&channel->in, size - known);
    channel->position += size - known;
}

static int take_received(struct channel *channel, ssize_t received)
{
    if (received > 0) {
        if ((size_t)received >= channel->chunk &&
            channel->chunk < CHUNK_MOST_BYTES)
            channel->chunk *= 4;
        drop_known(channel, (size_t)received);
        return 1;
    }
    /* With unread input queued at a peer that died, its end of the stream is
     * said by a reset. */
    return received == 0 || errno == ECONNRESET ? 0 : -errno;
}

static int fill(struct channel *channel, int flags)
{
    int status = prepare_to_read(channel);
    if (status < 0)
        return status;
    ssize_t received;
    do
        received = recv(channel->socket, buffer_tail(&channel->in),
                        channel->in.capacity - channel->in.end, flags);
    while (received < 0 && errno == EINTR);
    return take_received(channel, received);
}

/* Keep the first descriptor that came along, close all others. */
static int take_descriptors(struct msghdr *envelope, int *descriptor)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(envelope);
    for (; header != NULL; header = CMSG_NXTHDR(envelope, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int received;
            memcpy(&received, CMSG_DATA(header) + i * sizeof(int),
                   sizeof received);
            if (*descriptor < 0)
                *descriptor = received;
            else
                close(received);
        }
    }
    return envelope->msg_flags & MSG_CTRUNC ? -EPROTO : 0;
}

static int fill_with_descriptor(struct channel *channel, int *descriptor)
{
    int status = prepare_to_read(channel);
    if (status < 0)
        return status;
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct iovec bytes = { buffer_tail(&channel->in),
                           channel->in.capacity - channel->in.end };
    struct msghdr envelope = { .msg_iov = &bytes,
                               .msg_iovlen = 1,
                               .msg_control = &control,
                               .msg_controllen = sizeof control.space };
    ssize_t received;
    do
        received = recvmsg(channel->socket, &envelope,
                           MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    if (received >= 0 && (status = take_descriptors(&envelope, descriptor)) < 0)
        return status;
    return take_received(channel, received);
}

int channel_fill(struct channel *channel, int *descriptor)
{
    if (descriptor == NULL)
        return fill(channel, MSG_DONTWAIT);
    *descriptor = -1;
    return fill_with_descriptor(channel, descriptor);
}

int channel_fill_wait(struct channel *channel)
{
    return fill(channel, 0);
}

int channel_feed(struct channel *channel, const void *bytes, size_t size)
{
    int status = prepare_to_read(channel);
    if (status == 0)
        status = buffer_append(&channel->in, bytes, size);
    if (status == 0)
        channel->position += size;
    return status;
}

int channel_receive(struct channel *channel, struct message *out,
                    struct drover_error *err)
{
    if (channel->parsed > 0) {
        buffer_consume(&channel->in, channel->parsed);
        channel->parsed = 0;
    }
    const uint8_t *bytes = buffer_bytes(&channel->in);
    int64_t size = message_frame_size(bytes, buffer_size(&channel->in),
                                      channel->peer, err);
    if (size <= 0)
        return (int)size;
    int status = message_decode(bytes, (size_t)size, channel->peer, out, err);
    if (status < 0)
        return status;
    channel->parsed = (size_t)size;
    return 1;
}

int channel_detach(struct channel *channel, struct buffer *out)
{
    struct buffer behind = BUFFER_INIT(BUFFER_LIMIT);
    const struct buffer *in = &channel->in;
    int status = buffer_append(&behind, buffer_bytes(in) + channel->parsed,
                               buffer_size(in) - channel->parsed);
    if (status < 0)
        return status;
    *out = channel->in;
    channel->in = behind;
    channel->parsed = 0;
    return 0;
}

int channel_wait(const struct channel *channel, int64_t deadline_ms)
{
    return wait_for(channel, POLLIN, deadline_ms);
}
