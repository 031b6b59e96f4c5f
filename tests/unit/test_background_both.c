/* Background processes that both sides talk to, and collectors that manage
 * calls in them. */
#include <drover/background.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nest.h"
#include "tasks.h"
#include "unit.h"

static struct drover_error err;

static struct drover_collector *create_collector(void)
{
    struct drover_collector *collector = drover_collector_create(NULL, &err);
    ASSERT(collector != NULL);
    return collector;
}

static struct drover_collector *start(const char *address, drover_task_fn task,
                                      int64_t n)
{
    struct drover_background call = { .address = address,
                                      .task = task,
                                      .collector = create_collector() };
    ASSERT_INT(drover_background_start(&call, args_of(n), &err), 0);
    return call.collector;
}

/* An empty view says that no more will come. */
static void give(struct drover_collector *collector, struct drover_value value)
{
    ASSERT_INT(
        drover_collector_send(collector, "a.socket", value, SOON_MS, &err), 0);
}

static int64_t take(struct drover_collector *collector)
{
    struct drover_collected item;
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err), 1);
    ASSERT_TEXT(item.outcome.text, "");
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    return int_of(item.outcome.value);
}

static void expect_end(struct drover_collector *collector)
{
    struct drover_collected item;
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err), 0);
    drover_collector_destroy(collector);
}

static const struct drover_value no_more = { NULL, 0 };

/* --- Both ways --------------------------------------------------------------
 */

static void what_collectors_send_the_task_receives(void)
{
    nest_enter();
    struct drover_collector *collector = start("a.socket", task_add_up, 0);
    int64_t sum = 0;
    for (int64_t n = 1; n <= 5; n++) {
        give(collector, value_of(n));
        ASSERT_INT(take(collector), sum += n);
    }
    give(collector, no_more);
    ASSERT_INT(take(collector), sum);
    expect_end(collector);
    nest_leave();
}

static void another_collector_goes_on_with_the_conversation(void)
{
    nest_enter();
    struct drover_collector *collector = start("a.socket", task_add_up, 0);
    give(collector, value_of(10));
    ASSERT_INT(take(collector), 10);
    ASSERT_INT(drover_collector_confirm(collector, SOON_MS, &err), 0);
    drover_collector_destroy(collector);
    collector = create_collector();
    ASSERT_INT(drover_collector_connect(collector, "a.socket", &err), 0);
    give(collector, value_of(20));
    ASSERT_INT(take(collector), 30);
    give(collector, no_more);
    ASSERT_INT(take(collector), 30);
    expect_end(collector);
    nest_leave();
}

static void who_has_ended_takes_nothing(void)
{
    nest_enter();
    struct drover_collected item;
    struct drover_collector *collector = start("a.socket", task_double, 1);
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err), 1);
    ASSERT_INT(drover_collector_send(collector, "a.socket", value_of(1),
                                     SOON_MS, &err),
               -EPIPE);
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    expect_end(collector);
    nest_leave();
}

/* Counts what it receives, once it may. */
static int count_later(struct drover_call *call)
{
    struct drover_value value;
    int64_t count = 0;
    while (access("go", F_OK) < 0)
        usleep(1000);
    while (drover_receive(call, &value, -1) > 0)
        count++;
    return drover_return_int(call, count);
}

static void what_a_call_does_not_take_is_refused_in_the_end(void)
{
    enum { LARGE = 4 * 1024 * 1024, MOST = 32 };
    nest_enter();
    struct drover_builder *builder = drover_builder_create();
    char *zeros = calloc(1, LARGE);
    struct drover_value large;
    drover_build_bytes(builder, zeros, LARGE);
    ASSERT_INT(drover_builder_value(builder, &large, NULL), 0);
    struct drover_collector *collector = start("a.socket", count_later, 0);
    int64_t sent = 0;
    int status = 0;
    for (; sent < MOST && status == 0; sent += status == 0)
        status =
            drover_collector_send(collector, "a.socket", large, SOON_MS, &err);
    ASSERT_INT(status, -ENOBUFS);
    ASSERT_CONTAINS(err.message, "send this later");
    ASSERT(sent >= 8 && sent < 12);
    close(creat("go", 0600));
    while (drover_collector_send(collector, "a.socket", no_more, SOON_MS,
                                 &err) == -ENOBUFS)
        usleep(1000);
    ASSERT_INT(take(collector), sent);
    expect_end(collector);
    unlink("go");
    free(zeros);
    drover_builder_destroy(builder);
    nest_leave();
}

/* --- Processes that go on from here -----------------------------------------
 */

/* Doubles what it receives. */
static _Noreturn void be_child(struct drover_channel *channel)
{
    struct drover_value value;
    int64_t n = 0;
    while (drover_channel_receive(channel, &value, -1, NULL) > 0) {
        if (drover_value_get_int(value, &n) < 0)
            drover_exit_failed(channel, "that is no number");
        drover_channel_send_pack(channel, NULL, "I", 2 * n);
    }
    drover_channel_send_pack(channel, NULL, "i", drover_channel_pid(channel));
    drover_exit(channel);
}

static struct drover_collector *create_process(void)
{
    struct drover_background here = { .address = "a.socket",
                                      .collector = create_collector() };
    struct drover_channel *child = NULL;
    int status = drover_background_create(&here, &child, &err);
    if (status == 0 && child != NULL)
        be_child(child);
    ASSERT_INT(status, 0);
    return here.collector;
}

static void a_process_goes_on_from_here_in_the_background(void)
{
    nest_enter();
    struct drover_collector *collector = create_process();
    for (int64_t n = 1; n <= 3; n++) {
        give(collector, value_of(n));
        ASSERT_INT(take(collector), 2 * n);
    }
    give(collector, no_more);
    ASSERT_INT(take(collector), 0);
    expect_end(collector);
    nest_expect_gone("a.socket");
    nest_leave();
}

static void it_can_say_why_it_failed(void)
{
    nest_enter();
    struct drover_collected item;
    struct drover_collector *collector = create_process();
    give(collector, (struct drover_value){ (const uint8_t *)"\xf6", 1 });
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err), 1);
    ASSERT_INT(item.outcome.cause, DROVER_ERROR);
    ASSERT_TEXT(item.outcome.text, "that is no number");
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    expect_end(collector);
    nest_leave();
}

/* --- Many addresses ---------------------------------------------------------
 */

static void one_collector_manages_many_calls(void)
{
    enum { CALLS = 5 };
    nest_enter();
    char address[32];
    struct drover_background call = { .address = address,
                                      .task = task_double,
                                      .collector = create_collector() };
    int64_t sum = 0;
    for (int i = 0; i < CALLS; i++) {
        snprintf(address, sizeof address, "a%d.socket", i);
        ASSERT_INT(drover_background_start(&call, args_of(i), &err), 0);
    }
    ASSERT_INT(drover_collector_open(call.collector), CALLS);
    for (int i = 0; i < CALLS; i++)
        sum += take(call.collector);
    ASSERT_INT(sum, CALLS * (CALLS - 1));
    expect_end(call.collector);
    nest_leave();
}

/* Whoever has collected all need not wait for the process to be gone. */
static void an_address_can_be_used_again_at_once(void)
{
    nest_enter();
    for (int64_t n = 0; n < 20; n++) {
        struct drover_collector *collector = start("a.socket", task_double, n);
        ASSERT_INT(take(collector), 2 * n);
        expect_end(collector);
        ASSERT_INT(nest_owner("a.socket"), 0);
    }
    nest_leave();
}

/* --- What belongs to the program --------------------------------------------
 */

static int send_and_hang(struct drover_call *call)
{
    drover_send_pack(call, "i", 1);
    return task_hang(call);
}

/* A collector that is gone, though a process lives that was forked while it was
 * there: what it had is given to the next one. */
static void background_processes_do_not_keep_collectors_alive(void)
{
    nest_enter();
    struct drover_collected item;
    struct drover_collector *collector = start("a.socket", send_and_hang, 0);
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err), 1);
    struct drover_background other = { .address = "b.socket",
                                       .task = task_hang };
    ASSERT_INT(drover_background_start(&other, args_of(0), &err), 0);
    drover_collector_destroy(collector);
    collector = create_collector();
    ASSERT_INT(drover_collector_connect(collector, "a.socket", &err), 0);
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err), 1);
    ASSERT_INT(int_of(item.outcome.value), 1);
    ASSERT(item.redelivered);
    drover_collector_destroy(collector);
    nest_leave();
}

/* Nor a store that a collector has open. */
static void background_processes_do_not_keep_stores_locked(void)
{
    nest_enter();
    struct drover_collected item;
    drover_collector_destroy(start("a.socket", send_and_hang, 0));
    nest_kill("a.socket");
    struct drover_collector *collector = create_collector();
    ASSERT_INT(drover_collector_connect(collector, "a.socket", &err), 0);
    struct drover_background other = { .address = "b.socket",
                                       .task = task_hang };
    ASSERT_INT(drover_background_start(&other, args_of(0), &err), 0);
    drover_collector_destroy(collector);
    collector = create_collector();
    ASSERT_INT(drover_collector_connect(collector, "a.socket", &err), 0);
    (void)drover_collector_next(collector, &item, SOON_MS, &err);
    drover_collector_destroy(collector);
    nest_leave();
}

/* A channel's process sees that its parent has closed, though a background
 * process was forked meanwhile. */
static void background_processes_do_not_keep_channels_open(void)
{
    nest_enter();
    struct drover_channel *channel =
        drover_start(task_add_up, NULL, args_of(0), &err);
    ASSERT(channel != NULL);
    struct drover_background other = { .address = "b.socket",
                                       .task = task_hang };
    ASSERT_INT(drover_background_start(&other, args_of(0), &err), 0);
    drover_channel_close(channel);
    ASSERT_INT(drover_channel_wait(channel, NULL, SOON_MS, &err), 0);
    drover_channel_destroy(channel);
    nest_leave();
}

UNIT_CASES(CASE(what_collectors_send_the_task_receives),
           CASE(another_collector_goes_on_with_the_conversation),
           CASE(who_has_ended_takes_nothing),
           CASE(what_a_call_does_not_take_is_refused_in_the_end),
           CASE(a_process_goes_on_from_here_in_the_background),
           CASE(it_can_say_why_it_failed),
           CASE(one_collector_manages_many_calls),
           CASE(an_address_can_be_used_again_at_once),
           CASE(background_processes_do_not_keep_collectors_alive),
           CASE(background_processes_do_not_keep_stores_locked),
           CASE(background_processes_do_not_keep_channels_open))
