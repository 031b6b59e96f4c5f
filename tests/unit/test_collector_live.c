/* Collecting from who serves an address: what a store alone cannot do, and what
 * becomes of collectors when the server does not live on. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background/address.h"
#include "background/link.h"
#include "base/clock.h"
#include "collecting.h"
#include "unit.h"

/* --- The end of the server ----------------------------------------------- */

static void a_server_that_is_killed_is_said_once(void)
{
    served_make(&served);
    served_add(&served, 4);
    server = served_fork(&served, false);
    struct drover_collector *collector = collect();
    expect_items(collector, 1, 4, false, false);
    ASSERT_INT(drover_collector_next(collector, &item, 0, &err), -ETIMEDOUT);
    served_kill(&served, server);
    item.number = 2;
    int status = drover_collector_next(collector, &item, SOME_MS, &err);
    ASSERT_INT(status, -ECONNRESET);
    ASSERT_CONTAINS(err.message, served.path);
    expect_end(collector);
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err),
               -ECONNRESET);
    drover_collector_destroy(collector);
    served_remove(&served);
}

/* A process that welcomes one collector, and is then at its end. */
_Noreturn static void welcome_and_end(int ready)
{
    struct address *address;
    struct channel channel;
    const struct message welcome = {
        MESSAGE_WELCOME, .as.welcome = { MESSAGE_PROTOCOL, { "run", 3 } }
    };
    int socket;
    if (address_own(served.path, served.folder, &address, NULL) < 0)
        _exit(1);
    close(ready);
    while ((socket = address_accept(address)) < 0)
        (void)poll(&(struct pollfd){ address_descriptor(address), POLLIN, 0 },
                   1, SOME_MS);
    channel_open(&channel, &socket, MESSAGE_FROM_COLLECTOR);
    if (channel_wait(&channel, -1) < 0 ||
        channel_queue(&channel, &welcome) < 0 ||
        channel_flush_wait(&channel) < 0)
        _exit(2);
    address_release(address, false);
    _exit(0);
}

static void who_comes_when_the_process_ends_goes_on_with_the_store(void)
{
    int ready[2], status;
    char byte;
    set_up(3, false);
    ASSERT_INT(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ready[0]);
        welcome_and_end(ready[1]);
    }
    close(ready[1]);
    ASSERT_INT(read(ready[0], &byte, 1), 0);
    close(ready[0]);
    struct drover_collector *collector = collect();
    ASSERT_INT(waitpid(child, &status, 0), child);
    ASSERT_INT(status, 0);
    expect_items(collector, 1, 3, false, true);
    expect_end(collector);
    drover_collector_destroy(collector);
    tear_down(true);
}

/* As when a run is over before it has heard that somebody came. */
static void a_server_that_gave_nothing_is_not_missed(void)
{
    served_make(&served);
    server = served_fork(&served, false);
    struct drover_collector *collector = collect();
    ASSERT_INT(drover_collector_next(collector, &item, 0, &err), -ETIMEDOUT);
    served_kill(&served, server);
    served_add(&served, 3);
    served_finish(&served);
    store_close(served.store);
    expect_items(collector, 1, 3, false, true);
    expect_end(collector);
    drover_collector_destroy(collector);
    server = 0;
    tear_down(true);
}

static void acknowledgements_that_were_lost_are_said(void)
{
    served_make(&served);
    served_add(&served, 4);
    server = served_fork(&served, false);
    struct drover_collector *collector = collect();
    expect_items(collector, 1, 4, false, true);
    served_kill(&served, server);
    ASSERT_INT(drover_collector_confirm(collector, SOME_MS, &err), -ECONNRESET);
    ASSERT_CONTAINS(err.message, "not recorded");
    ASSERT_INT(drover_collector_confirm(collector, SOME_MS, &err), 0);
    drover_collector_destroy(collector);
    served_remove(&served);
}

/* --- While it lives ------------------------------------------------------ */

static void two_collectors_share(void)
{
    set_up(600, true);
    struct drover_collector *one = collect(), *other = collect();
    uint64_t sum = 0;
    for (int i = 0; i < 600; i++) {
        struct drover_collector *either = i % 2 == 0 ? one : other;
        int status = drover_collector_next(either, &item, 100, &err);
        if (status != 1) {
            either = either == one ? other : one;
            status = drover_collector_next(either, &item, SOME_MS, &err);
        }
        ASSERT_INT(status, 1);
        ASSERT(!item.redelivered);
        sum += item.number;
        ASSERT_INT(drover_collector_acknowledge(either, &item, &err), 0);
    }
    ASSERT_INT(sum, 600 * 601 / 2);
    ASSERT_INT(drover_collector_confirm(one, SOME_MS, &err), 0);
    expect_end(other);
    expect_end(one);
    drover_collector_destroy(one);
    drover_collector_destroy(other);
    tear_down(true);
}

static void values_reach_the_call(void)
{
    static const uint8_t seven[] = { 7 }, nonsense[] = { 0xff };
    const struct drover_value none = { NULL, 0 };
    served_make(&served);
    served_add(&served, 300);
    server = served_fork(&served, false);
    struct drover_collector *collector = collect();
    ASSERT_INT(drover_collector_send(collector, served.path,
                                     (struct drover_value){ seven, 1 }, SOME_MS,
                                     &err),
               0);
    ASSERT_INT(
        drover_collector_send(collector, served.path, none, SOME_MS, &err), 0);
    ASSERT_INT(drover_collector_send(collector, served.path,
                                     (struct drover_value){ nonsense, 1 },
                                     SOME_MS, &err),
               -EINVAL);
    ASSERT_INT(
        drover_collector_send(collector, "elsewhere", none, SOME_MS, &err),
        -ENOENT);
    /* Items that came meanwhile are still there. */
    expect_items(collector, 1, 300, false, true);
    served_kill(&served, server);
    ASSERT_INT(
        drover_collector_send(collector, served.path, none, SOME_MS, &err),
        -EPIPE);
    drover_collector_destroy(collector);
    served_remove(&served);
}

static void a_value_that_is_too_large_is_refused_at_once(void)
{
    size_t size = MESSAGE_LIMIT_FROM_COLLECTOR_BYTES;
    served_make(&served);
    server = served_fork(&served, false);
    uint8_t *bytes = calloc(1, size);
    memcpy(bytes, "\x5a\x00\xff\xff\xfb", 5);
    struct drover_collector *collector = collect();
    ASSERT_INT(drover_collector_send(collector, served.path,
                                     (struct drover_value){ bytes, size },
                                     SOME_MS, &err),
               -EMSGSIZE);
    free(bytes);
    drover_collector_destroy(collector);
    served_kill(&served, server);
    served_remove(&served);
}

static void who_only_asks_is_answered(void)
{
    struct reference reference;
    struct link link;
    struct drover_value standing, pid;
    uint64_t number;
    int64_t deadline_ms = clock_now_ms() + SOME_MS;
    set_up(1, true);
    ASSERT_INT(reference_find(served.path, &reference, &err), 0);
    ASSERT_INT(link_reach(&link, &reference, deadline_ms, &err), 0);
    ASSERT_INT(link_ask(&link, true, deadline_ms, &standing, &err), 0);
    ASSERT_INT(drover_map_get(standing, "pid", &pid), 0);
    ASSERT_INT(drover_value_get_uint(pid, &number), 0);
    ASSERT_INT(number, server);
    ASSERT_INT(link_cancel(&link, deadline_ms, &standing, &err), 0);
    ASSERT_INT(link_ask(&link, false, deadline_ms, &standing, &err), 0);
    link_close(&link);
    reference_clear(&reference);
    tear_down(false);
}

UNIT_CASES(CASE(a_server_that_is_killed_is_said_once),
           CASE(who_comes_when_the_process_ends_goes_on_with_the_store),
           CASE(a_server_that_gave_nothing_is_not_missed),
           CASE(acknowledgements_that_were_lost_are_said),
           CASE(two_collectors_share), CASE(values_reach_the_call),
           CASE(a_value_that_is_too_large_is_refused_at_once),
           CASE(who_only_asks_is_answered))
