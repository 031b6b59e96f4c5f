/* Stores on a disk that is full: a small file system of this program's own.
 * That needs root; the cases end early without. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <drover/collect.h>

#include "scratch.h"
#include "store/ballast.h"
#include "store/delivery.h"
#include "stores.h"
#include "unit.h"

/* --- The disk --------------------------------------------------------------
 */

static bool mount_small_disk(void)
{
    stores_begin();
    scratch_make_folder(scratch_path("state"));
    if (unshare(CLONE_NEWNS) == 0 &&
        mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
        mount("none", scratch_path("state"), "tmpfs", 0,
              "size=400k,mode=700") == 0)
        return true;
    stores_end();
    return false;
}

static void unmount(void)
{
    ASSERT_INT(umount(scratch_path("state")), 0);
    stores_end();
}

static size_t count_free(void)
{
    struct statvfs disk;
    ASSERT_INT(statvfs(scratch_path("state"), &disk), 0);
    return (size_t)disk.f_bavail * disk.f_bsize;
}

/* Leave so many bytes, at most. */
static void fill_disk(size_t left)
{
    static const char bytes[4096];
    int file = open(scratch_path("state/filler"),
                    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ASSERT(file >= 0);
    while (count_free() > left)
        if (write(file, bytes, sizeof bytes) <= 0)
            break;
    close(file);
}

static void empty_disk(void)
{
    unlink(scratch_path("state/filler"));
}

/* --- Running on it ---------------------------------------------------------
 */

/* Calls that are committed one by one, until there is no room. Returns how many
 * were. */
static uint64_t record_until_full(struct store *store, uint64_t most)
{
    for (uint64_t i = 0; i < most; i++) {
        stores_return_int(store, "count", i);
        int status = store_commit(store, &stores_error);
        if (status == 0)
            continue;
        ASSERT_INT(status, -ENOSPC);
        ASSERT_CONTAINS(stores_error.message, "the disk is full");
        return i;
    }
    return most;
}

/* Items 1 to COUNT are there, and none else. */
static void expect_items(struct store *store, uint64_t count)
{
    struct delivery_item item;
    for (uint64_t i = 1; i <= count; i++) {
        ASSERT_INT(delivery_next(store, i - 1, true, &item, NULL), 1);
        ASSERT_INT(item.number, i);
        ASSERT_INT(stores_int(item.value), i - 1);
    }
    ASSERT_INT(delivery_next(store, count, true, &item, NULL), 0);
}

static void expect_state(const struct store *store, enum store_state state)
{
    struct store_summary summary;
    store_summarize(store, &summary);
    ASSERT_TEXT(store_state_name(summary.state), store_state_name(state));
}

/* --- Cases -----------------------------------------------------------------
 */

static void a_store_for_which_there_is_no_room_is_not_made(void)
{
    struct store_run run = {
        .job = "job", .text = "", .file = "", .directory = "/", .address = ""
    };
    if (!mount_small_disk())
        return;
    for (size_t left = 0; left <= 120 * 1024; left += 4096) {
        struct store *store = NULL;
        fill_disk(left);
        int status = store_create(&run, &store, &stores_error);
        if (status == 0) {
            ASSERT_INT(store_end_run(store, STORE_HALTED, NULL), 0);
            store_close(store);
        } else {
            ASSERT_INT(status, -ENOSPC);
            ASSERT_INT(scratch_count(scratch_path("state/drover")), 0);
        }
        ASSERT_INT(system("rm -rf \"$XDG_STATE_HOME\"/*"), 0);
    }
    unmount();
}

static void what_is_committed_stays_and_the_end_is_written(void)
{
    if (!mount_small_disk())
        return;
    for (size_t left = 0; left <= 100 * 1024; left += 4096) {
        struct store *store = stores_create();
        fill_disk(left);
        uint64_t count = record_until_full(store, 1000);
        ASSERT(count < 1000);
        ASSERT_INT(store_end_run(store, STORE_FINISHED, NULL), -ENOSPC);
        ASSERT_INT(store_end_run(store, STORE_HALTED, &stores_error), 0);
        ASSERT_INT(store_add_event(store, "more", NULL), -ENOSPC);
        store = stores_reopen(store);
        expect_state(store, STORE_HALTED);
        expect_items(store, count);
        empty_disk();
        /* There is room again: it is carried on. */
        ASSERT_INT(store_reopen_run(store, "", false, NULL), 0);
        stores_return_int(store, "count", count);
        ASSERT_INT(store_end_run(store, STORE_FINISHED, NULL), 0);
        expect_items(store, count + 1);
        char *folder = strdup(store_folder(store));
        store_close(store);
        ASSERT_INT(store_remove(folder, NULL), 0);
        free(folder);
    }
    unmount();
}

/* Whatever else finds no room: nothing of the run was missing. */
static void a_run_that_was_finished_stays_so(void)
{
    if (!mount_small_disk())
        return;
    struct store *store = stores_create();
    ASSERT_INT(record_until_full(store, 20), 20);
    store = stores_reopen(store);
    fill_disk(0);
    ASSERT_INT(store_end_run(store, STORE_FINISHED, NULL), 0);
    ASSERT_INT(delivery_give(store, 1, 1, NULL), -ENOSPC);
    ASSERT_INT(store_end_run(store, STORE_HALTED, NULL), 0);
    expect_state(store, STORE_FINISHED);
    store = stores_reopen(store);
    expect_state(store, STORE_FINISHED);
    expect_items(store, 20);
    store_close(store);
    unmount();
}

static void acknowledgements_find_room_in_the_ballast(void)
{
    struct delivery_item item;
    if (!mount_small_disk())
        return;
    struct store *store = stores_create();
    ASSERT_INT(record_until_full(store, 20), 20);
    store = stores_reopen(store);
    fill_disk(0);
    ASSERT_INT(delivery_give(store, 1, 20, NULL), 0);
    ASSERT_INT(store_commit(store, NULL), 0);
    for (uint64_t i = 1; i <= 5; i++) {
        ASSERT_INT(delivery_acknowledge(store, i, i, NULL), 0);
        ASSERT_INT(store_commit(store, NULL), 0);
    }
    store = stores_reopen(store);
    ASSERT_INT(delivery_next(store, 0, false, &item, NULL), 1);
    ASSERT_INT(item.number, 6);
    ASSERT(item.redelivered);
    store_close(store);
    unmount();
}

/* However much is acknowledged: it ends, and says how. */
static void acknowledgements_leave_room_for_the_end(void)
{
    enum { ITEMS = 100 };
    uint64_t done = 0;
    if (!mount_small_disk())
        return;
    struct store *store = stores_create();
    for (uint64_t i = 0; i < ITEMS; i++)
        stores_return_int(store, "count", i);
    store = stores_reopen(store);
    fill_disk(0);
    int status = 0;
    while (status == 0 && done < ITEMS) {
        ASSERT_INT(delivery_acknowledge(store, done + 1, done + 1, NULL), 0);
        status = store_commit(store, NULL);
        done += status == 0;
    }
    ASSERT_INT(status, -ENOSPC);
    ASSERT(done > 0);
    ASSERT_INT(store_end_run(store, STORE_HALTED, NULL), 0);
    store = stores_reopen(store);
    expect_state(store, STORE_HALTED);
    store_close(store);
    unmount();
}

/* That they were given cannot be recorded: so they are not. */
static void a_collector_is_given_nothing_on_a_full_disk(void)
{
    struct drover_collected item;
    if (!mount_small_disk())
        return;
    struct store *store = stores_create();
    ASSERT_INT(record_until_full(store, 20), 20);
    ASSERT_INT(store_end_run(store, STORE_FINISHED, NULL), 0);
    char *folder = strdup(store_folder(store));
    store_close(store);
    ASSERT_INT(unlink(stores_file(folder, "ballast")), 0);
    fill_disk(0);
    struct drover_collector *collector = drover_collector_create(NULL, NULL);
    ASSERT_INT(drover_collector_connect(collector, folder, NULL), 0);
    ASSERT_INT(drover_collector_next(collector, &item, 0, &stores_error),
               -ENOSPC);
    ASSERT_CONTAINS(stores_error.message, "the disk is full");
    ASSERT_INT(drover_collector_next(collector, &item, 0, NULL), 0);
    drover_collector_destroy(collector);
    empty_disk();
    collector = drover_collector_create(NULL, NULL);
    ASSERT_INT(drover_collector_connect(collector, folder, NULL), 0);
    ASSERT_INT(drover_collector_next(collector, &item, 0, NULL), 1);
    ASSERT(!item.redelivered);
    drover_collector_destroy(collector);
    free(folder);
    unmount();
}

/* What came with them is lost, and that is said; they are not. */
static void acknowledgements_outlive_results_that_found_no_room(void)
{
    struct delivery_item item;
    struct store_summary summary;
    if (!mount_small_disk())
        return;
    struct store *store = stores_create();
    ASSERT_INT(record_until_full(store, 20), 20);
    fill_disk(0);
    while (store_uncommitted(store) < BALLAST_BYTES)
        stores_return_int(store, "count", 20);
    ASSERT_INT(delivery_acknowledge(store, 1, 7, NULL), 0);
    ASSERT_INT(store_commit(store, NULL), -ENOSPC);
    store_summarize(store, &summary);
    ASSERT_INT(summary.done, 20);
    ASSERT_INT(summary.acknowledged, 7);
    ASSERT_INT(store_commit(store, NULL), -ENOSPC);
    store = stores_reopen(store);
    ASSERT_INT(delivery_next(store, 0, false, &item, NULL), 1);
    ASSERT_INT(item.number, 8);
    expect_items(store, 20);
    store_close(store);
    unmount();
}

/* So large that SQLite writes some of it before it is committed. */
static void acknowledgements_outlive_a_result_that_found_no_room(void)
{
    enum { SIZE = 16 * 1024 * 1024, HEAD = 5 };
    struct delivery_item item;
    if (!mount_small_disk())
        return;
    struct store *store = stores_create();
    ASSERT_INT(record_until_full(store, 20), 20);
    uint8_t *bytes = calloc(1, SIZE);
    ASSERT(bytes != NULL);
    memcpy(bytes, "\x5a\x00\xff\xff\xfb", HEAD);
    struct record_value value = { .number = 1,
                                  .value = { bytes, SIZE },
                                  .offered = true };
    ASSERT_INT(delivery_acknowledge(store, 1, 7, NULL), 0);
    ASSERT_INT(record_add_value(store, 1, &value, NULL, NULL), -ENOSPC);
    ASSERT_INT(store_commit(store, &stores_error), -ENOSPC);
    ASSERT_CONTAINS(stores_error.message, "the disk is full");
    ASSERT_INT(store_add_event(store, "more", NULL), -ENOSPC);
    ASSERT_INT(store_end_run(store, STORE_HALTED, NULL), 0);
    store = stores_reopen(store);
    expect_state(store, STORE_HALTED);
    ASSERT_INT(delivery_next(store, 0, false, &item, NULL), 1);
    ASSERT_INT(item.number, 8);
    expect_items(store, 20);
    store_close(store);
    free(bytes);
    unmount();
}

UNIT_CASES(CASE(a_store_for_which_there_is_no_room_is_not_made),
           CASE(what_is_committed_stays_and_the_end_is_written),
           CASE(a_run_that_was_finished_stays_so),
           CASE(acknowledgements_find_room_in_the_ballast),
           CASE(acknowledgements_leave_room_for_the_end),
           CASE(a_collector_is_given_nothing_on_a_full_disk),
           CASE(acknowledgements_outlive_results_that_found_no_room),
           CASE(acknowledgements_outlive_a_result_that_found_no_room))
