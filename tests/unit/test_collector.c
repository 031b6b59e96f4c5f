/* Collecting, from who serves an address and from the store of who has gone:
 * both behave the same. test_collector_*.c have what holds for one only. */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collecting.h"
#include "store/delivery.h"
#include "unit.h"

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

/* --- Both ---------------------------------------------------------------- */

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

/* --- Nobody -------------------------------------------------------------- */

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
           CASE(nothing_is_found_where_nothing_is),
           CASE(without_a_collector_everything_fails),
           CASE(a_window_has_its_limit))
