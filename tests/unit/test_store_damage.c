/* A damaged store is said, and never served: whatever happened to its files,
 * what is read is what was written, or there is an error. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/delivery.h"
#include "stores.h"
#include "unit.h"

enum {
    CALLS = 40,
    LARGE_BYTES = 30000,
    FAILED_CALL = 3,
};

static char folder[256];
static uint8_t large[LARGE_BYTES];

/* --- A store whose contents are known --------------------------------------
 */

static struct drover_value large_value(void)
{
    memcpy(large, (uint8_t[]){ 0x59, 0x75, 0x2d }, 3);
    for (size_t i = 3; i < LARGE_BYTES; i++)
        large[i] = (uint8_t)(i * i * i >> 9 ^ i);
    return (struct drover_value){ large, LARGE_BYTES };
}

static void fill(struct store *store)
{
    struct record_value value = { .value = large_value(), .offered = true };
    for (uint64_t i = 0; i < CALLS; i++) {
        if (i == FAILED_CALL)
            stores_end_call(store, "count", i, DROVER_SIGNAL);
        else
            stores_return_int(store, "count", i);
    }
    int64_t id = stores_end_call(store, "other", 0, DROVER_OK);
    ASSERT_INT(record_add_value(store, id, &value, NULL, NULL), 0);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_INT(delivery_acknowledge(store, 1, 2, NULL), 0);
}

static void make_store(void)
{
    struct record_found found;
    stores_begin();
    struct store *store = stores_create();
    snprintf(folder, sizeof folder, "%s", store_folder(store));
    fill(store);
    ASSERT_INT(record_find(store, "other", stores_key(0), 0, &found, NULL), 1);
    store_close(store);
}

static void check_item(const struct delivery_item *item)
{
    if (item->number == CALLS + 1) {
        ASSERT_TEXT(item->stage, "other");
        ASSERT(drover_value_equal(item->value, large_value()));
        return;
    }
    ASSERT_TEXT(item->stage, "count");
    ASSERT_INT(item->number, item->index + 1);
    ASSERT(!item->redelivered);
    if (item->index == FAILED_CALL) {
        ASSERT_INT(item->cause, DROVER_SIGNAL);
        ASSERT_TEXT(item->text, "it broke");
    } else {
        ASSERT_INT(stores_int(item->value), item->index);
    }
}

static int check_items(struct store *store)
{
    struct delivery_item item;
    uint64_t after = 0;
    int status;
    while ((status = delivery_next(store, after, false, &item, NULL)) == 1) {
        /* None is missing. */
        ASSERT_INT(item.number, after == 0 ? 3 : after + 1);
        check_item(&item);
        after = item.number;
    }
    if (status == 0)
        ASSERT_INT(after, CALLS + 1);
    return status;
}

static int count_failure(void *context, const struct record_call *call,
                         const struct record_outcome *outcome)
{
    int *count = context;
    ASSERT_INT(call->index, FAILED_CALL);
    ASSERT_TEXT(outcome->text, "it broke");
    ++*count;
    return 0;
}

static int check_calls(struct store *store)
{
    struct record_found found;
    int failures = 0;
    for (uint64_t i = 0; i < CALLS; i++) {
        int status =
            record_find(store, "count", stores_key(i), 0, &found, NULL);
        if (status < 0)
            return status;
        ASSERT_INT(status, 1);
        ASSERT_INT(found.cause, i == FAILED_CALL ? DROVER_SIGNAL : DROVER_OK);
    }
    int status = record_read_failures(store, count_failure, &failures, NULL);
    if (status == 0)
        ASSERT_INT(failures, 1);
    return status;
}

static void check_summary(const struct store *store)
{
    struct store_summary summary;
    store_summarize(store, &summary);
    ASSERT_INT(summary.done, CALLS);
    ASSERT_INT(summary.failed, 1);
    ASSERT_INT(summary.items, CALLS + 1);
    ASSERT_INT(summary.acknowledged, 2);
    ASSERT_TEXT(store_run(store)->address, "/run/count.socket");
}

/* Everything, and all of it right, or -EUCLEAN. */
static int read_all(void)
{
    struct store *store = NULL;
    struct drover_error err = { .code = 0 };
    int status = store_open(folder, &store, &err);
    if (status < 0) {
        ASSERT_CONTAINS(err.message, folder);
        return status;
    }
    check_summary(store);
    status = check_items(store);
    if (status == 0)
        status = check_calls(store);
    store_close(store);
    return status;
}

/* --- Damage ----------------------------------------------------------------
 */

static uint8_t *contents;
static size_t contents_size;

static void remember(void)
{
    struct stat there;
    int file = open(stores_file(folder, "run.db"), O_RDONLY | O_CLOEXEC);
    ASSERT(file >= 0 && fstat(file, &there) == 0);
    contents_size = (size_t)there.st_size;
    contents = malloc(contents_size);
    ASSERT_INT(read(file, contents, contents_size), there.st_size);
    close(file);
}

static void write_back(size_t size)
{
    int file =
        open(stores_file(folder, "run.db"), O_WRONLY | O_TRUNC | O_CLOEXEC);
    ASSERT_INT(write(file, contents, size), (long long)size);
    close(file);
    unlink(stores_file(folder, "run.db-wal"));
}

static void forget(void)
{
    free(contents);
    contents = NULL;
    stores_end();
}

static size_t repetitions(size_t count)
{
    const char *divisor = getenv("UNIT_DIVISOR");
    return divisor == NULL ? count : count / (size_t)atoi(divisor) + 1;
}

static void expect_harmless(size_t at)
{
    int status = read_all();
    if (status != 0 && status != -EUCLEAN) {
        fprintf(stderr, "at byte %zu\n", at);
        ASSERT_INT(status, -EUCLEAN);
    }
}

static void any_bit_that_falls_over_is_noticed_or_does_not_matter(void)
{
    make_store();
    ASSERT_INT(read_all(), 0);
    remember();
    size_t count = repetitions(1500), noticed = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = (i * 104729 + 17) % contents_size;
        if (i < 100)
            at = i;
        contents[at] ^= (uint8_t)(1u << i % 8);
        write_back(contents_size);
        int status = read_all();
        noticed += status == -EUCLEAN;
        expect_harmless(at);
        contents[at] ^= (uint8_t)(1u << i % 8);
    }
    /* Those in pages that are not read are not. */
    ASSERT(noticed > count / 2);
    forget();
}

static void a_record_that_was_cut_is_noticed(void)
{
    make_store();
    remember();
    size_t step = contents_size / repetitions(300) + 1;
    for (size_t size = 0; size < contents_size; size += step) {
        write_back(size);
        ASSERT_INT(read_all(), -EUCLEAN);
    }
    for (size_t size = 0; size < contents_size; size += 4096) {
        write_back(size);
        ASSERT_INT(read_all(), -EUCLEAN);
    }
    forget();
}

static void pages_that_changed_places_are_noticed(void)
{
    uint8_t page[4096];
    make_store();
    remember();
    ASSERT(contents_size > 8 * sizeof page);
    for (size_t i = 1; i < 7; i++) {
        uint8_t *one = contents + i * sizeof page, *other = one + sizeof page;
        memcpy(page, one, sizeof page);
        memcpy(one, other, sizeof page);
        memcpy(other, page, sizeof page);
        write_back(contents_size);
        expect_harmless(i * sizeof page);
        memcpy(page, one, sizeof page);
        memcpy(one, other, sizeof page);
        memcpy(other, page, sizeof page);
    }
    forget();
}

/* A large value is read from the file only when it is asked for. */
static void after_damage_nothing_else_is_served(void)
{
    struct delivery_item item;
    struct store_summary summary;
    struct store *store = NULL;
    make_store();
    remember();
    uint8_t *found = memmem(contents, contents_size, large + 9000, 100);
    ASSERT(found != NULL);
    found[50] ^= 1;
    write_back(contents_size);
    ASSERT_INT(store_open(folder, &store, NULL), 0);
    ASSERT_INT(delivery_next(store, 0, false, &item, NULL), 1);
    ASSERT_INT(delivery_next(store, CALLS, false, &item, &stores_error),
               -EUCLEAN);
    ASSERT_CONTAINS(stores_error.message,
                    "is damaged: a page has a wrong checksum; it is not "
                    "served; its file is ");
    ASSERT_INT(delivery_next(store, 0, false, &item, NULL), -EUCLEAN);
    ASSERT_INT(delivery_acknowledge(store, 1, 9, NULL), -EUCLEAN);
    ASSERT_INT(store_commit(store, NULL), -EUCLEAN);
    ASSERT_INT(store_end_run(store, STORE_HALTED, NULL), -EUCLEAN);
    store_summarize(store, &summary);
    ASSERT_INT(summary.acknowledged, 2);
    store_close(store);
    forget();
}

/* --- Records that are not ours ---------------------------------------------
 *
 * Made by SQLite itself, which knows nothing of checksums: they are put in by
 * way of the store's own kind of file. */

static void change(const char *text)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    ASSERT_INT(sqlite3_open_v2(stores_file(folder, "run.db"), &db,
                               SQLITE_OPEN_READWRITE, "drover"),
               SQLITE_OK);
    sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL);
    int status = sqlite3_exec(db, text, NULL, NULL, &message);
    ASSERT_TEXT(status == SQLITE_OK ? "" : message, "");
    sqlite3_close(db);
}

static void expect_refusal(const char *text, int code, const char *what)
{
    struct store *store = NULL;
    make_store();
    change(text);
    ASSERT_INT(store_open(folder, &store, &stores_error), code);
    ASSERT_CONTAINS(stores_error.message, what);
    stores_end();
}

static void a_record_of_another_version_is_refused(void)
{
    expect_refusal("PRAGMA user_version = 3", -EPROTONOSUPPORT,
                   "was made by another version of drover: its record has "
                   "version 3, this drover reads 2");
}

static void a_record_of_another_program_is_refused(void)
{
    expect_refusal("PRAGMA application_id = 7", -EUCLEAN,
                   "is no record of drover's");
}

static void tables_that_are_not_ours_are_refused(void)
{
    static const char what[] = "its tables are not drover's";
    expect_refusal("CREATE TABLE more (a)", -EUCLEAN, what);
    expect_refusal("DROP TABLE event", -EUCLEAN, what);
    expect_refusal("ALTER TABLE event ADD COLUMN more", -EUCLEAN, what);
    expect_refusal("CREATE VIEW v AS SELECT * FROM call", -EUCLEAN, what);
    expect_refusal("CREATE TRIGGER t AFTER UPDATE ON item "
                   "BEGIN DELETE FROM item; END",
                   -EUCLEAN, what);
}

static void rows_that_cannot_be_are_refused(void)
{
    expect_refusal("DELETE FROM run WHERE name = 'job'", -EUCLEAN,
                   "does not say what the run is");
    expect_refusal("UPDATE run SET name = 'more' WHERE name = 'job'", -EUCLEAN,
                   "says what no run has");
    expect_refusal("UPDATE run SET value = 9 WHERE name = 'state'", -EUCLEAN,
                   "in no known state");
    expect_refusal("DELETE FROM tally", -EUCLEAN, "has no tally");
    expect_refusal("UPDATE tally SET last_item = 4", -EUCLEAN,
                   "has items uncounted");
    expect_refusal("DELETE FROM stage WHERE id = 1", -EUCLEAN,
                   "a stage is missing");
    expect_refusal("PRAGMA journal_mode = DELETE", -EUCLEAN,
                   "its record has no log");
}

static void expect_unreadable(const char *text, uint64_t item_number,
                              const char *what)
{
    struct delivery_item item;
    struct store *store = NULL;
    make_store();
    change(text);
    ASSERT_INT(store_open(folder, &store, NULL), 0);
    ASSERT_INT(
        delivery_next(store, item_number - 1, false, &item, &stores_error),
        -EUCLEAN);
    ASSERT_CONTAINS(stores_error.message, what);
    store_close(store);
    stores_end();
}

static void items_that_cannot_be_are_refused(void)
{
    static const char sum[] = "a value has a wrong checksum";
    const uint64_t value = 3, failure = FAILED_CALL + 1;
    expect_unreadable("UPDATE item SET value = x'05'", value, sum);
    expect_unreadable("UPDATE item SET checksum = 0", value, sum);
    expect_unreadable("UPDATE item SET number = 1", value, sum);
    expect_unreadable("UPDATE call SET cause = 99", failure, "in no known way");
    expect_unreadable("UPDATE call SET args = x'ff'", value, "not well-formed");
    expect_unreadable("UPDATE call SET stage = 9", value, "of no call");
    expect_unreadable("DELETE FROM call", value, "of no call");
}

UNIT_CASES(CASE(any_bit_that_falls_over_is_noticed_or_does_not_matter),
           CASE(a_record_that_was_cut_is_noticed),
           CASE(pages_that_changed_places_are_noticed),
           CASE(after_damage_nothing_else_is_served),
           CASE(a_record_of_another_version_is_refused),
           CASE(a_record_of_another_program_is_refused),
           CASE(tables_that_are_not_ours_are_refused),
           CASE(rows_that_cannot_be_are_refused),
           CASE(items_that_cannot_be_are_refused))
