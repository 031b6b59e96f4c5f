/* I1, I2, I3: nothing committed is lost, nothing is delivered again after its
 * acknowledgement, wherever the process is killed and whatever the disk says.
 *
 * This program's own versions of the system's calls stand before those that
 * SQLite and the store would use: in a child, the one that is chosen fails, or
 * kills. What the child has been told is in memory that outlives it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "store/ballast.h"
#include "store/delivery.h"
#include "stores.h"
#include "unit.h"

/* What was tried, and what was said to have worked. */
struct ledger {
    bool struck; /* the call that was chosen has been made */
    bool created;
    uint64_t items_tried, items;
    uint64_t given_tried, given;
    uint64_t acknowledged_tried, acknowledged;
    bool ended;
    enum store_state state;
    bool closed;
};
static struct ledger *ledger;

/* --- The system's calls ----------------------------------------------------
 */

enum fault {
    FAULT_NONE,
    FAULT_KILL,   /* in the middle of a write */
    FAULT_BROKEN, /* this one call fails */
    FAULT_FULL,   /* from now on the disk is full, but for the ballast */
};

enum {
    WRITE = 4200,
    SPARE_WRITES = (BALLAST_BYTES - BALLAST_END_BYTES) / WRITE,
    LAST_WRITES = BALLAST_END_BYTES / WRITE,
};

static enum fault fault;
static long calls_left;
static bool is_full;
static long spare_writes;
static long file_syncs, folder_syncs;
static bool folders_fail;

static bool is_chosen(void)
{
    if (fault == FAULT_NONE || --calls_left != 0)
        return false;
    ledger->struck = true;
    return true;
}

/* 0: go on. */
static int strike(void)
{
    if (!is_chosen())
        return 0;
    if (fault == FAULT_KILL)
        raise(SIGKILL);
    return fault == FAULT_BROKEN ? EIO : 0;
}

static int strike_write(int file, const void *bytes, size_t size, off_t offset)
{
    if (is_chosen() && fault == FAULT_KILL) {
        syscall(SYS_pwrite64, file, bytes, size / 2, offset);
        raise(SIGKILL);
    }
    is_full = is_full || (fault == FAULT_FULL && calls_left == 0);
    if (is_full && spare_writes-- <= 0)
        return ENOSPC;
    return fault == FAULT_BROKEN && calls_left == 0 ? EIO : 0;
}

static long fail_with(int code)
{
    errno = code;
    return -1;
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset)
{
    int code = strike_write(file, bytes, size, offset);
    return code != 0 ? fail_with(code)
                     : syscall(SYS_pwrite64, file, bytes, size, offset);
}

ssize_t write(int file, const void *bytes, size_t size)
{
    int code = strike_write(file, bytes, size, 0);
    return code != 0 ? fail_with(code) : syscall(SYS_write, file, bytes, size);
}

/* Returns 0: go on. */
static int strike_sync(int file)
{
    struct stat there;
    bool folder = fstat(file, &there) == 0 && S_ISDIR(there.st_mode);
    if (folder)
        folder_syncs++;
    else
        file_syncs++;
    return folder && folders_fail ? EIO : strike();
}

int fdatasync(int file)
{
    int code = strike_sync(file);
    return (int)(code != 0 ? fail_with(code) : syscall(SYS_fdatasync, file));
}

int fsync(int file)
{
    int code = strike_sync(file);
    return (int)(code != 0 ? fail_with(code) : syscall(SYS_fsync, file));
}

int ftruncate64(int file, off64_t size)
{
    int code = strike();
    return (int)(code != 0 ? fail_with(code)
                           : syscall(SYS_ftruncate, file, size));
}

int rename(const char *from, const char *to)
{
    int code = strike();
    return (int)(code != 0 ? fail_with(code) : syscall(SYS_rename, from, to));
}

int truncate(const char *path, off_t size)
{
    int code = strike();
    if (code == 0 && strstr(path, "/ballast") != NULL)
        spare_writes = SPARE_WRITES;
    return (int)(code != 0 ? fail_with(code)
                           : syscall(SYS_truncate, path, size));
}

int unlink(const char *path)
{
    int code = strike();
    if (code == 0 && strstr(path, "/ballast") != NULL)
        spare_writes = LAST_WRITES;
    return (int)(code != 0 ? fail_with(code) : syscall(SYS_unlink, path));
}

/* --- A run -----------------------------------------------------------------
 */

enum { ROUNDS = 5, LARGE = 30000 };

static int commit_items(struct store *store)
{
    int status = store_commit(store, NULL);
    if (status == 0)
        ledger->items = ledger->items_tried;
    return status;
}

static struct drover_value large_value(void)
{
    static uint8_t bytes[LARGE] = { 0x59, (LARGE - 3) >> 8, (LARGE - 3) & 255 };
    return (struct drover_value){ bytes, LARGE };
}

/* Two items: a number, and something that takes pages of its own. */
static int add_items(struct store *store, uint64_t round)
{
    static const uint8_t args[] = { 0xa0 };
    struct record_call call = { .stage = "count",
                                .index = round,
                                .key = stores_key(round),
                                .args = { args, 1 } };
    struct record_outcome outcome = { .text = "" };
    uint8_t byte[] = { (uint8_t)round };
    struct record_value small = { .value = { byte, 1 }, .offered = true };
    struct record_value large = {
        .number = 1, .value = large_value(), .last = true, .offered = true
    };
    int64_t id = 0;
    ledger->items_tried += 2;
    int status = record_begin(store, &call, &id, NULL);
    if (status == 0)
        status = record_add_value(store, id, &small, NULL, NULL);
    if (status == 0)
        status = record_add_value(store, id, &large, NULL, NULL);
    if (status == 0)
        status = record_end(store, &id, &call, &outcome, true, NULL);
    return status == 0 ? commit_items(store) : status;
}

static int give(struct store *store, uint64_t last)
{
    ledger->given_tried = last;
    int status = delivery_give(store, 1, last, NULL);
    if (status == 0)
        status = store_commit(store, NULL);
    if (status == 0)
        ledger->given = last;
    return status;
}

static int acknowledge(struct store *store, uint64_t last)
{
    ledger->acknowledged_tried = last;
    int status = delivery_acknowledge(store, 1, last, NULL);
    if (status == 0)
        status = store_commit(store, NULL);
    if (status == 0)
        ledger->acknowledged = last;
    return status;
}

/* The last item of a round is not acknowledged in it. */
static int play_round(struct store *store, uint64_t round)
{
    int status = add_items(store, round);
    if (status == 0)
        status = give(store, 2 * round + 2);
    return status == 0 ? acknowledge(store, 2 * round + 1) : status;
}

static int play(struct store *store)
{
    int status = 0;
    for (uint64_t round = 0; round < ROUNDS && status == 0; round++)
        status = play_round(store, round);
    return status;
}

/* Returns what the store has said of the first that went wrong. */
static int live(void)
{
    struct store_run run = {
        .job = "job", .text = "", .file = "", .directory = "/", .address = ""
    };
    struct store *store;
    int status = store_create(&run, &store, NULL);
    if (status < 0)
        return status;
    ledger->created = true;
    status = play(store);
    enum store_state state = status == 0 ? STORE_FINISHED : STORE_HALTED;
    int ended = store_end_run(store, state, NULL);
    ledger->state = state;
    ledger->ended = ended == 0;
    store_close(store);
    ledger->closed = true;
    return status == 0 ? ended : status;
}

/* --- Afterwards ------------------------------------------------------------
 */

static char *folder;

static int note_folder(void *context, const char *path)
{
    (void)context;
    ASSERT(folder == NULL);
    folder = strdup(path);
    return 0;
}

static void expect_item(const struct delivery_item *item, uint64_t number)
{
    ASSERT_INT(item->number, number);
    ASSERT_INT(item->index, (number - 1) / 2);
    if (number % 2 == 1)
        ASSERT_INT(stores_int(item->value), item->index);
    else
        ASSERT(drover_value_equal(item->value, large_value()));
    if (number <= ledger->given)
        ASSERT(item->redelivered);
    if (number > ledger->given_tried)
        ASSERT(!item->redelivered);
}

static void expect_between(uint64_t number, uint64_t least, uint64_t most)
{
    ASSERT(number >= least);
    ASSERT(number <= most);
}

/* I1, I2, I3. */
static void expect_items(struct store *store)
{
    struct delivery_item item;
    struct store_summary summary;
    store_summarize(store, &summary);
    expect_between(summary.items, ledger->items, ledger->items_tried);
    expect_between(summary.acknowledged, ledger->acknowledged,
                   ledger->acknowledged_tried);
    uint64_t after = summary.acknowledged;
    while (delivery_next(store, after == summary.acknowledged ? 0 : after,
                         false, &item, NULL) == 1) {
        expect_item(&item, after + 1);
        after++;
    }
    ASSERT_INT(after, summary.items);
}

/* The next run takes over without manual work. */
static void expect_usable(struct store *store)
{
    struct store_summary summary;
    ASSERT_INT(store_reopen_run(store, "", false, NULL), 0);
    stores_return_int(store, "more", 0);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_INT(delivery_acknowledge(store, 1, UINT64_MAX, NULL), 0);
    ASSERT_INT(store_end_run(store, STORE_FINISHED, NULL), 0);
    ASSERT(delivery_is_complete(store));
    store_summarize(store, &summary);
    ASSERT_INT(summary.state, STORE_FINISHED);
}

static void expect_state(const struct store *store)
{
    struct store_summary summary;
    store_summarize(store, &summary);
    if (ledger->ended)
        ASSERT_INT(summary.state, ledger->state);
}

static void check_afterwards(void)
{
    struct store *store = NULL;
    ASSERT_INT(store_visit(note_folder, NULL, NULL), 0);
    ASSERT(folder != NULL || !ledger->created);
    if (folder != NULL) {
        int status = store_open(folder, &store, &stores_error);
        ASSERT_TEXT(status < 0 ? stores_error.message : "", "");
        expect_items(store);
        expect_state(store);
        expect_usable(store);
        store_close(store);
        ASSERT_INT(store_remove(folder, NULL), 0);
    }
    /* Nor is anything else left. */
    ASSERT_INT(scratch_count(scratch_path("state/drover")), 0);
    free(folder);
    folder = NULL;
}

/* --- Each step -------------------------------------------------------------
 */

static int run_child(enum fault kind, long call)
{
    int status = 0;
    memset(ledger, 0, sizeof *ledger);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        fault = kind;
        calls_left = call;
        _exit(-live());
    }
    ASSERT_INT(waitpid(child, &status, 0), child);
    return status;
}

static long get_stride(void)
{
    const char *divisor = getenv("UNIT_DIVISOR");
    return divisor == NULL ? 1 : atol(divisor);
}

/* At least so many calls are tried: the whole run has more. */
enum { CALLS_AT_LEAST = 100 };

static void try_each_call(enum fault kind, void (*check)(int status))
{
    long call = 1;
    stores_begin();
    ASSERT_INT(mkdir(scratch_path("state"), 0700), 0);
    ASSERT_INT(mkdir(scratch_path("state/drover"), 0700), 0);
    ledger = mmap(NULL, sizeof *ledger, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (ledger->struck = true; ledger->struck; call += get_stride()) {
        int status = run_child(kind, call);
        if (ledger->struck)
            check(status);
        else
            ASSERT_INT(status, 0);
        check_afterwards();
    }
    ASSERT(call > CALLS_AT_LEAST);
    munmap(ledger, sizeof *ledger);
    stores_end();
}

static void expect_killed(int status)
{
    ASSERT(WIFSIGNALED(status));
    ASSERT_INT(WTERMSIG(status), SIGKILL);
}

static void a_process_killed_at_any_call_loses_nothing(void)
{
    try_each_call(FAULT_KILL, expect_killed);
}

/* Of a failed commit nobody knows whether it happened; some calls can be done
 * without. */
static void expect_broken(int status)
{
    ASSERT(WIFEXITED(status));
    if (WEXITSTATUS(status) != 0)
        ASSERT_INT(WEXITSTATUS(status), EIO);
    ASSERT_INT(ledger->ended, WEXITSTATUS(status) == 0);
}

static void a_call_that_fails_loses_nothing(void)
{
    try_each_call(FAULT_BROKEN, expect_broken);
}

/* The last that is said of the run, that it could not go on, always finds
 * room. */
static void expect_full(int status)
{
    ASSERT(WIFEXITED(status));
    if (WEXITSTATUS(status) != 0)
        ASSERT_INT(WEXITSTATUS(status), ENOSPC);
    ASSERT(ledger->ended || !ledger->created);
    ASSERT(ledger->closed || !ledger->created);
}

static void a_disk_that_is_full_at_any_call_loses_nothing(void)
{
    try_each_call(FAULT_FULL, expect_full);
}

/* What only a power cut would show: that everything was asked to last. */
static void what_is_committed_was_synced(void)
{
    stores_begin();
    struct store *store = stores_create();
    /* The record, the label; the store's folder, that of all stores. */
    ASSERT(file_syncs >= 2);
    ASSERT(folder_syncs >= 2);
    for (uint64_t i = 0; i < 3; i++) {
        file_syncs = folder_syncs = 0;
        stores_return_int(store, "count", i);
        ASSERT_INT(file_syncs, 0);
        ASSERT_INT(store_commit(store, NULL), 0);
        ASSERT(file_syncs >= 1);
        /* Of the log, which the first commit has made. */
        if (i == 0)
            ASSERT(folder_syncs >= 1);
    }
    store_close(store);
    stores_end();
}

/* SQLite would say that all is well. */
static void without_a_lasting_name_for_the_log_nothing_is_committed(void)
{
    stores_begin();
    struct store *store = stores_create();
    stores_return_int(store, "count", 0);
    folders_fail = true;
    ASSERT_INT(store_commit(store, &stores_error), -EIO);
    folders_fail = false;
    ASSERT_CONTAINS(stores_error.message, store_folder(store));
    ASSERT_INT(store_commit(store, NULL), -EIO);
    store_close(store);
    stores_end();
}

UNIT_CASES(CASE(what_is_committed_was_synced),
           CASE(without_a_lasting_name_for_the_log_nothing_is_committed),
           CASE(a_process_killed_at_any_call_loses_nothing),
           CASE(a_call_that_fails_loses_nothing),
           CASE(a_disk_that_is_full_at_any_call_loses_nothing))
