/* Whatever is sent to a server, or not read, its run and its other collectors
 * are not disturbed (I10, I11). The program is linked with a clock that can be
 * put forward and a commit that can be made to fail. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "served.h"
#include "unit.h"

static int64_t clock_ahead_ms;
static int commit_failure;

int64_t __real_clock_now_ms(void);
int64_t __wrap_clock_now_ms(void);
int __real_store_commit(struct store *store, struct drover_error *err);
int __wrap_store_commit(struct store *store, struct drover_error *err);

int64_t __wrap_clock_now_ms(void)
{
    return __real_clock_now_ms() + clock_ahead_ms;
}

int __wrap_store_commit(struct store *store, struct drover_error *err)
{
    if (commit_failure != 0)
        return error_set(err, commit_failure, "the disk is full");
    return __real_store_commit(store, err);
}

static struct served served;
static struct channel a, b;
static struct message message;

static void set_up(uint64_t count)
{
    clock_ahead_ms = 0;
    commit_failure = 0;
    a.socket = b.socket = -1;
    served_make(&served);
    served_open(&served);
    served_add(&served, count);
}

static void tear_down(void)
{
    channel_close(&a);
    channel_close(&b);
    served_remove(&served);
}

static void expect_unserved(struct channel *channel, int error)
{
    client_expect(&served, channel, MESSAGE_UNSERVED, &message);
    ASSERT_INT(message.as.unserved.error, error);
    ASSERT(message.as.unserved.reason.size > 0);
    ASSERT(!client_hear(&served, channel, &message));
    channel_close(channel);
}

static void turn(void)
{
    ASSERT_INT(server_turn(served.server, NULL), 0);
}

/* All that there is goes to a collector of good will. */
static void expect_served(uint64_t count, bool redelivered)
{
    client_open(&served, &b);
    client_take(&b, count, false, true);
    for (uint64_t number = 1; number <= count; number++)
        client_expect_item(&served, &b, number, redelivered);
    client_acknowledge(&b, 1, count);
    client_expect(&served, &b, MESSAGE_CONFIRMED, &message);
}

/* --- Greeting ---------------------------------------------------------------
 */

static void hello_is_answered_with_the_name_of_the_run(void)
{
    set_up(0);
    client_connect(&served, &a);
    message =
        (struct message){ MESSAGE_HELLO, .as.hello = { MESSAGE_PROTOCOL } };
    client_say(&a, &message);
    client_expect(&served, &a, MESSAGE_WELCOME, &message);
    ASSERT_INT(message.as.welcome.protocol, MESSAGE_PROTOCOL);
    const char *name = store_name(served.store);
    ASSERT_INT(message.as.welcome.run.size, strlen(name));
    ASSERT(memcmp(message.as.welcome.run.data, name, strlen(name)) == 0);
    tear_down();
}

static void another_version_is_not_served(void)
{
    set_up(0);
    for (int away = -1; away <= 1; away += 2) {
        client_connect(&served, &a);
        message = (struct message){
            MESSAGE_HELLO, .as.hello = { (uint64_t)(MESSAGE_PROTOCOL + away) }
        };
        client_say(&a, &message);
        expect_unserved(&a, EPROTONOSUPPORT);
    }
    tear_down();
}

static void who_is_silent_is_closed_after_a_while(void)
{
    set_up(2);
    client_connect(&served, &a);
    client_send_bytes(&a, "\0\0", 2);
    turn();
    clock_ahead_ms = SERVER_HELLO_MS - 500;
    turn();
    ASSERT(server_has_connections(served.server));
    clock_ahead_ms = SERVER_HELLO_MS + 500;
    turn();
    ASSERT(!server_has_connections(served.server));
    ASSERT(!client_hear(&served, &a, &message));
    expect_served(2, false);
    clock_ahead_ms += 3 * SERVER_HELLO_MS;
    turn();
    ASSERT(server_has_connections(served.server));
    tear_down();
}

static void nothing_is_heard_before_hello_and_hello_once(void)
{
    static const struct message early[] = {
        { MESSAGE_TAKE, .as.take = { 1, 0, 1 } },
        { MESSAGE_ACKNOWLEDGE, .as.acknowledge = { 1, 1 } },
        { MESSAGE_ASK, .as.ask = { 0 } },
        { .type = MESSAGE_CANCEL },
        { MESSAGE_GIVE, .as.give = { 1, { "\x01", 1 } } },
    };
    set_up(1);
    for (size_t i = 0; i < sizeof early / sizeof early[0]; i++) {
        client_connect(&served, &a);
        client_say(&a, &early[i]);
        expect_unserved(&a, EPROTO);
    }
    ASSERT_INT(served.cancelled, 0);
    ASSERT_INT(served.passed, 0);
    client_open(&served, &a);
    message =
        (struct message){ MESSAGE_HELLO, .as.hello = { MESSAGE_PROTOCOL } };
    client_say(&a, &message);
    expect_unserved(&a, EPROTO);
    expect_served(1, false);
    tear_down();
}

/* --- Garbage ----------------------------------------------------------------
 */

static void garbage_is_closed_at_once(void)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        { "GET / HTTP/1.1\r\n\r\n", 18 },
        { "\xff\xff\xff\xff\xff\xff\xff\xff", 8 },
        { "\0\0\0\1\x50\0\0\1\x80", 9 },          /* reserved bits */
        { "\0\0\0\1\x5f\0\0\0\x80", 9 },          /* unknown type */
        { "\0\0\0\1\x61\0\0\0\x80", 9 },          /* a server's */
        { "\x01\0\0\1\x55\0\0\0", 8 },            /* above 16 MiB */
        { "\0\0\0\2\x50\0\0\0\x81\x20", 10 },     /* -1 */
        { "\0\0\0\3\x50\0\0\0\x82\x03\x03", 11 }, /* two fields */
        { "\0\0\0\2\x53\0\0\0\x81\x02", 10 },     /* neither yes nor no */
        { "\0\0\0\3\x55\0\0\0\x82\x02\x03", 11 },
        { "\0\0\0\4\x51\0\0\0\x83\x01\x02\x01", 12 },
        { "\0\0\0\4\x51\0\0\0\x83\x01\x01\x02", 12 },
    };
    set_up(2);
    for (int greeted = 0; greeted <= 1; greeted++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            if (greeted)
                client_open(&served, &a);
            else
                client_connect(&served, &a);
            client_send_bytes(&a, rows[i].bytes, rows[i].size);
            expect_unserved(&a, EPROTO);
        }
    ASSERT(!server_has_connections(served.server));
    expect_served(2, false);
    tear_down();
}

static void half_a_message_waits_for_its_other_half(void)
{
    static const uint8_t take[] = { 0, 0, 0, 4, 0x51, 0, 0, 0, 0x83, 1, 0, 1 };
    set_up(1);
    client_open(&served, &a);
    for (size_t i = 0; i < sizeof take; i++) {
        client_expect_silence(&served, &a);
        client_send_bytes(&a, take + i, 1);
    }
    client_expect_item(&served, &a, 1, false);
    tear_down();
}

static void a_thousand_who_talk_nonsense_leave_no_trace(void)
{
    set_up(3);
    for (int i = 0; i < 1000; i++) {
        client_connect(&served, &a);
        if (i % 3 > 0)
            client_send_bytes(&a, "nonsense", i % 3 == 1 ? 8 : 3);
        turn();
        channel_close(&a);
    }
    turn();
    ASSERT(!server_has_connections(served.server));
    expect_served(3, false);
    tear_down();
}

/* --- Many -------------------------------------------------------------------
 */

static void the_silent_make_room_and_the_greeted_do_not(void)
{
    enum { COUNT = SERVER_CONNECTIONS_MAX };
    static struct channel many[COUNT];
    set_up(2);
    for (size_t i = 0; i < COUNT; i++) {
        client_connect(&served, &many[i]);
        turn();
    }
    client_open(&served, &a);
    ASSERT(!client_hear(&served, &many[0], &message));
    for (size_t i = 0; i < COUNT; i++)
        channel_close(&many[i]);
    for (size_t i = 1; i < COUNT; i++)
        client_open(&served, &many[i]);
    client_connect(&served, &b);
    expect_unserved(&b, EBUSY);
    for (size_t i = 1; i < COUNT; i++)
        channel_close(&many[i]);
    expect_served(2, false);
    tear_down();
}

/* 16 MiB each are allowed, 64 MiB in all. */
static void what_all_send_and_do_not_end_is_bounded(void)
{
    enum { COUNT = 9, SIZE = 8 * 1024 * 1024 - 64 };
    static const uint8_t header[] = { 0, 0xff, 0xff, 0xff, 0x55, 0, 0, 0 };
    static struct channel many[COUNT];
    char *bytes = calloc(1, SIZE);
    set_up(2);
    for (size_t i = 0; i < COUNT; i++) {
        client_open(&served, &many[i]);
        ASSERT_INT(buffer_append(&many[i].out, header, sizeof header), 0);
        ASSERT_INT(buffer_append(&many[i].out, bytes, SIZE), 0);
        while (channel_flush(&many[i]) == -EAGAIN)
            turn();
        served_settle(&served);
    }
    expect_unserved(&many[COUNT - 1], ENOBUFS);
    expect_served(2, false);
    for (size_t i = 0; i < COUNT - 1; i++) {
        client_expect_silence(&served, &many[i]);
        channel_close(&many[i]);
    }
    free(bytes);
    tear_down();
}

/* --- Slow readers -----------------------------------------------------------
 */

/* B takes items until it has had COUNT; returns the sum of their numbers. */
static uint64_t collect_all(uint64_t count)
{
    uint64_t sum = 0;
    for (uint64_t got = 0; got < count;) {
        if (got % 1000 == 0) {
            client_acknowledge(&b, 1, UINT64_MAX);
            client_take(&b, 1000, false, true);
        }
        ASSERT(client_hear(&served, &b, &message));
        if (message.type != MESSAGE_ITEM)
            continue;
        sum += message.as.item.number;
        got++;
    }
    return sum;
}

static void who_does_not_read_keeps_nobody_waiting(void)
{
    enum { COUNT = 30000, FIRST = 25000 };
    set_up(COUNT);
    client_open(&served, &a);
    client_take(&a, SERVER_CREDIT_MAX, false, true);
    served_settle(&served);
    client_open(&served, &b);
    uint64_t sum = collect_all(FIRST);
    channel_close(&a);
    sum += collect_all(COUNT - FIRST);
    ASSERT_INT(sum, (uint64_t)COUNT * (COUNT + 1) / 2);
    tear_down();
}

static void questions_without_end_cost_no_memory(void)
{
    enum { COUNT = 20000, ROUNDS = 10 };
    size_t answers = 0;
    set_up(0);
    client_open(&served, &a);
    for (int round = 0; round < ROUNDS; round++) {
        message = (struct message){ MESSAGE_ASK, .as.ask = { 0 } };
        for (int i = 0; i < COUNT / ROUNDS; i++)
            ASSERT_INT(channel_queue(&a, &message), 0);
        while (channel_flush(&a) == -EAGAIN)
            turn();
    }
    for (; answers < COUNT; answers++)
        client_expect(&served, &a, MESSAGE_STATUS, &message);
    client_expect_silence(&served, &a);
    tear_down();
}

static void values_without_end_wait_until_answers_are_read(void)
{
    enum { COUNT = 5000 };
    set_up(0);
    client_open(&served, &a);
    message = (struct message){ MESSAGE_GIVE, .as.give = { 1, { "\x07", 1 } } };
    for (int i = 0; i < COUNT; i++)
        ASSERT_INT(channel_queue(&a, &message), 0);
    (void)channel_flush(&a);
    for (int i = 0; i < COUNT; i++) {
        (void)channel_flush(&a);
        client_expect(&served, &a, MESSAGE_GIVEN, &message);
        ASSERT_INT(message.as.given.error, 0);
    }
    ASSERT_INT(served.passed, COUNT);
    tear_down();
}

static void queue_values(struct channel *channel, int count)
{
    message = (struct message){ MESSAGE_GIVE, .as.give = { 1, { "\x07", 1 } } };
    for (int i = 0; i < count; i++)
        ASSERT_INT(channel_queue(channel, &message), 0);
}

static void expect_given(struct channel *channel, int count)
{
    for (int i = 0; i < count; i++)
        client_expect(&served, channel, MESSAGE_GIVEN, &message);
}

static void nothing_is_called_all_before_answers_are_read(void)
{
    enum { FIRST = 3000, COUNT = 1024 };
    set_up(1);
    client_open(&served, &a);
    /* From now on the server reads much at a time. */
    queue_values(&a, FIRST);
    ASSERT_INT(channel_flush(&a), 0);
    expect_given(&a, FIRST);
    message = (struct message){ MESSAGE_TAKE, .as.take = { 5, 0, 0 } };
    ASSERT_INT(channel_queue(&a, &message), 0);
    queue_values(&a, COUNT);
    ASSERT_INT(channel_flush(&a), 0);
    expect_given(&a, COUNT);
    client_expect_item(&served, &a, 1, false);
    client_expect(&served, &a, MESSAGE_DRAINED, &message);
    tear_down();
}

static void what_was_sent_before_leaving_is_heard_to_its_end(void)
{
    enum { COUNT = 3000 };
    struct store_summary summary;
    set_up(1);
    client_open(&served, &a);
    client_take(&a, 1, false, true);
    client_expect_item(&served, &a, 1, false);
    queue_values(&a, COUNT);
    client_acknowledge(&a, 1, 1);
    channel_close(&a);
    served_settle(&served);
    store_summarize(served.store, &summary);
    ASSERT_INT(summary.acknowledged, 1);
    tear_down();
}

/* --- Questions --------------------------------------------------------------
 */

static void expect_status(struct channel *channel)
{
    struct drover_value value;
    uint64_t pid;
    client_expect(&served, channel, MESSAGE_STATUS, &message);
    ASSERT_INT(drover_map_get(message.as.status.standing, "pid", &value), 0);
    ASSERT_INT(drover_value_get_uint(value, &pid), 0);
    ASSERT_INT(pid, getpid());
}

static void who_asks_is_told_how_the_run_stands(void)
{
    set_up(1);
    client_open(&served, &a);
    message = (struct message){ MESSAGE_ASK, .as.ask = { 0 } };
    client_say(&a, &message);
    expect_status(&a);
    message = (struct message){ MESSAGE_ASK, .as.ask = { 1 } };
    client_say(&a, &message);
    client_expect_silence(&served, &a);
    served_finish(&served);
    expect_status(&a);
    message = (struct message){ MESSAGE_ASK, .as.ask = { 1 } };
    client_say(&a, &message);
    expect_status(&a);
    tear_down();
}

static void who_cancels_is_heard(void)
{
    set_up(0);
    client_open(&served, &a);
    message = (struct message){ .type = MESSAGE_CANCEL };
    client_say(&a, &message);
    expect_status(&a);
    ASSERT_INT(served.cancelled, 1);
    tear_down();
}

static void values_are_passed_to_the_call(void)
{
    set_up(0);
    client_open(&served, &a);
    message = (struct message){ MESSAGE_GIVE, .as.give = { 1, { "\x07", 1 } } };
    client_say(&a, &message);
    client_expect(&served, &a, MESSAGE_GIVEN, &message);
    ASSERT_INT(message.as.given.error, 0);
    ASSERT_INT(served.passed, 1);
    ASSERT_INT(served.passed_last, 7);
    message = (struct message){ MESSAGE_GIVE, .as.give = { 0, { "\xf6", 1 } } };
    client_say(&a, &message);
    client_expect(&served, &a, MESSAGE_GIVEN, &message);
    ASSERT_INT(served.passed, 2);
    ASSERT_INT(served.passed_last, -1);
    served.refusal = -EPIPE;
    message = (struct message){ MESSAGE_GIVE, .as.give = { 1, { "\x07", 1 } } };
    client_say(&a, &message);
    client_expect(&served, &a, MESSAGE_GIVEN, &message);
    ASSERT_INT(message.as.given.error, EPIPE);
    tear_down();
}

/* --- Failures ---------------------------------------------------------------
 */

static void what_is_not_recorded_is_not_said(void)
{
    struct drover_error err;
    set_up(4);
    client_open(&served, &a);
    client_take(&a, 2, false, true);
    client_expect_item(&served, &a, 1, false);
    client_expect_item(&served, &a, 2, false);
    client_open(&served, &b);
    commit_failure = ENOSPC;
    client_acknowledge(&a, 1, 2);
    client_take(&a, 2, false, true);
    client_take(&b, 2, false, true);
    ASSERT_INT(server_turn(served.server, &err), -ENOSPC);
    ASSERT_TEXT(err.message, "the disk is full");
    ASSERT(!server_has_connections(served.server));
    commit_failure = 0;
    expect_unserved(&a, ENOSPC);
    expect_unserved(&b, ENOSPC);
    tear_down();
}

static void an_address_that_vanishes_comes_back(void)
{
    set_up(2);
    ASSERT_INT(unlink(served.path), 0);
    clock_ahead_ms += 1500;
    turn();
    expect_served(2, false);
    tear_down();
}

static void who_reads_nothing_at_the_end_is_left_alone(void)
{
    enum { COUNT = 20000 };
    set_up(COUNT);
    client_open(&served, &a);
    client_take(&a, SERVER_CREDIT_MAX, true, true);
    client_open(&served, &b);
    for (uint64_t number = 1; number <= COUNT; number++) {
        if (number % 1000 == 1)
            client_take(&b, 1000, false, true);
        client_expect_item(&served, &b, number, false);
        if (number % 1000 > 0)
            continue;
        client_acknowledge(&b, 1, number);
        client_expect(&served, &b, MESSAGE_CONFIRMED, &message);
    }
    served_finish(&served);
    ASSERT(!server_is_drained(served.server));
    turn();
    clock_ahead_ms += SERVER_PATIENCE_MS + 1;
    turn();
    ASSERT(server_is_drained(served.server));
    tear_down();
}

UNIT_CASES(CASE(hello_is_answered_with_the_name_of_the_run),
           CASE(another_version_is_not_served),
           CASE(who_is_silent_is_closed_after_a_while),
           CASE(nothing_is_heard_before_hello_and_hello_once),
           CASE(garbage_is_closed_at_once),
           CASE(half_a_message_waits_for_its_other_half),
           CASE(a_thousand_who_talk_nonsense_leave_no_trace),
           CASE(the_silent_make_room_and_the_greeted_do_not),
           CASE(what_all_send_and_do_not_end_is_bounded),
           CASE(who_does_not_read_keeps_nobody_waiting),
           CASE(questions_without_end_cost_no_memory),
           CASE(values_without_end_wait_until_answers_are_read),
           CASE(nothing_is_called_all_before_answers_are_read),
           CASE(what_was_sent_before_leaving_is_heard_to_its_end),
           CASE(who_asks_is_told_how_the_run_stands),
           CASE(who_cancels_is_heard), CASE(values_are_passed_to_the_call),
           CASE(what_is_not_recorded_is_not_said),
           CASE(an_address_that_vanishes_comes_back),
           CASE(who_reads_nothing_at_the_end_is_left_alone))
