/* The record as a whole: what a run is, how it stands, who has it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "store/store.h"
#include "stores.h"
#include "unit.h"

static char folder[256];

/* A store's folder, closed. */
static void make_store(void)
{
    stores_begin();
    struct store *store = stores_create();
    snprintf(folder, sizeof folder, "%s", store_folder(store));
    store_close(store);
}

static struct store_summary summary_of(const struct store *store)
{
    struct store_summary summary;
    store_summarize(store, &summary);
    return summary;
}

/* --- What it keeps ---------------------------------------------------------
 */

static void what_a_run_is_told_is_there_when_it_is_opened_again(void)
{
    stores_begin();
    struct store *store = stores_reopen(stores_create());
    const struct store_run *run = store_run(store);
    ASSERT_TEXT(run->name, store_name(store));
    ASSERT_TEXT(run->job, "count");
    ASSERT_TEXT(run->text, "version: 1\n");
    ASSERT_INT(run->text_size, 11);
    ASSERT_TEXT(run->file, "/jobs/count.yaml");
    ASSERT_TEXT(run->directory, "/jobs");
    ASSERT_TEXT(run->address, "/run/count.socket");
    ASSERT(run->background);
    ASSERT_INT(run->workers, 4);
    ASSERT_INT(run->keep_ms, -1);
    ASSERT_TEXT(store_warning(store), "");
    store_close(store);
    stores_end();
}

static void a_new_run_is_running_and_has_nothing_yet(void)
{
    stores_begin();
    struct store *store = stores_reopen(stores_create());
    struct store_summary summary = summary_of(store);
    ASSERT_INT(summary.state, STORE_RUNNING);
    ASSERT(summary.total == UINT64_MAX);
    ASSERT(summary.started_ms > 0);
    ASSERT_INT(summary.ended_ms, 0);
    ASSERT_INT(summary.done + summary.failed + summary.items, 0);
    ASSERT_INT(summary.attempts, 1);
    store_close(store);
    stores_end();
}

static void calls_are_counted_and_the_counts_kept(void)
{
    stores_begin();
    struct store *store = stores_create();
    stores_return_int(store, "count", 0);
    stores_return_int(store, "count", 1);
    stores_end_call(store, "count", 2, DROVER_SIGNAL);
    store_set_total(store, 4);
    ASSERT(store_uncommitted(store) > 0);
    store = stores_reopen(store);
    ASSERT_INT(store_uncommitted(store), 0);
    struct store_summary summary = summary_of(store);
    ASSERT_INT(summary.total, 4);
    ASSERT_INT(summary.done, 2);
    ASSERT_INT(summary.failed, 1);
    ASSERT_INT(summary.items, 3);
    ASSERT_INT(summary.acknowledged, 0);
    store_close(store);
    stores_end();
}

static void a_total_alone_is_committed_too(void)
{
    stores_begin();
    struct store *store = stores_create();
    ASSERT_INT(store_uncommitted(store), 0);
    store_set_total(store, 12);
    ASSERT(store_uncommitted(store) > 0);
    store = stores_reopen(store);
    ASSERT_INT(summary_of(store).total, 12);
    store_close(store);
    stores_end();
}

static void a_run_ends_and_is_carried_on(void)
{
    stores_begin();
    struct store *store = stores_create();
    ASSERT_INT(store_end_run(store, STORE_CANCELLED, NULL), 0);
    store = stores_reopen(store);
    ASSERT_INT(summary_of(store).state, STORE_CANCELLED);
    ASSERT(summary_of(store).ended_ms > 0);
    ASSERT_INT(store_reopen_run(store, "/run/other.socket", false, NULL), 0);
    ASSERT_TEXT(store_run(store)->address, "/run/other.socket");
    store = stores_reopen(store);
    ASSERT_INT(summary_of(store).state, STORE_RUNNING);
    ASSERT_INT(summary_of(store).ended_ms, 0);
    ASSERT_INT(summary_of(store).attempts, 2);
    ASSERT(!store_run(store)->background);
    char *address = store_read_address(store_folder(store));
    ASSERT_TEXT(address, "/run/other.socket");
    free(address);
    store_close(store);
    stores_end();
}

static void plugins_are_kept_in_their_order_and_replaced(void)
{
    static const struct store_plugin plugins[] = {
        { "text", "/p/text.so", "1.0", "aa" },
        { "grid", "/p/grid.so", "2.0", "bb" },
    };
    struct store_plugin plugin;
    stores_begin();
    struct store *store = stores_create();
    ASSERT_INT(store_set_plugins(store, plugins, 2, NULL), 0);
    store = stores_reopen(store);
    ASSERT_INT(store_get_plugin(store, 1, &plugin, NULL), 1);
    ASSERT_TEXT(plugin.name, "grid");
    ASSERT_TEXT(plugin.file, "/p/grid.so");
    ASSERT_TEXT(plugin.version, "2.0");
    ASSERT_TEXT(plugin.build_id, "bb");
    ASSERT_INT(store_get_plugin(store, 2, &plugin, NULL), 0);
    ASSERT_INT(store_set_plugins(store, plugins + 1, 1, NULL), 0);
    ASSERT_INT(store_get_plugin(store, 0, &plugin, NULL), 1);
    ASSERT_TEXT(plugin.name, "grid");
    ASSERT_INT(store_get_plugin(store, 1, &plugin, NULL), 0);
    store_close(store);
    stores_end();
}

static void events_are_taken(void)
{
    stores_begin();
    struct store *store = stores_create();
    ASSERT_INT(store_add_event(store, "cancelled by the user", NULL), 0);
    ASSERT(store_uncommitted(store) > 0);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_INT(store_uncommitted(store), 0);
    store_close(store);
    stores_end();
}

static void states_have_names(void)
{
    ASSERT_TEXT(store_state_name(STORE_RUNNING), "running");
    ASSERT_TEXT(store_state_name(STORE_FINISHED), "finished");
    ASSERT_TEXT(store_state_name(STORE_CANCELLED), "cancelled");
    ASSERT_TEXT(store_state_name(STORE_HALTED), "halted");
}

/* --- Who has it ------------------------------------------------------------
 */

static void a_store_is_open_once_and_who_has_it_is_said(void)
{
    char expected[400];
    make_store();
    struct store *store = NULL, *other = NULL;
    ASSERT_INT(store_owner(folder), 0);
    ASSERT_INT(store_open(folder, &store, NULL), 0);
    ASSERT_INT(store_owner(folder), getpid());
    ASSERT_INT(store_open(folder, &other, &stores_error), -EBUSY);
    ASSERT(other == NULL);
    snprintf(expected, sizeof expected, "store %s is in use by process %ld",
             folder, (long)getpid());
    ASSERT_TEXT(stores_error.message, expected);
    store_close(store);
    ASSERT_INT(store_owner(folder), 0);
    stores_end();
}

/* Whoever is killed has left its number in the file. */
static void an_owner_that_has_not_said_so_is_not_guessed(void)
{
    struct store *store = NULL;
    make_store();
    pid_t gone = fork();
    if (gone == 0)
        _exit(0);
    ASSERT_INT(waitpid(gone, NULL, 0), gone);
    ASSERT_INT(store_open(folder, &store, NULL), 0);
    int lock =
        open(stores_file(folder, "lock"), O_WRONLY | O_TRUNC | O_CLOEXEC);
    ASSERT_INT(store_owner(folder), -1);
    ASSERT(dprintf(lock, "%ld\n", (long)gone) > 0);
    ASSERT_INT(store_owner(folder), -1);
    ASSERT_INT(store_open(folder, &store, &stores_error), -EBUSY);
    ASSERT_CONTAINS(stores_error.message, "in use by another process");
    close(lock);
    store_close(store);
    stores_end();
}

static void what_is_not_committed_does_not_count(void)
{
    stores_begin();
    struct store *store = stores_create();
    store_set_total(store, 2);
    stores_return_int(store, "count", 0);
    ASSERT_INT(summary_of(store).done, 0);
    ASSERT_INT(summary_of(store).items, 0);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_INT(summary_of(store).done, 1);
    ASSERT_INT(summary_of(store).items, 1);
    ASSERT_INT(summary_of(store).total, 2);
    store_close(store);
    stores_end();
}

static int end_of(pid_t child)
{
    int status = -1;
    ASSERT_INT(waitpid(child, &status, 0), child);
    return status;
}

/* How many descriptors of files in the store's folder this process has. */
static int count_descriptors(const struct store *store)
{
    char path[PATH_MAX];
    int count = 0;
    const char *of_store = store_folder(store);
    for (int file = 0; file < 100; file++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        char *target = realpath(path, NULL);
        if (target != NULL && strncmp(target, of_store, strlen(of_store)) == 0)
            count++;
        free(target);
    }
    return count;
}

static void a_fork_lets_go_and_nothing_is_lost(void)
{
    stores_begin();
    struct store *store = stores_create();
    stores_return_int(store, "count", 0);
    ASSERT_INT(count_descriptors(store), 4);
    pid_t child = fork();
    if (child == 0) {
        store_abandon(store);
        _exit(count_descriptors(store));
    }
    ASSERT_INT(end_of(child), 0);
    stores_return_int(store, "count", 1);
    store = stores_reopen(store);
    ASSERT_INT(summary_of(store).done, 2);
    store_close(store);
    stores_end();
}

static void a_fork_cannot_use_the_store(void)
{
    stores_begin();
    struct store *store = stores_create();
    pid_t child = fork();
    if (child == 0) {
        int status = store_add_event(store, "from a fork", &stores_error);
        store_close(store);
        _exit(status == -EPERM &&
                      strstr(stores_error.message, "is a fork") != NULL
                  ? 0
                  : 1);
    }
    ASSERT_INT(end_of(child), 0);
    stores_return_int(store, "count", 0);
    store = stores_reopen(store);
    ASSERT_INT(summary_of(store).done, 1);
    store_close(store);
    stores_end();
}

/* The fork that has let go may live on. */
static void a_fork_that_lives_on_does_not_keep_the_store(void)
{
    int pipe_ends[2];
    struct store *store = NULL;
    make_store();
    ASSERT_INT(pipe2(pipe_ends, O_CLOEXEC), 0);
    ASSERT_INT(store_open(folder, &store, NULL), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte = 0;
        store_abandon(store);
        close(pipe_ends[1]);
        _exit(read(pipe_ends[0], &byte, 1) == 1 ? 0 : 1);
    }
    store_close(store);
    /* It may not have come to letting go yet. */
    int status = -EBUSY;
    for (int i = 0; i < 1000 && status == -EBUSY; i++) {
        status = store_open(folder, &store, NULL);
        usleep(status == -EBUSY ? 10000 : 0);
    }
    ASSERT_INT(status, 0);
    ASSERT_INT(write(pipe_ends[1], "x", 1), 1);
    ASSERT_INT(end_of(child), 0);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    store_close(store);
    stores_end();
}

/* --- What is refused -------------------------------------------------------
 */

static void expect_refusal(const char *path, int code, const char *what)
{
    struct store *store = NULL;
    ASSERT_INT(store_open(path, &store, &stores_error), code);
    ASSERT(store == NULL);
    ASSERT_CONTAINS(stores_error.message, what);
}

static void what_is_no_store_is_not_opened(void)
{
    make_store();
    expect_refusal("/nonexistent/store", -ENOENT, "No such file");
    expect_refusal(scratch_path("."), -ENOENT, "there is no run.db");
    expect_refusal(stores_file(folder, "run.db"), -ENOTDIR, "no folder");
    ASSERT_INT(unlink(stores_file(folder, "run.db")), 0);
    ASSERT_INT(symlink("/etc/passwd", stores_file(folder, "run.db")), 0);
    expect_refusal(folder, -ENOENT, "there is no run.db");
    stores_end();
}

static void a_symbolic_link_to_a_store_is_followed(void)
{
    struct store *store = NULL;
    make_store();
    const char *link = scratch_path("link");
    ASSERT_INT(symlink(folder, link), 0);
    ASSERT_INT(store_open(link, &store, NULL), 0);
    ASSERT_TEXT(store_folder(store), folder);
    store_close(store);
    stores_end();
}

static void a_store_that_was_copied_is_read_elsewhere(void)
{
    char command[700], copy[256];
    struct store *store = NULL;
    make_store();
    snprintf(copy, sizeof copy, "%s/copy", scratch_path("."));
    snprintf(command, sizeof command, "cp -r %s %s", folder, copy);
    ASSERT_INT(system(command), 0);
    ASSERT_INT(store_open(copy, &store, NULL), 0);
    ASSERT_TEXT(store_name(store), "copy");
    ASSERT_TEXT(store_run(store)->job, "count");
    store_close(store);
    stores_end();
}

static void a_file_of_somebody_else_is_no_record(void)
{
    make_store();
    int file = open(stores_file(folder, "run.db"), O_WRONLY | O_TRUNC);
    for (int i = 0; i < 1000; i++)
        ASSERT_INT(write(file, "not a database\n", 15), 15);
    close(file);
    expect_refusal(folder, -EUCLEAN, "is damaged: ");
    expect_refusal(folder, -EUCLEAN, "it is not served; its file is ");
    file = open(stores_file(folder, "run.db"), O_WRONLY | O_TRUNC);
    close(file);
    expect_refusal(folder, -EUCLEAN, "is damaged: ");
    stores_end();
}

static void log_something(const struct store *store)
{
    int log = store_open_log(store, NULL);
    ASSERT(log > 2);
    ASSERT_INT(write(log, "so\n", 3), 3);
    close(log);
}

static void the_log_grows_and_is_no_link(void)
{
    char path[PATH_MAX];
    struct stat file;
    struct drover_error err;
    stores_begin();
    struct store *store = stores_create();
    log_something(store);
    log_something(store);
    snprintf(path, sizeof path, "%s/log", store_folder(store));
    ASSERT_INT(stat(path, &file), 0);
    ASSERT_INT(file.st_size, 6);
    ASSERT_INT(file.st_mode & 0777, 0600);
    ASSERT_INT(unlink(path), 0);
    ASSERT_INT(symlink("/dev/null", path), 0);
    ASSERT_INT(store_open_log(store, &err), -ELOOP);
    ASSERT_CONTAINS(err.message, path);
    store_close(store);
    stores_end();
}

UNIT_CASES(CASE(what_a_run_is_told_is_there_when_it_is_opened_again),
           CASE(a_new_run_is_running_and_has_nothing_yet),
           CASE(calls_are_counted_and_the_counts_kept),
           CASE(a_total_alone_is_committed_too),
           CASE(a_run_ends_and_is_carried_on),
           CASE(plugins_are_kept_in_their_order_and_replaced),
           CASE(events_are_taken), CASE(states_have_names),
           CASE(a_store_is_open_once_and_who_has_it_is_said),
           CASE(an_owner_that_has_not_said_so_is_not_guessed),
           CASE(what_is_not_committed_does_not_count),
           CASE(a_fork_lets_go_and_nothing_is_lost),
           CASE(a_fork_cannot_use_the_store),
           CASE(a_fork_that_lives_on_does_not_keep_the_store),
           CASE(what_is_no_store_is_not_opened),
           CASE(a_symbolic_link_to_a_store_is_followed),
           CASE(a_store_that_was_copied_is_read_elsewhere),
           CASE(a_file_of_somebody_else_is_no_record),
           CASE(the_log_grows_and_is_no_link))
