/* Channels: whole messages over a stream that cuts them anywhere, and in the
 * face of ends and garbage. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "pair.h"
#include "unit.h"

/* --- Messages ------------------------------------------------------------ */

static void messages_travel_both_ways_in_order(void)
{
    struct pair pair;
    struct message message;
    open_pair(&pair);
    ASSERT_INT(channel_fill(&pair.host, NULL), -EAGAIN);
    for (uint64_t i = 0; i < 5; i++) {
        struct message call = make_call(i);
        ASSERT_INT(channel_queue(&pair.host, &call), 0);
    }
    ASSERT(channel_has_unsent(&pair.host));
    ASSERT_INT(channel_fill(&pair.worker, NULL), -EAGAIN);
    ASSERT_INT(channel_flush(&pair.host), 0);
    ASSERT(!channel_has_unsent(&pair.host));
    ASSERT_INT(channel_fill_wait(&pair.worker), 1);
    for (uint64_t i = 0; i < 5; i++) {
        ASSERT_INT(channel_receive(&pair.worker, &message, NULL), 1);
        ASSERT_INT(message.type, MESSAGE_CALL);
        ASSERT_INT(message.as.call.sequence, i);
        struct message result = make_result(i);
        ASSERT_INT(channel_send(&pair.worker, &result, -1), 0);
    }
    expect_nothing(&pair.worker);
    ASSERT_INT(channel_fill(&pair.host, NULL), 1);
    for (uint64_t i = 0; i < 5; i++)
        expect_result(&pair.host, i);
    expect_nothing(&pair.host);
    close_pair(&pair);
}

static void a_frame_that_comes_byte_by_byte_is_put_together(void)
{
    struct pair pair;
    uint8_t frame[FRAME_BYTES];
    struct message first = make_result(1), second = make_result(2);
    open_pair(&pair);
    size_t size = encode(&first, frame);
    size += encode(&second, frame + size);
    for (size_t i = 0; i < size; i++) {
        ASSERT_INT(send(pair.worker.socket, frame + i, 1, 0), 1);
        ASSERT_INT(channel_fill(&pair.host, NULL), 1);
        if (i == size / 2 - 1)
            expect_result(&pair.host, 1);
        else if (i == size - 1)
            expect_result(&pair.host, 2);
        expect_nothing(&pair.host);
    }
    ASSERT_INT(pair.host.position, size);
    close_pair(&pair);
}

/* The peer's buffer is full: what is left goes later, nothing is lost. */
static void a_slow_peer_gets_everything_in_time(void)
{
    enum { SIZE = 3 * 1024 * 1024 };
    struct pair pair;
    struct message message;
    char *bytes = malloc(SIZE);
    ASSERT(bytes != NULL);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 7 / 5);
    open_pair(&pair);
    struct message large = make_printed(7, bytes, SIZE);
    ASSERT_INT(channel_queue(&pair.worker, &large), 0);
    ASSERT_INT(channel_flush(&pair.worker), -EAGAIN);
    ASSERT(channel_has_unsent(&pair.worker));
    int received = 0;
    while (received == 0) {
        int status = channel_flush(&pair.worker);
        ASSERT(status == 0 || status == -EAGAIN);
        ASSERT_INT(channel_fill(&pair.host, NULL), 1);
        received = channel_receive(&pair.host, &message, NULL);
    }
    ASSERT_INT(received, 1);
    ASSERT_INT(message.as.printed.bytes.size, SIZE);
    ASSERT(memcmp(message.as.printed.bytes.data, bytes, SIZE) == 0);
    free(bytes);
    close_pair(&pair);
}

/* --- Ends and garbage ---------------------------------------------------- */

static void what_was_sent_before_the_end_is_received(void)
{
    struct pair pair;
    struct message result = make_result(3);
    open_pair(&pair);
    ASSERT_INT(channel_send(&pair.worker, &result, -1), 0);
    channel_close(&pair.worker);
    ASSERT_INT(channel_fill(&pair.host, NULL), 1);
    expect_result(&pair.host, 3);
    ASSERT_INT(channel_fill(&pair.host, NULL), 0);
    ASSERT_INT(channel_fill_wait(&pair.host), 0);
    expect_nothing(&pair.host);
    close_pair(&pair);
}

static void an_end_with_unread_input_is_an_end_too(void)
{
    struct pair pair;
    struct message result = make_result(3), call = make_call(4);
    open_pair(&pair);
    ASSERT_INT(channel_send(&pair.host, &call, -1), 0);
    ASSERT_INT(channel_send(&pair.worker, &result, -1), 0);
    channel_close(&pair.worker);
    ASSERT_INT(channel_fill(&pair.host, NULL), 1);
    expect_result(&pair.host, 3);
    ASSERT_INT(channel_fill(&pair.host, NULL), 0);
    close_pair(&pair);
}

static void sending_to_one_who_has_closed_is_a_broken_pipe(void)
{
    struct pair pair;
    struct message call = make_call(4);
    open_pair(&pair);
    channel_close(&pair.worker);
    ASSERT_INT(channel_send(&pair.host, &call, -1), -EPIPE);
    ASSERT_INT(channel_flush(&pair.host), -EPIPE);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    channel_close(&pair.host);
    open_pair(&pair);
    channel_close(&pair.worker);
    ASSERT_INT(channel_send(&pair.host, &call, null), -EPIPE);
    close(null);
    close_pair(&pair);
}

static void a_cut_frame_at_the_end_is_no_message(void)
{
    struct pair pair;
    uint8_t frame[FRAME_BYTES];
    struct message result = make_result(1);
    open_pair(&pair);
    size_t size = encode(&result, frame);
    ASSERT_INT(send(pair.worker.socket, frame, size - 1, 0), size - 1);
    channel_close(&pair.worker);
    ASSERT_INT(channel_fill(&pair.host, NULL), 1);
    expect_nothing(&pair.host);
    ASSERT_INT(channel_fill(&pair.host, NULL), 0);
    expect_nothing(&pair.host);
    close_pair(&pair);
}

static void garbage_is_refused_behind_good_messages(void)
{
    static const char *const garbage[] = {
        "GET / HTTP/1.1\r\n",       /* a frame that is too long */
        "\0\0\0\1\x41\1\0\0\xf6",   /* reserved bits */
        "\0\0\0\1\x99\0\0\0\xf6",   /* an unknown type */
        "\0\0\0\2\x30\0\0\0\x81\1", /* from the wrong side */
    };
    static const size_t sizes[] = { 16, 9, 9, 10 };
    for (size_t i = 0; i < 4; i++) {
        struct pair pair;
        struct message message, result = make_result(1);
        struct drover_error err;
        open_pair(&pair);
        ASSERT_INT(channel_send(&pair.worker, &result, -1), 0);
        ASSERT_INT(send(pair.worker.socket, garbage[i], sizes[i], 0), sizes[i]);
        ASSERT_INT(channel_fill(&pair.host, NULL), 1);
        expect_result(&pair.host, 1);
        ASSERT_INT(channel_receive(&pair.host, &message, &err), -EPROTO);
        ASSERT_INT(err.code, EPROTO);
        ASSERT_INT(channel_receive(&pair.host, &message, NULL), -EPROTO);
        close_pair(&pair);
    }
}

/* --- Bytes that come by another way -------------------------------------- */

static void fed_bytes_are_received_like_others(void)
{
    struct pair pair;
    uint8_t frame[FRAME_BYTES];
    struct message result = make_result(6);
    open_pair(&pair);
    size_t size = encode(&result, frame);
    ASSERT_INT(channel_feed(&pair.host, frame, size), 0);
    ASSERT_INT(pair.host.position, size);
    expect_result(&pair.host, 6);
    expect_nothing(&pair.host);
    close_pair(&pair);
}

/* Take what has come; each message once and in order. */
static void take_all(struct pair *pair, uint64_t *count)
{
    struct message message;
    do
        while (channel_receive(&pair->host, &message, NULL) == 1)
            ASSERT_INT(message.as.returned.sequence, (*count)++);
    while (channel_fill(&pair->host, NULL) == 1);
}

/* Let the socket bring the bytes FROM .. TO of STREAM, PIECE at a time. */
static void bring(struct pair *pair, const uint8_t *stream, size_t from,
                  size_t to, size_t piece, uint64_t *count)
{
    while (from < to) {
        size_t size = to - from < piece ? to - from : piece;
        ASSERT_INT(send(pair->worker.socket, stream + from, size, 0), size);
        take_all(pair, count);
        from += size;
    }
}

/* Three frames: the socket brings KNOWN bytes, FED bytes come by another way,
 * then the socket goes on where it was. */
static void bring_and_feed(const uint8_t *stream, size_t size, size_t known,
                           size_t fed, size_t piece)
{
    struct pair pair;
    uint64_t count = 0;
    open_pair(&pair);
    bring(&pair, stream, 0, known, piece, &count);
    ASSERT_INT(channel_feed(&pair.host, stream + known, fed), 0);
    take_all(&pair, &count);
    bring(&pair, stream, known, size, piece, &count);
    ASSERT_INT(count, 3);
    ASSERT_INT(pair.host.position, size);
    ASSERT_INT(pair.host.arrived, size);
    close_pair(&pair);
}

static void bytes_that_the_socket_brings_again_are_dropped(void)
{
    uint8_t stream[3 * FRAME_BYTES];
    size_t size = 0;
    for (uint64_t i = 0; i < 3; i++) {
        struct message result = make_result(i);
        size += encode(&result, stream + size);
    }
    for (size_t known = 0; known <= size; known++)
        for (size_t fed = 0; known + fed <= size; fed++)
            bring_and_feed(stream, size, known, fed, 1 + (known + fed) % 11);
}

/* --- Waiting ------------------------------------------------------------- */

static void waiting_ends_at_the_deadline_or_with_data(void)
{
    struct pair pair;
    struct message result = make_result(0);
    open_pair(&pair);
    ASSERT_INT(channel_wait(&pair.host, 0), -ETIMEDOUT);
    ASSERT_INT(channel_wait(&pair.host, clock_now_ms() + 2), -ETIMEDOUT);
    ASSERT_INT(channel_send(&pair.worker, &result, -1), 0);
    ASSERT_INT(channel_wait(&pair.host, 0), 0);
    ASSERT_INT(channel_wait(&pair.host, -1), 0);
    close_pair(&pair);
}

/* More milliseconds than an int holds are not taken for a few. */
static void waiting_goes_on_for_weeks(void)
{
    struct pair pair;
    struct message result = make_result(0);
    open_pair(&pair);
    pid_t sender = fork();
    ASSERT(sender >= 0);
    if (sender == 0) {
        clock_pause_ms(50);
        _exit(channel_send(&pair.worker, &result, -1) < 0);
    }
    int64_t deadline_ms = clock_now_ms() + ((int64_t)1 << 32) + 5;
    ASSERT_INT(channel_wait(&pair.host, deadline_ms), 0);
    ASSERT_INT(waitpid(sender, NULL, 0), sender);
    close_pair(&pair);
}

static void flushing_waits_for_a_slow_peer_until_the_deadline(void)
{
    static const char bytes[1024 * 1024];
    struct pair pair;
    open_pair(&pair);
    struct message large = make_printed(1, bytes, sizeof bytes);
    ASSERT_INT(channel_queue(&pair.worker, &large), 0);
    ASSERT_INT(channel_flush_until(&pair.worker, clock_now_ms() + 20),
               -ETIMEDOUT);
    ASSERT(channel_has_unsent(&pair.worker));
    while (channel_flush_until(&pair.worker, clock_now_ms()) < 0)
        ASSERT(channel_fill(&pair.host, NULL) > 0);
    ASSERT(!channel_has_unsent(&pair.worker));
    close_pair(&pair);
}

UNIT_CASES(CASE(messages_travel_both_ways_in_order),
           CASE(a_frame_that_comes_byte_by_byte_is_put_together),
           CASE(a_slow_peer_gets_everything_in_time),
           CASE(what_was_sent_before_the_end_is_received),
           CASE(an_end_with_unread_input_is_an_end_too),
           CASE(sending_to_one_who_has_closed_is_a_broken_pipe),
           CASE(a_cut_frame_at_the_end_is_no_message),
           CASE(garbage_is_refused_behind_good_messages),
           CASE(fed_bytes_are_received_like_others),
           CASE(bytes_that_the_socket_brings_again_are_dropped),
           CASE(waiting_ends_at_the_deadline_or_with_data),
           CASE(waiting_goes_on_for_weeks),
           CASE(flushing_waits_for_a_slow_peer_until_the_deadline))
