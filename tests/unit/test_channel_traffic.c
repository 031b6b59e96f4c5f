/* Much traffic on channels, both ways, and more than fits. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "tasks.h"
#include "unit.h"

/* Valgrind is some thirty times slower. */
static int scale(int count)
{
    const char *divisor = getenv("UNIT_DIVISOR");
    return divisor == NULL ? count : count / atoi(divisor);
}

static struct drover_error err;

/* --- Many ------------------------------------------------------------------
 */

static int echo(struct drover_call *call)
{
    struct drover_value value;
    while (drover_receive(call, &value, -1) == 1)
        if (drover_send(call, value) != 0)
            return -1;
    return drover_return_null(call);
}

/* Take what has come so far; it must be the numbers from SEEN on. */
static int take_echoes(struct drover_channel *channel, int seen, int timeout_ms)
{
    struct drover_value value;
    int status;
    while ((status = drover_channel_receive(channel, &value, timeout_ms,
                                            &err)) == 1 &&
           drover_value_type(value) == DROVER_INT)
        ASSERT_INT(int_of(value), seen++);
    ASSERT(status >= 0 || status == -ETIMEDOUT);
    return seen;
}

static void many_messages_go_each_way(void)
{
    int count = scale(100 * 1000), seen = 0;
    struct drover_channel *channel = drover_start(echo, NULL, args_of(0), &err);
    for (int i = 0; i < count; i++) {
        ASSERT_INT(drover_channel_send(channel, value_of(i), -1, &err), 0);
        if (i % 10 == 0)
            seen = take_echoes(channel, seen, 0);
    }
    drover_channel_close(channel);
    seen = take_echoes(channel, seen, SOON_MS);
    ASSERT_INT(seen, count);
    drover_channel_destroy(channel);
}

static void many_messages_go_each_way_unread(void)
{
    int count = scale(100 * 1000);
    struct drover_channel *channel = drover_start(echo, NULL, args_of(0), &err);
    for (int i = 0; i < count; i++)
        ASSERT_INT(drover_channel_send(channel, value_of(i), -1, &err), 0);
    drover_channel_close(channel);
    ASSERT_INT(take_echoes(channel, 0, SOON_MS), count);
    drover_channel_destroy(channel);
}

/* --- Large -----------------------------------------------------------------
 */

enum { LARGE_BYTES = 10 * 1024 * 1024 };

static struct drover_value large_value(size_t size)
{
    static uint8_t bytes[LARGE_BYTES + 5];
    bytes[0] = 0x5a;
    for (int i = 0; i < 4; i++)
        bytes[1 + i] = (uint8_t)(size >> (24 - 8 * i));
    memset(bytes + 5, 'x', size);
    return (struct drover_value){ bytes, size + 5 };
}

static bool is_large(struct drover_value value)
{
    const void *bytes;
    size_t size;
    return drover_value_get_bytes(value, &bytes, &size) == 0 &&
           size == LARGE_BYTES;
}

static int send_before_receiving(struct drover_call *call)
{
    struct drover_value value;
    if (drover_send(call, large_value(LARGE_BYTES)) != 0)
        return -1;
    if (drover_receive(call, &value, -1) != 1)
        return drover_fail(call, "nothing came");
    return drover_return_bool(call, is_large(value));
}

/* The parent sends, too, before it receives. */
static void exchange_large_values(struct drover_channel *channel)
{
    struct drover_value value;
    bool arrived = false;
    ASSERT_INT(drover_channel_send(channel, large_value(LARGE_BYTES), -1, &err),
               0);
    ASSERT_INT(drover_channel_receive(channel, &value, SOON_MS, &err), 1);
    ASSERT(is_large(value));
    ASSERT_INT(drover_channel_receive(channel, &value, SOON_MS, &err), 1);
    ASSERT_INT(drover_value_get_bool(value, &arrived), 0);
    ASSERT(arrived);
    drover_channel_destroy(channel);
}

static void a_task_and_its_caller_may_both_send_first(void)
{
    exchange_large_values(
        drover_start(send_before_receiving, NULL, args_of(0), &err));
}

static void parent_and_child_may_both_send_first(void)
{
    struct drover_channel *channel = drover_create(&err);
    struct drover_value value;
    ASSERT(channel != NULL);
    if (drover_channel_pid(channel) == 0) {
        drover_channel_send(channel, large_value(LARGE_BYTES), -1, NULL);
        bool came = drover_channel_receive(channel, &value, -1, NULL) == 1;
        drover_channel_send_pack(channel, NULL, "b", came && is_large(value));
        drover_exit(channel);
    }
    exchange_large_values(channel);
}

/* --- Too much --------------------------------------------------------------
 */

static void wait_for(const char *go)
{
    while (*(const volatile char *)go == 0)
        sched_yield();
}

/* Receives only when a shared byte, its context, says so. */
static int receive_late(struct drover_call *call)
{
    const char *go = drover_call_context(call);
    struct drover_value value;
    int64_t count = 0;
    wait_for(go);
    while (drover_receive(call, &value, -1) == 1)
        count++;
    return drover_return_int(call, count);
}

static void what_is_not_taken_in_time_is_under_way_all_the_same(void)
{
    char *go = shared_create(1);
    struct drover_channel *channel =
        drover_start(receive_late, go, args_of(0), &err);
    int status = 0, sent = 0;
    for (; sent < 100 && status == 0; sent++)
        status = drover_channel_send(channel, large_value(LARGE_BYTES / 10), 20,
                                     &err);
    ASSERT_INT(status, -ETIMEDOUT);
    ASSERT_INT(err.code, ETIMEDOUT);
    ASSERT_INT(drover_channel_send(channel, value_of(1), 0, &err), -ETIMEDOUT);
    *go = 1;
    ASSERT_INT(drover_channel_send(channel, value_of(1), SOON_MS, &err), 0);
    drover_channel_close(channel);
    struct drover_value value;
    ASSERT_INT(drover_channel_receive(channel, &value, SOON_MS, &err), 1);
    ASSERT_INT(int_of(value), sent + 2);
    drover_channel_destroy(channel);
    shared_destroy(go, 1);
}

static int send_for_ever(struct drover_call *call)
{
    while (drover_send(call, large_value(LARGE_BYTES)) == 0)
        ;
    return -1;
}

static void what_is_never_received_has_a_limit(void)
{
    struct drover_channel *channel =
        drover_start(send_for_ever, NULL, args_of(0), &err);
    ASSERT_INT(drover_channel_wait(channel, NULL, SOON_MS, &err), -ENOBUFS);
    ASSERT_INT(err.code, ENOBUFS);
    int status = 0;
    for (int i = 0; i < 4 && status == 0; i++)
        status =
            drover_channel_send(channel, large_value(LARGE_BYTES), -1, &err);
    ASSERT_INT(status, -ENOBUFS);
    drover_channel_destroy(channel);
}

UNIT_CASES(CASE(many_messages_go_each_way),
           CASE(many_messages_go_each_way_unread),
           CASE(a_task_and_its_caller_may_both_send_first),
           CASE(parent_and_child_may_both_send_first),
           CASE(what_is_not_taken_in_time_is_under_way_all_the_same),
           CASE(what_is_never_received_has_a_limit))
