/* Channels: descriptors that come with messages. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "pair.h"
#include "unit.h"

static void a_descriptor_comes_with_its_message(void)
{
    struct pair pair;
    struct message before = make_result(1), with = make_result(2);
    int pipe_ends[2], received = -2;
    char byte = 0;
    open_pair(&pair);
    ASSERT_INT(pipe2(pipe_ends, O_CLOEXEC), 0);
    ASSERT_INT(channel_queue(&pair.worker, &before), 0);
    ASSERT_INT(channel_send(&pair.worker, &with, pipe_ends[1]), 0);
    close(pipe_ends[1]);
    while (received < 0)
        ASSERT_INT(channel_fill(&pair.host, &received), 1);
    expect_result(&pair.host, 1);
    expect_result(&pair.host, 2);
    ASSERT(fcntl(received, F_GETFD) & FD_CLOEXEC);
    ASSERT_INT(write(received, "x", 1), 1);
    ASSERT_INT(read(pipe_ends[0], &byte, 1), 1);
    ASSERT_INT(byte, 'x');
    close(received);
    ASSERT_INT(channel_fill(&pair.host, &received), -EAGAIN);
    ASSERT_INT(received, -1);
    close(pipe_ends[0]);
    close_pair(&pair);
}

/* Also over a socket that does not block, and is full at first. */
static void a_descriptor_waits_for_a_slow_peer_until_the_deadline(void)
{
    static const char bytes[1024 * 1024];
    struct pair pair;
    int received = -1;
    open_pair(&pair);
    struct message large = make_printed(1, bytes, sizeof bytes);
    struct message with = make_result(2);
    ASSERT_INT(channel_queue(&pair.worker, &large), 0);
    ASSERT_INT(channel_flush(&pair.worker), -EAGAIN);
    ASSERT_INT(channel_send_until(&pair.worker, &with, STDIN_FILENO,
                                  clock_now_ms() + 20),
               -ETIMEDOUT);
    while (channel_flush_until(&pair.worker, clock_now_ms()) < 0) {
        ASSERT(channel_fill(&pair.host, &received) > 0);
        ASSERT_INT(received, -1);
    }
    ASSERT_INT(channel_send_until(&pair.worker, &with, STDIN_FILENO, -1), 0);
    while (received < 0)
        ASSERT_INT(channel_fill(&pair.host, &received), 1);
    descriptor_close(&received);
    close_pair(&pair);
}

/* The runner sees it when one stays open. */
static void a_descriptor_that_nobody_expects_is_closed(void)
{
    struct pair pair;
    struct message result = make_result(1);
    open_pair(&pair);
    ASSERT_INT(channel_send(&pair.worker, &result, STDIN_FILENO), 0);
    ASSERT_INT(channel_fill(&pair.host, NULL), 1);
    expect_result(&pair.host, 1);
    close_pair(&pair);
}

static void send_descriptors(int socket, size_t count)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(16 * sizeof(int))];
    } control = { 0 };
    int descriptors[16] = { 0 };
    struct message result = make_result(1);
    uint8_t frame[FRAME_BYTES];
    struct iovec bytes = { frame, encode(&result, frame) };
    struct msghdr envelope = { .msg_iov = &bytes,
                               .msg_iovlen = 1,
                               .msg_control = &control,
                               .msg_controllen =
                                   CMSG_SPACE(count * sizeof(int)) };
    struct cmsghdr *header = CMSG_FIRSTHDR(&envelope);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    ASSERT_INT(sendmsg(socket, &envelope, 0), bytes.iov_len);
}

static void of_several_descriptors_the_first_is_kept(void)
{
    struct pair pair;
    int received;
    open_pair(&pair);
    send_descriptors(pair.worker.socket, 3);
    ASSERT_INT(channel_fill(&pair.host, &received), 1);
    ASSERT(received >= 0);
    close(received);
    expect_result(&pair.host, 1);
    close_pair(&pair);
}

static void more_descriptors_than_there_is_room_for_are_an_error(void)
{
    struct pair pair;
    int received;
    open_pair(&pair);
    send_descriptors(pair.worker.socket, 16);
    ASSERT_INT(channel_fill(&pair.host, &received), -EPROTO);
    descriptor_close(&received);
    close_pair(&pair);
}

UNIT_CASES(CASE(a_descriptor_comes_with_its_message),
           CASE(a_descriptor_waits_for_a_slow_peer_until_the_deadline),
           CASE(a_descriptor_that_nobody_expects_is_closed),
           CASE(of_several_descriptors_the_first_is_kept),
           CASE(more_descriptors_than_there_is_room_for_are_an_error))
