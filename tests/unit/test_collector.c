/* Collecting, from who serves an address and from the store of who has gone:
 * both behave the same. */
#include <drover.h>
#include <drover/collect.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background/address.h"
#include "background/link.h"
#include "base/clock.h"
#include "scratch.h"
#include "served.h"
#include "store/delivery.h"
#include "unit.h"

enum { SOME_MS = 20000 };

static struct served served;
static struct drover_error err;
static struct drover_collected item;

/* How a run is collected from: the process that serves it, or 0: it has gone.
 */
static pid_t server;

static struct drover_collector *
collect_with(const struct drover_collector_options *options)
{
    err = (struct drover_error){ 0 };
    struct drover_collector *collector = drover_collector_create(options, &err);
    ASSERT(collector != NULL);
    int status = drover_collector_connect(collector, served.path, &err);
    ASSERT_TEXT(err.message, "");
    ASSERT_INT(status, 0);
    return collector;
}

static struct drover_collector *collect(void)
{
    return collect_with(NULL);
}

static void expect_item(struct drover_collector *collector, uint64_t number,
                        bool redelivered)
{
    uint64_t value;
    err = (struct drover_error){ 0 };
    int status = drover_collector_next(collector, &item, SOME_MS, &err);
    ASSERT_TEXT(err.message, "");
    ASSERT_INT(status, 1);
    ASSERT_INT(item.number, number);
    ASSERT_INT(item.redelivered, redelivered);
    ASSERT_TEXT(item.address, served.path);
    ASSERT_TEXT(item.stage, "stage");
    ASSERT_INT(item.outcome.cause, DROVER_OK);
    ASSERT_INT(drover_value_get_uint(item.outcome.value, &value), 0);
    ASSERT_INT(value, item.outcome.index);
}

static void expect_items(struct drover_collector *collector, uint64_t first,
                         uint64_t last, bool redelivered, bool acknowledge)
{
    for (uint64_t number = first; number <= last; number++) {
        expect_item(collector, number, redelivered);
        if (acknowledge)
            ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    }
}

static void expect_end(struct drover_collector *collector)
{
    err = (struct drover_error){ 0 };
    ASSERT_INT(drover_collector_next(collector, &item, SOME_MS, &err), 0);
    ASSERT_INT(drover_collector_open(collector), 0);
}

/* A run of COUNT items that has ended. */
static void set_up(uint64_t count, bool live)
{
    served_make(&served);
    served_add(&served, count);
    server = 0;
    if (live) {
        server = served_fork(&served, true);
        return;
    }
    served_open(&served);
    served_finish(&served);
    served_close(&served);
    store_close(served.store);
    served.store = NULL;
}

/* With everything acknowledged the server ends. */
static void tear_down(bool drained)
{
    if (server > 0 && drained)
        served_await(&served, server);
    else if (server > 0)
        served_kill(&served, server);
    else
        ASSERT_INT(store_open(served.folder, &served.store, NULL), 0);
    ASSERT_INT(delivery_is_complete(served.store), drained);
    served_remove(&served);
}

/* Each case for both. */
#define BOTH(name)                                                             \
    static void name(bool live);                                               \
    static void name##_live(void)                                              \
    {                                                                          \
        name(true);                                                            \
    }                                                                          \
    static void name##_from_the_store(void)                                    \
    {                                                                          \
        name(false);                                                           \
    }                                                                          \
    static void name(bool live)

#define BOTH_CASES(name) CASE(name##_live), CASE(name##_from_the_store)

/* --- Both -------------------------------------------------------------------
 */

BOTH(everything_comes_once_and_then_the_end)
{
    set_up(1000, live);
    struct drover_collector *collector = collect();
    ASSERT_INT(drover_collector_open(collector), 1);
    expect_items(collector, 1, 1000, false, true);
    expect_end(collector);
    ASSERT_INT(drover_collector_confirm(collector, SOME_MS, &err), 0);
    drover_collector_destroy(collector);
    tear_down(true);
}

BOTH(what_was_not_acknowledged_comes_again)
{
    set_up(20, live);
    struct drover_collector *collector = collect();
    expect_items(collector, 1, 6, false, true);
    expect_items(collector, 7, 9, false, false);
    drover_collector_destroy(collector);
    collector = collect();
    expect_item(collector, 7, true);
    drover_collector_destroy(collector);
    tear_down(false);
}

BOTH(one_acknowledgement_covers_what_came_before)
{
    set_up(10, live);
    struct drover_collector *collector = collect();
    expect_items(collector, 1, 10, false, false);
    item.number = 4;
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    ASSERT_INT(drover_collector_confirm(collector, SOME_MS, &err), 0);
    /* Again, and one before it. */
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    item.number = 2;
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    drover_collector_destroy(collector);
    collector = collect();
    expect_item(collector, 5, true);
    drover_collector_destroy(collector);
    tear_down(false);
}

BOTH(what_was_not_given_out_cannot_be_acknowledged)
{
    set_up(3, live);
    struct drover_collector *collector = collect();
    expect_item(collector, 1, false);
    item.number = 2;
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), -EINVAL);
    item.number = 0;
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), -EINVAL);
    item.number = 1;
    item.address = "elsewhere";
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), -EINVAL);
    item.address = NULL;
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), -EINVAL);
    drover_collector_destroy(collector);
    tear_down(false);
}

BOTH(confirmed_is_what_survives)
{
    set_up(300, live);
    struct drover_collector *collector = collect();
    expect_items(collector, 1, 200, false, true);
    ASSERT_INT(drover_collector_confirm(collector, SOME_MS, &err), 0);
    expect_items(collector, 201, 210, false, true);
    ASSERT_INT(drover_collector_confirm(collector, SOME_MS, &err), 0);
    /* A fork that dies tells nothing more. */
    if (live)
        served_kill(&served, server);
    drover_collector_destroy(collector);
    if (!live)
        ASSERT_INT(store_open(served.folder, &served.store, NULL), 0);
    struct delivery_item next;
    ASSERT_INT(delivery_next(served.store, 0, false, &next, NULL), 1);
    ASSERT_INT(next.number, 211);
    served_remove(&served);
}

BOTH(peeking_shows_everything_and_takes_nothing)
{
    static const struct drover_collector_options peek = { .peek = true,
                                                          .window = 7 };
    set_up(100, live);
    for (int i = 0; i < 2; i++) {
        struct drover_collector *collector = collect_with(&peek);
        expect_items(collector, 1, 100, false, false);
        expect_end(collector);
        drover_collector_destroy(collector);
    }
    tear_down(false);
}

BOTH(a_window_that_is_full_is_said)
{
    static const struct drover_collector_options narrow = { .window = 3 };
    set_up(10, live);
    struct drover_collector *collector = collect_with(&narrow);
    expect_items(collector, 1, 3, false, false);
    ASSERT_INT(drover_collector_next(collector, &item, SOME_MS, &err),
               -ENOBUFS);
    ASSERT_CONTAINS(err.message, "3 items");
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    expect_items(collector, 4, 6, false, true);
    expect_items(collector, 7, 10, false, true);
    expect_end(collector);
    drover_collector_destroy(collector);
    tear_down(true);
}

BOTH(not_waiting_takes_what_is_there)
{
    static const struct drover_collector_options no_wait = { .no_wait = true };
    set_up(5, live);
    struct drover_collector *collector = collect_with(&no_wait);
    expect_items(collector, 1, 5, false, false);
    expect_end(collector);
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    ASSERT_INT(drover_collector_confirm(collector, SOME_MS, &err), 0);
    drover_collector_destroy(collector);
    tear_down(true);
}

BOTH(a_fork_can_only_destroy_the_collector)
{
    set_up(5, live);
    struct drover_collector *collector = collect();
    expect_items(collector, 1, 2, false, false);
    pid_t child = fork();
    if (child == 0) {
        bool right =
            drover_collector_next(collector, &item, 0, &err) == -EPERM &&
            drover_collector_acknowledge(collector, &item, &err) == -EPERM &&
            drover_collector_confirm(collector, 0, &err) == -EPERM &&
            drover_collector_connect(collector, "x", &err) == -EPERM;
        drover_collector_destroy(collector);
        _exit(right ? 0 : 1);
    }
    int status;
    ASSERT_INT(waitpid(child, &status, 0), child);
    ASSERT_INT(status, 0);
    expect_items(collector, 3, 5, false, true);
    expect_end(collector);
    drover_collector_destroy(collector);
    tear_down(true);
}

BOTH(a_failed_call_tells_all_that_is_known)
{
    served_make(&served);
    served_add_failure(&served, 7, DROVER_SIGNAL, "killed by signal 11", 11);
    server = 0;
    if (live) {
        server = served_fork(&served, true);
    } else {
        served_finish(&served);
        store_close(served.store);
        served.store = NULL;
    }
    struct drover_collector *collector = drover_collector_create(NULL, &err);
    const char *name = live ? served.path : served.folder;
    ASSERT_INT(drover_collector_connect(collector, name, &err), 0);
    ASSERT_INT(drover_collector_next(collector, &item, SOME_MS, &err), 1);
    ASSERT_INT(item.outcome.cause, DROVER_SIGNAL);
    ASSERT_INT(item.outcome.number, 11);
    ASSERT_INT(item.outcome.index, 7);
    ASSERT_INT(item.outcome.value.size, 0);
    ASSERT_INT(item.outcome.args.size, 0);
    ASSERT(item.outcome.ended);
    ASSERT_TEXT(item.outcome.text, "killed by signal 11");
    ASSERT_TEXT(item.address, name);
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    expect_end(collector);
    drover_collector_destroy(collector);
    tear_down(true);
}

/* --- Only live --------------------------------------------------------------
 */

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

/* --- Only from the store ----------------------------------------------------
 */

static void a_run_is_found_by_its_name(void)
{
    set_up(3, false);
    struct drover_collector *collector = drover_collector_create(NULL, &err);
    const char *name = strrchr(served.folder, '/') + 1;
    ASSERT_INT(drover_collector_connect(collector, name, &err), 0);
    ASSERT_INT(drover_collector_next(collector, &item, 0, &err), 1);
    ASSERT_TEXT(item.address, name);
    drover_collector_destroy(collector);
    tear_down(false);
}

static void a_store_has_one_collector_at_a_time(void)
{
    set_up(3, false);
    struct drover_collector *collector = collect();
    struct drover_collector *other = drover_collector_create(NULL, &err);
    ASSERT_INT(drover_collector_connect(other, served.path, &err), -EBUSY);
    ASSERT_INT(drover_collector_open(other), 0);
    drover_collector_destroy(collector);
    ASSERT_INT(drover_collector_connect(other, served.path, &err), 0);
    expect_items(other, 1, 3, false, true);
    expect_end(other);
    drover_collector_destroy(other);
    tear_down(true);
}

static void the_address_of_a_run_that_is_collected_is_forgotten(void)
{
    struct address_owner owner;
    set_up(3, false);
    ASSERT_INT(address_look(served.path, &owner, &err), 0);
    free(owner.store);
    struct drover_collector *collector = collect();
    expect_items(collector, 1, 3, false, true);
    expect_end(collector);
    ASSERT_INT(address_look(served.path, &owner, &err), -ENOENT);
    /* It is still found, by its store. */
    drover_collector_destroy(collector);
    collector = collect();
    expect_end(collector);
    drover_collector_destroy(collector);
    tear_down(true);
}

static void a_run_that_was_killed_is_not_all_there_is(void)
{
    served_make(&served);
    served_open(&served);
    served_add(&served, 3);
    served_close(&served);
    store_close(served.store);
    struct drover_collector *collector = collect();
    expect_items(collector, 1, 3, false, true);
    ASSERT_INT(drover_collector_next(collector, &item, SOME_MS, &err),
               -ECONNRESET);
    ASSERT_CONTAINS(err.message, "was killed before it ended");
    expect_end(collector);
    ASSERT_INT(drover_collector_confirm(collector, 0, &err), 0);
    drover_collector_destroy(collector);
    struct address_owner owner;
    ASSERT_INT(address_look(served.path, &owner, &err), 0);
    free(owner.store);
    server = 0;
    tear_down(true);
}

/* --- Nobody -----------------------------------------------------------------
 */

static void nothing_is_found_where_nothing_is(void)
{
    served_make(&served);
    struct drover_collector *collector = drover_collector_create(NULL, &err);
    ASSERT_INT(drover_collector_connect(collector, "nowhere", &err), -ENOENT);
    ASSERT_CONTAINS(err.message, "nowhere: nobody serves");
    ASSERT_INT(drover_collector_connect(collector, "", &err), -ENOENT);
    expect_end(collector);
    drover_collector_destroy(collector);
    served_remove(&served);
}

static void without_a_collector_everything_fails(void)
{
    const struct drover_value none = { NULL, 0 };
    ASSERT_INT(drover_collector_connect(NULL, "x", &err), -EINVAL);
    ASSERT_INT(drover_collector_next(NULL, &item, 0, &err), -EINVAL);
    ASSERT_INT(drover_collector_acknowledge(NULL, &item, &err), -EINVAL);
    ASSERT_INT(drover_collector_confirm(NULL, 0, &err), -EINVAL);
    ASSERT_INT(drover_collector_send(NULL, "x", none, 0, &err), -EINVAL);
    ASSERT_INT(drover_collector_open(NULL), 0);
    drover_collector_destroy(NULL);
}

static void a_window_has_its_limit(void)
{
    struct drover_collector_options options = { .window = 4097 };
    ASSERT(drover_collector_create(&options, &err) == NULL);
    ASSERT_INT(err.code, EINVAL);
    options.window = 4096;
    drover_collector_destroy(drover_collector_create(&options, &err));
}

UNIT_CASES(BOTH_CASES(everything_comes_once_and_then_the_end),
           BOTH_CASES(what_was_not_acknowledged_comes_again),
           BOTH_CASES(one_acknowledgement_covers_what_came_before),
           BOTH_CASES(what_was_not_given_out_cannot_be_acknowledged),
           BOTH_CASES(confirmed_is_what_survives),
           BOTH_CASES(peeking_shows_everything_and_takes_nothing),
           BOTH_CASES(a_window_that_is_full_is_said),
           BOTH_CASES(not_waiting_takes_what_is_there),
           BOTH_CASES(a_fork_can_only_destroy_the_collector),
           BOTH_CASES(a_failed_call_tells_all_that_is_known),
           CASE(a_server_that_is_killed_is_said_once),
           CASE(who_comes_when_the_process_ends_goes_on_with_the_store),
           CASE(a_server_that_gave_nothing_is_not_missed),
           CASE(acknowledgements_that_were_lost_are_said),
           CASE(two_collectors_share), CASE(values_reach_the_call),
           CASE(a_value_that_is_too_large_is_refused_at_once),
           CASE(who_only_asks_is_answered), CASE(a_run_is_found_by_its_name),
           CASE(a_store_has_one_collector_at_a_time),
           CASE(the_address_of_a_run_that_is_collected_is_forgotten),
           CASE(a_run_that_was_killed_is_not_all_there_is),
           CASE(nothing_is_found_where_nothing_is),
           CASE(without_a_collector_everything_fails),
           CASE(a_window_has_its_limit))
