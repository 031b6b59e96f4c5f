/* What serves an address may be anything: a collector believes it no more than
 * it should, and says what was wrong. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background/address.h"
#include "background/supply.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "scratch.h"
#include "unit.h"
#include "wire/channel.h"

enum { WINDOW = 4 };

static const struct drover_collector_options waits = { .window = WINDOW };
static const struct drover_collector_options peeks = { .peek = true,
                                                       .window = WINDOW };
static struct supply *supply;
static struct channel server;
static struct drover_collected item;
static struct buffer words = BUFFER_INIT(4096);
static struct message message;

#define SPAN(text)                                                             \
    {                                                                          \
        (text), sizeof(text) - 1                                               \
    }
#define A_MAP                                                                  \
    {                                                                          \
        "\xa1\x61i\x01", 4                                                     \
    }

static const struct message_item good = { .number = 1,
                                          .ended = 1,
                                          .stage = SPAN("stage"),
                                          .args = A_MAP,
                                          .cause = SPAN("ok"),
                                          .text = SPAN(""),
                                          .has_value = 1,
                                          .value = A_MAP };

/* A supply whose server is this test. */
static void set_up_with(const struct drover_collector_options *options)
{
    int pair[2];
    ASSERT_INT(descriptor_socket_pair(pair, NULL), 0);
    supply = supply_create("address", options);
    ASSERT(supply != NULL);
    channel_open(&supply->link.channel, &pair[0], MESSAGE_FROM_SERVER);
    channel_open(&server, &pair[1], MESSAGE_FROM_COLLECTOR);
    supply_push(supply);
}

static void set_up(void)
{
    set_up_with(&waits);
}

static void tear_down(void)
{
    supply_destroy(supply, false);
    channel_close(&server);
    buffer_clear(&words);
}

static void say(const struct message *said)
{
    ASSERT_INT(channel_queue(&server, said), 0);
    ASSERT_INT(channel_flush(&server), 0);
}

static void say_item(struct message_item said, uint64_t number)
{
    said.number = number;
    say(&(struct message){ MESSAGE_ITEM, .as.item = said });
}

static bool take(void)
{
    if (supply->link.channel.socket >= 0)
        supply_link_advance(supply);
    return supply_take(supply, &words, &item);
}

static void expect_failure(int code, const char *what)
{
    ASSERT(!take());
    ASSERT_INT(supply->state, SUPPLY_FAILED);
    ASSERT_INT(supply->failure.code, code);
    ASSERT_CONTAINS(supply->failure.message, "address: ");
    ASSERT_CONTAINS(supply->failure.message, what);
    ASSERT_INT(supply->link.channel.socket, -1);
    tear_down();
}

/* --- Items ------------------------------------------------------------------
 */

static void it_asks_for_a_window_and_then_for_what_is_acknowledged(void)
{
    set_up();
    ASSERT_INT(channel_fill(&server, NULL), 1);
    ASSERT_INT(channel_receive(&server, &message, NULL), 1);
    ASSERT_INT(message.type, MESSAGE_TAKE);
    ASSERT_INT(message.as.take.count, WINDOW);
    ASSERT_INT(message.as.take.peek, 0);
    ASSERT_INT(message.as.take.wait, 1);
    for (uint64_t number = 1; number <= 3; number++)
        say_item(good, number);
    for (uint64_t number = 1; number <= 3; number++) {
        ASSERT(take());
        ASSERT_INT(item.number, number);
    }
    ASSERT_INT(supply_acknowledge(supply, 2, NULL), 0);
    supply_push(supply);
    ASSERT_INT(channel_fill(&server, NULL), 1);
    ASSERT_INT(channel_receive(&server, &message, NULL), 1);
    ASSERT_INT(message.type, MESSAGE_ACKNOWLEDGE);
    ASSERT_INT(message.as.acknowledge.first, 1);
    ASSERT_INT(message.as.acknowledge.last, 2);
    ASSERT_INT(channel_receive(&server, &message, NULL), 1);
    ASSERT_INT(message.type, MESSAGE_TAKE);
    ASSERT_INT(message.as.take.count, 2);
    ASSERT_INT(supply->unconfirmed.total, 2);
    say(&(struct message){ MESSAGE_CONFIRMED, .as.confirmed = { 1, 1 } });
    ASSERT(!take());
    ASSERT_INT(supply->unconfirmed.total, 1);
    say(&(struct message){ MESSAGE_CONFIRMED, .as.confirmed = { 0, 99 } });
    ASSERT(!take());
    ASSERT_INT(supply->unconfirmed.total, 0);
    tear_down();
}

static void more_items_than_were_asked_for_are_refused(void)
{
    set_up();
    for (uint64_t number = 1; number <= WINDOW + 1; number++)
        say_item(good, number);
    for (uint64_t number = 1; number <= WINDOW; number++)
        ASSERT(take());
    expect_failure(EPROTO, "more than it was asked for");
}

static void items_that_make_no_sense_are_refused(void)
{
    struct message_item bad[7];
    for (size_t i = 0; i < 7; i++)
        bad[i] = good;
    bad[0].redelivered = 2;
    bad[1].ended = 2;
    bad[2].has_value = 2;
    bad[3].code = (int64_t)1 << 40;
    bad[4].args = (struct drover_value){ "\x80", 1 };
    bad[5].cause = (struct span)SPAN("fate");
    bad[6].cause = (struct span)SPAN("o");
    for (size_t i = 0; i < 7; i++) {
        set_up();
        say_item(bad[i], 1);
        expect_failure(EPROTO, "makes no sense");
    }
    set_up();
    say_item(good, 0);
    expect_failure(EPROTO, "makes no sense");
    set_up();
    say_item(good, UINT64_MAX);
    expect_failure(EPROTO, "makes no sense");
}

static void items_are_kept_while_something_else_is_awaited(void)
{
    set_up();
    say_item(good, 5);
    say_item(good, 3);
    supply_link_advance(supply);
    supply_link_stash(supply);
    ASSERT(buffer_size(&supply->items) > 0);
    say_item(good, 7);
    ASSERT(take());
    ASSERT_INT(item.number, 5);
    ASSERT(take());
    ASSERT_INT(item.number, 3);
    ASSERT(take());
    ASSERT_INT(item.number, 7);
    /* In the order in which they were given out. */
    ASSERT_INT(supply_acknowledge(supply, 3, NULL), 0);
    ASSERT_INT(supply->acknowledged.total, 2);
    ASSERT_INT(supply->handed_count, 1);
    tear_down();
}

/* --- Other messages ---------------------------------------------------------
 */

static void an_end_that_comes_too_early_is_refused(void)
{
    set_up();
    say(&(struct message){ MESSAGE_DRAINED, .as.drained = { 0 } });
    expect_failure(EPROTO, "ends before the run does");
}

static void answers_to_nothing_are_refused(void)
{
    const struct message rows[] = {
        { MESSAGE_GIVEN, .as.given = { 0 } },
        { MESSAGE_STATUS, .as.status = { A_MAP } },
        { MESSAGE_WELCOME, .as.welcome = { 3, SPAN("run") } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set_up();
        say(&rows[i]);
        expect_failure(EPROTO, "an answer to nothing");
    }
}

static void garbage_is_refused(void)
{
    set_up();
    ASSERT_INT(buffer_append(&server.out, "HTTP/1.1 400 no\r\n", 17), 0);
    ASSERT_INT(channel_flush(&server), 0);
    expect_failure(EPROTO, "frame of");
}

static void what_the_server_says_before_it_closes_is_told(void)
{
    set_up();
    say(&(struct message){ MESSAGE_UNSERVED,
                           .as.unserved = { ENOSPC, SPAN("disk full") } });
    channel_close(&server);
    expect_failure(ENOSPC, "disk full");
    set_up();
    say(&(struct message){ MESSAGE_UNSERVED,
                           .as.unserved = { 1 << 20, SPAN("?") } });
    expect_failure(EPROTO, "?");
}

static void an_end_without_a_word_is_a_lost_connection(void)
{
    set_up();
    say_item(good, 1);
    ASSERT(take());
    ASSERT_INT(supply_acknowledge(supply, 1, NULL), 0);
    channel_close(&server);
    ASSERT(!take());
    ASSERT_INT(supply->unrecorded.code, ECONNRESET);
    expect_failure(ECONNRESET, "ended before its run did");
}

static void an_end_after_the_last_word_is_none(void)
{
    set_up();
    say_item(good, 1);
    say(&(struct message){ MESSAGE_DRAINED, .as.drained = { 1 } });
    ASSERT(take());
    ASSERT(!take());
    ASSERT_INT(supply->state, SUPPLY_DRAINED);
    channel_close(&server);
    ASSERT(!take());
    ASSERT_INT(supply->state, SUPPLY_DRAINED);
    ASSERT_INT(supply->failure.code, 0);
    ASSERT_INT(supply_acknowledge(supply, 1, NULL), -ECONNRESET);
    tear_down();
}

static void a_server_that_ends_when_we_come_was_missed(void)
{
    set_up();
    channel_close(&server);
    ASSERT(!take());
    ASSERT_INT(supply->state, SUPPLY_MISSED);
    ASSERT_INT(supply->failure.code, 0);
    tear_down();
}

/* Its store would give it all again. */
static void a_server_that_has_shown_something_was_not_missed(void)
{
    set_up_with(&peeks);
    say_item(good, 1);
    ASSERT(take());
    supply_push(supply);
    ASSERT_INT(supply->under_way, WINDOW);
    channel_close(&server);
    expect_failure(ECONNRESET, "ended before its run did");
}

/* --- Greeting ---------------------------------------------------------------
 */

/* A process that owns the address PATH, answers hello with BYTES, and closes
 * when LAST. */
static pid_t answer(const char *path, const struct buffer *bytes, bool last,
                    struct address **address)
{
    ASSERT_INT(address_own(path, "/nowhere", address, NULL), 0);
    pid_t child = fork();
    if (child != 0)
        return child;
    struct pollfd polled = { address_descriptor(*address), POLLIN, 0 };
    char hello[64];
    if (poll(&polled, 1, -1) != 1)
        _exit(1);
    int socket = address_accept(*address);
    polled.fd = socket;
    if (poll(&polled, 1, -1) != 1 || recv(socket, hello, sizeof hello, 0) <= 0)
        _exit(2);
    if (send(socket, buffer_bytes(bytes), buffer_size(bytes), 0) < 0)
        _exit(3);
    if (!last)
        (void)poll(&polled, 1, -1);
    _exit(0);
}

/* What becomes of connecting to who answers so. */
static int connect_to(const struct buffer *bytes, bool last,
                      int64_t patience_ms, struct drover_error *err)
{
    struct address *address;
    struct link link;
    int exit_status;
    scratch_create();
    const char *path = scratch_path("socket");
    pid_t child = answer(path, bytes, last, &address);
    ASSERT(child > 0);
    int status = link_open(&link, path, clock_now_ms() + patience_ms, err);
    if (status == 0)
        link_close(&link);
    ASSERT_INT(waitpid(child, &exit_status, 0), child);
    ASSERT_INT(exit_status, 0);
    address_release(address, true);
    scratch_destroy();
    return status;
}

static void whoever_does_not_welcome_us_is_no_server(void)
{
    static const struct {
        struct message message;
        int status;
    } rows[] = {
        { { MESSAGE_WELCOME, .as.welcome = { MESSAGE_PROTOCOL, SPAN("r") } },
          0 },
        { { MESSAGE_WELCOME, .as.welcome = { 99, SPAN("r") } },
          -EPROTONOSUPPORT },
        { { MESSAGE_UNSERVED, .as.unserved = { EBUSY, SPAN("many") } },
          -EBUSY },
        { { MESSAGE_GIVEN, .as.given = { 0 } }, -EPROTO },
        { { MESSAGE_HELLO, .as.hello = { MESSAGE_PROTOCOL } }, -EPROTO },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int last = 0; last <= 1; last++) {
            struct buffer bytes = BUFFER_INIT(4096);
            ASSERT_INT(message_encode(&bytes, &rows[i].message), 0);
            ASSERT_INT(connect_to(&bytes, last, 20000, NULL), rows[i].status);
            buffer_clear(&bytes);
        }
}

static void silence_and_half_words_are_no_answer(void)
{
    struct drover_error err;
    struct buffer bytes = BUFFER_INIT(64);
    ASSERT_INT(buffer_append(&bytes, "\0\0", 2), 0);
    ASSERT_INT(connect_to(&bytes, false, 50, &err), -ETIMEDOUT);
    ASSERT_CONTAINS(err.message, "no answer");
    ASSERT_INT(connect_to(&bytes, true, 20000, &err), -ECONNREFUSED);
    buffer_clear(&bytes);
}

UNIT_CASES(CASE(it_asks_for_a_window_and_then_for_what_is_acknowledged),
           CASE(more_items_than_were_asked_for_are_refused),
           CASE(items_that_make_no_sense_are_refused),
           CASE(items_are_kept_while_something_else_is_awaited),
           CASE(an_end_that_comes_too_early_is_refused),
           CASE(answers_to_nothing_are_refused), CASE(garbage_is_refused),
           CASE(what_the_server_says_before_it_closes_is_told),
           CASE(an_end_without_a_word_is_a_lost_connection),
           CASE(an_end_after_the_last_word_is_none),
           CASE(a_server_that_ends_when_we_come_was_missed),
           CASE(a_server_that_has_shown_something_was_not_missed),
           CASE(whoever_does_not_welcome_us_is_no_server),
           CASE(silence_and_half_words_are_no_answer))
