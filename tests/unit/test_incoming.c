/* A worker's incoming messages: calls in order, and values for the one that
 * runs. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "plugin/incoming.h"
#include "unit.h"
#include "wire/channel.h"

enum { LARGE = 100 * 1000 };

/* The host's channel, and the worker's side. */
struct line {
    struct channel host;
    struct incoming incoming;
};

static void begin(struct line *line)
{
    int sockets[2];
    ASSERT_INT(descriptor_socket_pair(sockets, NULL), 0);
    ASSERT_INT(descriptor_set_nonblocking(sockets[1], false), 0);
    channel_open(&line->host, &sockets[0], MESSAGE_FROM_WORKER);
    incoming_init(&line->incoming, &sockets[1]);
}

static void end(struct line *line)
{
    channel_close(&line->host);
    incoming_clear(&line->incoming);
}

/* Put a call in line, whose argument is the text WORD. */
static void call(struct line *line, uint64_t sequence, const char *word)
{
    uint8_t args[32] = { 0xa1, 0x61, 'w', (uint8_t)(0x60 + strlen(word)) };
    memcpy(args + 4, word, strlen(word));
    struct message message = {
        .type = MESSAGE_CALL,
        .as.call = { .sequence = sequence, .args = { args, 4 + strlen(word) } }
    };
    ASSERT_INT(channel_queue(&line->host, &message), 0);
}

static void pass(struct line *line, uint64_t sequence, uint8_t number)
{
    struct message message = { .type = MESSAGE_PASSED,
                               .as.passed = { sequence, 1, { &number, 1 } } };
    ASSERT_INT(channel_queue(&line->host, &message), 0);
}

static void send_all(struct line *line)
{
    ASSERT_INT(channel_flush(&line->host), 0);
    ASSERT_INT(incoming_wait(&line->incoming), 1);
}

static struct drover_value expect_call(struct line *line, uint64_t sequence)
{
    struct message_call call;
    ASSERT_INT(incoming_next_call(&line->incoming, &call), 1);
    ASSERT_INT(call.sequence, sequence);
    return call.args;
}

static void expect_value(struct line *line, uint64_t sequence, int64_t expected)
{
    struct message_passed passed;
    int64_t number = -1;
    ASSERT_INT(incoming_receive(&line->incoming, sequence, -1, &passed), 1);
    ASSERT_INT(passed.sequence, sequence);
    ASSERT_INT(passed.has_value, 1);
    ASSERT_INT(drover_value_get_int(passed.value, &number), 0);
    ASSERT_INT(number, expected);
}

static void expect_nothing(struct line *line, uint64_t sequence, int status)
{
    struct message_passed passed;
    ASSERT_INT(incoming_receive(&line->incoming, sequence, 0, &passed), status);
}

static void expect_no_call(struct line *line)
{
    struct message_call call;
    ASSERT_INT(incoming_next_call(&line->incoming, &call), 0);
}

static void calls_come_in_the_order_of_sending(void)
{
    struct line line;
    begin(&line);
    for (uint64_t i = 1; i <= 3; i++)
        call(&line, i, "x");
    send_all(&line);
    for (uint64_t i = 1; i <= 3; i++) {
        expect_call(&line, i);
        incoming_end_call(&line.incoming);
    }
    expect_no_call(&line);
    end(&line);
}

static void a_call_receives_what_is_passed_to_it(void)
{
    struct line line;
    begin(&line);
    call(&line, 1, "x");
    pass(&line, 1, 10);
    send_all(&line);
    expect_call(&line, 1);
    expect_value(&line, 1, 10);
    expect_nothing(&line, 1, -ETIMEDOUT);
    pass(&line, 1, 11);
    ASSERT_INT(channel_flush(&line.host), 0);
    expect_value(&line, 1, 11);
    end(&line);
}

static void what_comes_for_later_calls_is_kept_in_order(void)
{
    struct line line;
    begin(&line);
    call(&line, 1, "x");
    pass(&line, 1, 10);
    call(&line, 2, "y");
    pass(&line, 2, 20);
    pass(&line, 1, 11);
    call(&line, 3, "z");
    pass(&line, 2, 21);
    send_all(&line);
    expect_call(&line, 1);
    expect_value(&line, 1, 10);
    expect_value(&line, 1, 11);
    expect_nothing(&line, 1, -ETIMEDOUT);
    incoming_end_call(&line.incoming);
    expect_call(&line, 2);
    expect_value(&line, 2, 20);
    pass(&line, 2, 22);
    call(&line, 4, "w");
    ASSERT_INT(channel_flush(&line.host), 0);
    expect_value(&line, 2, 21);
    expect_value(&line, 2, 22);
    incoming_end_call(&line.incoming);
    expect_call(&line, 3);
    incoming_end_call(&line.incoming);
    expect_call(&line, 4);
    incoming_end_call(&line.incoming);
    expect_no_call(&line);
    end(&line);
}

static void values_for_calls_that_are_over_are_dropped(void)
{
    struct line line;
    begin(&line);
    call(&line, 1, "x");
    call(&line, 2, "x");
    pass(&line, 1, 10);
    pass(&line, 9, 9);
    call(&line, 3, "x");
    send_all(&line);
    expect_call(&line, 1);
    incoming_end_call(&line.incoming);
    expect_call(&line, 2);
    expect_nothing(&line, 2, -ETIMEDOUT);
    incoming_end_call(&line.incoming);
    expect_call(&line, 3);
    incoming_end_call(&line.incoming);
    pass(&line, 3, 3);
    call(&line, 4, "x");
    send_all(&line);
    expect_call(&line, 4);
    ASSERT_INT(line.incoming.kept_bytes, 0);
    end(&line);
}

/* A value that fills the channel's buffer several times over. */
static void pass_large(struct line *line, uint64_t sequence)
{
    static uint8_t text[LARGE + 5] = { 0x7a, LARGE >> 24, LARGE >> 16 & 0xff,
                                       LARGE >> 8 & 0xff, LARGE & 0xff };
    memset(text + 5, '!', LARGE);
    struct message message = { .type = MESSAGE_PASSED,
                               .as.passed = {
                                   sequence, 1, { text, sizeof text } } };
    ASSERT_INT(channel_queue(&line->host, &message), 0);
}

/* First a call whose frame lies in the channel, then one that was kept. */
static void arguments_stay_where_they_are_while_values_come(void)
{
    struct line line;
    struct message_passed passed;
    begin(&line);
    call(&line, 1, "first");
    call(&line, 2, "second");
    send_all(&line);
    struct drover_value args = expect_call(&line, 1);
    for (int i = 0; i < 3; i++) {
        pass_large(&line, 1);
        ASSERT_INT(channel_flush(&line.host), 0);
        ASSERT_INT(incoming_receive(&line.incoming, 1, -1, &passed), 1);
        ASSERT_INT(passed.value.size, LARGE + 5);
        ASSERT(memcmp((const char *)args.data + 4, "first", 5) == 0);
    }
    incoming_end_call(&line.incoming);
    args = expect_call(&line, 2);
    pass_large(&line, 2);
    ASSERT_INT(channel_flush(&line.host), 0);
    ASSERT_INT(incoming_receive(&line.incoming, 2, -1, &passed), 1);
    ASSERT(memcmp((const char *)args.data + 4, "second", 6) == 0);
    end(&line);
}

static void the_end_of_the_host_is_the_end_of_values(void)
{
    struct line line;
    begin(&line);
    call(&line, 1, "x");
    pass(&line, 1, 10);
    send_all(&line);
    ASSERT_INT(shutdown(line.host.socket, SHUT_WR), 0);
    expect_call(&line, 1);
    expect_value(&line, 1, 10);
    expect_nothing(&line, 1, 0);
    expect_nothing(&line, 1, 0);
    end(&line);
}

static void garbage_instead_of_a_value_is_told(void)
{
    struct line line;
    struct message_call none;
    begin(&line);
    call(&line, 1, "x");
    send_all(&line);
    expect_call(&line, 1);
    ASSERT_INT(send(line.host.socket, "GET / HTTP/1.1\r\n", 16, 0), 16);
    expect_nothing(&line, 1, -EPROTO);
    expect_nothing(&line, 1, -EPROTO);
    incoming_end_call(&line.incoming);
    ASSERT_INT(incoming_next_call(&line.incoming, &none), -EPROTO);
    end(&line);
}

UNIT_CASES(CASE(calls_come_in_the_order_of_sending),
           CASE(a_call_receives_what_is_passed_to_it),
           CASE(what_comes_for_later_calls_is_kept_in_order),
           CASE(values_for_calls_that_are_over_are_dropped),
           CASE(arguments_stay_where_they_are_while_values_come),
           CASE(the_end_of_the_host_is_the_end_of_values),
           CASE(garbage_instead_of_a_value_is_told))
