/* I1: a log that has lost its end is no log of a shorter run: what was
 * committed is there, or the store is damaged. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stores.h"
#include "unit.h"

enum { COMMITS = 12 };

static char folder[256];

/* --- Files -----------------------------------------------------------------
 */

struct contents {
    uint8_t *bytes;
    size_t size;
};

static struct contents read_file(const char *name)
{
    struct stat there;
    int file = open(stores_file(folder, name), O_RDONLY | O_CLOEXEC);
    ASSERT(file >= 0 && fstat(file, &there) == 0);
    struct contents contents = { malloc((size_t)there.st_size),
                                 (size_t)there.st_size };
    ASSERT_INT(read(file, contents.bytes, contents.size), there.st_size);
    close(file);
    return contents;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    int file = open(stores_file(folder, name),
                    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ASSERT_INT(write(file, bytes, size), (long long)size);
    close(file);
}

/* --- A run that was killed -------------------------------------------------
 */

static struct contents record, record_log, commits;

static void commit_until_killed(struct store *store)
{
    for (uint64_t i = 0; i < COMMITS; i++) {
        stores_return_int(store, "count", i);
        if (store_commit(store, NULL) < 0)
            _exit(EXIT_FAILURE);
    }
    raise(SIGKILL);
}

static void make_killed_store(void)
{
    int status;
    stores_begin();
    struct store *store = stores_create();
    snprintf(folder, sizeof folder, "%s", store_folder(store));
    store_close(store);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0 && store_open(folder, &store, NULL) == 0)
        commit_until_killed(store);
    ASSERT_INT(waitpid(pid, &status, 0), pid);
    ASSERT(WIFSIGNALED(status));
    record = read_file("run.db");
    record_log = read_file("run.db-wal");
    commits = read_file("commits");
}

static void forget(void)
{
    free(record.bytes);
    free(record_log.bytes);
    free(commits.bytes);
    stores_end();
}

/* As it was after the kill, with so much of its log. */
static void restore(size_t log_size)
{
    write_file("run.db", record.bytes, record.size);
    write_file("run.db-wal", record_log.bytes, log_size);
    write_file("commits", commits.bytes, commits.size);
}

static int open_and_count(void)
{
    struct store *store = NULL;
    struct store_summary summary;
    int status = store_open(folder, &store, &stores_error);
    if (status < 0)
        return status;
    store_summarize(store, &summary);
    store_close(store);
    return (int)summary.done;
}

/* --- Cases -----------------------------------------------------------------
 */

static void after_a_kill_all_that_was_committed_is_there(void)
{
    make_killed_store();
    ASSERT_INT(open_and_count(), COMMITS);
    forget();
}

static void any_bit_of_the_log_that_falls_over_is_noticed(void)
{
    const char *divisor = getenv("UNIT_DIVISOR");
    size_t step = divisor == NULL ? 331 : 331 * 50, damaged = 0;
    make_killed_store();
    for (size_t at = 0; at < record_log.size; at += step) {
        record_log.bytes[at] ^= (uint8_t)(1u << at % 8);
        restore(record_log.size);
        int count = open_and_count();
        record_log.bytes[at] ^= (uint8_t)(1u << at % 8);
        if (count == COMMITS)
            continue; /* in what SQLite keeps there for itself */
        ASSERT_INT(count, -EUCLEAN);
        damaged++;
    }
    ASSERT(damaged > record_log.size / step / 2);
    forget();
}

static void a_log_that_was_cut_is_noticed(void)
{
    make_killed_store();
    for (size_t size = 0; size < record_log.size; size += 1009) {
        restore(size);
        ASSERT_INT(open_and_count(), -EUCLEAN);
    }
    restore(0);
    unlink(stores_file(folder, "run.db-wal"));
    ASSERT_INT(open_and_count(), -EUCLEAN);
    ASSERT_CONTAINS(stores_error.message,
                    "is damaged: its log lacks the last 12 of 12 commits");
    forget();
}

/* It was noted too early to know of the last commits: a power cut. */
static void an_old_witness_says_nothing_false(void)
{
    static const char old[] = "00000000000000000007\n";
    make_killed_store();
    write_file("commits", old, sizeof old - 1);
    ASSERT_INT(open_and_count(), COMMITS);
    forget();
}

static void a_witness_that_makes_no_sense_is_refused(void)
{
    static const char *const texts[] = {
        "",
        "7\n",
        "0000000000000000007x\n",
        "-0000000000000000007\n",
        "99999999999999999999\n",
        "00000000000000000007\n ",
    };
    make_killed_store();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        restore(record_log.size);
        write_file("commits", texts[i], strlen(texts[i]));
        ASSERT_INT(open_and_count(), -EUCLEAN);
        ASSERT_CONTAINS(stores_error.message,
                        "its file \"commits\" makes no sense");
    }
    unlink(stores_file(folder, "commits"));
    ASSERT_INT(open_and_count(), -EUCLEAN);
    ASSERT_CONTAINS(stores_error.message, "its file \"commits\" is missing");
    forget();
}

UNIT_CASES(CASE(after_a_kill_all_that_was_committed_is_there),
           CASE(any_bit_of_the_log_that_falls_over_is_noticed),
           CASE(a_log_that_was_cut_is_noticed),
           CASE(an_old_witness_says_nothing_false),
           CASE(a_witness_that_makes_no_sense_is_refused))
