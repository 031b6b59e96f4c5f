/* A worker's outgoing messages, with and without a slate. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/descriptor.h"
#include "plugin/outbox.h"
#include "unit.h"
#include "wire/channel.h"

struct ends {
    struct outbox outbox;
    struct channel host;
    struct slate *slate;
    int socket;
};

static void begin(struct ends *ends, bool with_slate)
{
    int sockets[2], memory = -1;
    *ends = (struct ends){ 0 };
    if (with_slate) {
        ASSERT_INT(slate_create(&ends->slate, &memory, NULL), 0);
        descriptor_close(&memory);
        slate_reset(ends->slate);
    }
    ASSERT_INT(descriptor_socket_pair(sockets, NULL), 0);
    ASSERT_INT(descriptor_set_nonblocking(sockets[0], false), 0);
    ends->socket = sockets[0];
    channel_open(&ends->host, &sockets[1], MESSAGE_FROM_WORKER);
    outbox_init(&ends->outbox, ends->socket, ends->slate);
}

static void end(struct ends *ends)
{
    outbox_clear(&ends->outbox);
    channel_close(&ends->host);
    descriptor_close(&ends->socket);
    slate_destroy(ends->slate);
}

/* Put a message of about SIZE bytes with the number SEQUENCE. */
static int put(struct ends *ends, uint64_t sequence, size_t size)
{
    static char bytes[2 * SLATE_OUTBOX_BYTES];
    return outbox_put(
        &ends->outbox,
        &(struct message){ .type = MESSAGE_PRINTED,
                           .as.printed = { sequence, { bytes, size } } });
}

/* What has arrived: messages FROM .. TO. */
static void expect(struct ends *ends, uint64_t from, uint64_t to)
{
    struct message message;
    while (channel_fill(&ends->host, NULL) == 1)
        while (channel_receive(&ends->host, &message, NULL) == 1)
            ASSERT_INT(message.as.printed.sequence, from++);
    ASSERT_INT(from, to);
}

static void messages_wait_until_they_are_sent(void)
{
    for (int with_slate = 0; with_slate < 2; with_slate++) {
        struct ends ends;
        begin(&ends, with_slate);
        ASSERT_INT(outbox_size(&ends.outbox), 0);
        ASSERT_INT(put(&ends, 0, 10), 0);
        ASSERT_INT(put(&ends, 1, 10), 0);
        ASSERT(outbox_size(&ends.outbox) > 20);
        expect(&ends, 0, 0);
        ASSERT_INT(outbox_flush(&ends.outbox), 0);
        ASSERT_INT(outbox_size(&ends.outbox), 0);
        expect(&ends, 0, 2);
        ASSERT_INT(outbox_flush(&ends.outbox), 0);
        expect(&ends, 2, 2);
        end(&ends);
    }
}

static void a_full_outbox_is_sent_to_make_room(void)
{
    for (int with_slate = 0; with_slate < 2; with_slate++) {
        struct ends ends;
        begin(&ends, with_slate);
        for (uint64_t i = 0; i < 7; i++)
            ASSERT_INT(put(&ends, i, 10000), 0);
        ASSERT(outbox_size(&ends.outbox) <= SLATE_OUTBOX_BYTES);
        ASSERT_INT(outbox_flush(&ends.outbox), 0);
        expect(&ends, 0, 7);
        end(&ends);
    }
}

static void a_message_larger_than_the_outbox_keeps_its_place(void)
{
    for (int with_slate = 0; with_slate < 2; with_slate++) {
        struct ends ends;
        begin(&ends, with_slate);
        ASSERT_INT(put(&ends, 0, 10), 0);
        ASSERT_INT(put(&ends, 1, SLATE_OUTBOX_BYTES + 1), 0);
        ASSERT_INT(put(&ends, 2, 10), 0);
        ASSERT_INT(outbox_flush(&ends.outbox), 0);
        expect(&ends, 0, 3);
        end(&ends);
    }
}

/* The host reads what is on the slate where the socket's stream ends. */
static void what_is_not_sent_can_be_rescued(void)
{
    struct ends ends;
    struct buffer rescued = BUFFER_INIT(SLATE_OUTBOX_BYTES);
    begin(&ends, true);
    ASSERT_INT(put(&ends, 0, SLATE_OUTBOX_BYTES + 1), 0);
    ASSERT_INT(put(&ends, 1, 10), 0);
    ASSERT_INT(outbox_flush(&ends.outbox), 0);
    ASSERT_INT(put(&ends, 2, 10), 0);
    expect(&ends, 0, 2);
    ASSERT_INT(slate_rescue(ends.slate, ends.host.position, &rescued), 0);
    ASSERT_INT(buffer_size(&rescued), outbox_size(&ends.outbox));
    ASSERT_INT(
        channel_feed(&ends.host, buffer_bytes(&rescued), buffer_size(&rescued)),
        0);
    struct message message;
    ASSERT_INT(channel_receive(&ends.host, &message, NULL), 1);
    ASSERT_INT(message.as.printed.sequence, 2);
    /* The worker lives on and sends it after all: it is not taken twice. */
    ASSERT_INT(outbox_flush(&ends.outbox), 0);
    ASSERT_INT(put(&ends, 3, 10), 0);
    ASSERT_INT(outbox_flush(&ends.outbox), 0);
    expect(&ends, 3, 4);
    buffer_clear(&rescued);
    end(&ends);
}

static void a_host_that_is_gone_is_told(void)
{
    for (int with_slate = 0; with_slate < 2; with_slate++) {
        struct ends ends;
        begin(&ends, with_slate);
        channel_close(&ends.host);
        ASSERT_INT(put(&ends, 0, 10), 0);
        ASSERT_INT(outbox_flush(&ends.outbox), -EPIPE);
        ASSERT_INT(put(&ends, 1, SLATE_OUTBOX_BYTES + 1), -EPIPE);
        end(&ends);
    }
}

UNIT_CASES(CASE(messages_wait_until_they_are_sent),
           CASE(a_full_outbox_is_sent_to_make_room),
           CASE(a_message_larger_than_the_outbox_keeps_its_place),
           CASE(what_is_not_sent_can_be_rescued),
           CASE(a_host_that_is_gone_is_told))
