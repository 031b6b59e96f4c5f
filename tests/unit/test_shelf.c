/* Where stores are: made, found, listed, removed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "store/shelf.h"
#include "store/store.h"
#include "stores.h"
#include "unit.h"

static struct store_run run_of(const char *job, const char *address)
{
    return (struct store_run){
        .job = job,
        .text = "",
        .file = "",
        .directory = "/",
        .address = address,
    };
}

/* The folder of a new store, to be freed. */
static char *make_store(const char *job, const char *address)
{
    struct store_run run = run_of(job, address);
    struct store *store;
    ASSERT_INT(store_create(&run, &store, NULL), 0);
    char *folder = strdup(store_folder(store));
    store_close(store);
    return folder;
}

static void expect_create(int code, const char *what)
{
    struct store_run run = run_of("job", "");
    struct store *store = NULL;
    ASSERT_INT(store_create(&run, &store, &stores_error), code);
    ASSERT(store == NULL);
    ASSERT_CONTAINS(stores_error.message, what);
}

/* --- Where -----------------------------------------------------------------
 */

static void expect_shelf(const char *path)
{
    char real[PATH_MAX];
    char *folder = make_store("job", "");
    ASSERT(realpath(path, real) != NULL);
    ASSERT_INT(strncmp(folder, real, strlen(real)), 0);
    ASSERT_INT(folder[strlen(real)], '/');
    struct stat there;
    ASSERT_INT(stat(real, &there), 0);
    ASSERT_INT(there.st_mode & 0777, 0700);
    ASSERT_INT(stat(folder, &there), 0);
    ASSERT_INT(there.st_mode & 0777, 0700);
    ASSERT_INT(stat(stores_file(folder, "run.db"), &there), 0);
    ASSERT_INT(there.st_mode & 077, 0);
    free(folder);
}

static void stores_stand_where_the_standard_says(void)
{
    char *home = getenv("HOME") == NULL ? NULL : strdup(getenv("HOME"));
    stores_begin();
    expect_shelf(scratch_path("state/drover"));
    setenv("HOME", scratch_path("home"), 1);
    setenv("XDG_STATE_HOME", "relative/does/not/count", 1);
    expect_shelf(scratch_path("home/.local/state/drover"));
    ASSERT(access("relative", F_OK) < 0);
    setenv("XDG_STATE_HOME", "", 1);
    expect_shelf(scratch_path("home/.local/state/drover"));
    if (home == NULL)
        unsetenv("HOME");
    else
        setenv("HOME", home, 1);
    free(home);
    stores_end();
}

static void a_folder_that_others_may_write_is_refused(void)
{
    stores_begin();
    free(make_store("job", ""));
    ASSERT_INT(chmod(scratch_path("state/drover"), 0770), 0);
    expect_create(-EPERM, "others may write");
    ASSERT_INT(chmod(scratch_path("state/drover"), 0755), 0);
    free(make_store("job", ""));
    if (geteuid() == 0) {
        ASSERT_INT(chown(scratch_path("state/drover"), SCRATCH_NOBODY, 0), 0);
        expect_create(-EPERM, "belongs to another user (65534)");
    }
    stores_end();
}

static void what_is_in_the_way_is_said(void)
{
    stores_begin();
    scratch_make_folder(scratch_path("state"));
    scratch_make_file(scratch_path("state/drover"));
    expect_create(-ENOTDIR, "is in the way");
    setenv("XDG_STATE_HOME", scratch_path("state/drover/deeper"), 1);
    expect_create(-ENOTDIR, "cannot make the folder");
    stores_end();
}

/* --- Names -----------------------------------------------------------------
 */

static void expect_name(const char *job, const char *beginning)
{
    char name[STORE_NAME_BYTES];
    ASSERT_INT(store_make_name(job, name, NULL), 0);
    char *dash = strrchr(name, '-');
    ASSERT(dash != NULL);
    ASSERT_INT(strlen(dash + 1), 10);
    *dash = '\0';
    ASSERT_TEXT(name, beginning);
}

static void a_name_is_the_jobs_and_a_random_part(void)
{
    char one[STORE_NAME_BYTES], other[STORE_NAME_BYTES];
    expect_name("wordcount", "wordcount");
    expect_name("word count/../x", "word_count_.._x");
    expect_name("..", "_.");
    expect_name("", "run");
    expect_name("0123456789012345678901234567890123456789012345678901234567890",
                "012345678901234567890123456789012345678901234567");
    ASSERT_INT(store_make_name("a", one, NULL), 0);
    ASSERT_INT(store_make_name("a", other, NULL), 0);
    ASSERT(strcmp(one, other) != 0);
}

static void a_run_can_be_named_beforehand(void)
{
    struct store_run run = run_of("job", "");
    struct store *store = NULL;
    run.name = "job-abc";
    stores_begin();
    ASSERT_INT(store_create(&run, &store, NULL), 0);
    ASSERT_TEXT(store_name(store), "job-abc");
    ASSERT_TEXT(store_run(store)->name, "job-abc");
    store_close(store);
    ASSERT(store_create(&run, &store, NULL) < 0);
    run.name = "../job";
    ASSERT_INT(store_create(&run, &store, &stores_error), -EINVAL);
    ASSERT_TEXT(stores_error.message, "a run cannot have the name ../job");
    ASSERT_INT(scratch_count(scratch_path("state/drover")), 1);
    stores_end();
}

/* --- Looking ---------------------------------------------------------------
 */

static void expect_found(const char *reference, const char *folder)
{
    char *found = NULL;
    int status = store_find(reference, &found, &stores_error);
    ASSERT_TEXT(status < 0 ? stores_error.message : "", "");
    ASSERT_TEXT(found, folder);
    free(found);
}

static void a_run_is_found_by_its_name_its_folder_and_its_address(void)
{
    char *found = NULL;
    stores_begin();
    const char *address = scratch_path("x.socket");
    char *folder = make_store("job", address);
    expect_found(strrchr(folder, '/') + 1, folder);
    expect_found(folder, folder);
    expect_found(address, folder);
    ASSERT_INT(symlink(scratch_path("."), scratch_path("link")), 0);
    expect_found(scratch_path("link/x.socket"), folder);
    ASSERT_INT(store_find("job-nonsense", &found, &stores_error), -ENOENT);
    ASSERT_CONTAINS(stores_error.message, "there is no run job-nonsense");
    ASSERT_INT(store_find("", &found, NULL), -ENOENT);
    ASSERT_INT(store_find("..", &found, NULL), -ENOENT);
    free(folder);
    stores_end();
}

static void an_address_may_be_relative(void)
{
    char here[PATH_MAX];
    stores_begin();
    char *folder = make_store("job", scratch_path("x.socket"));
    ASSERT(getcwd(here, sizeof here) != NULL);
    ASSERT_INT(chdir(scratch_path(".")), 0);
    expect_found("x.socket", folder);
    expect_found("./x.socket", folder);
    ASSERT_INT(chdir(here), 0);
    free(folder);
    stores_end();
}

/* In the record, times are of milliseconds. */
static void let_time_pass(void)
{
    usleep(3000);
}

static void an_address_is_that_of_the_youngest_run_there(void)
{
    stores_begin();
    char *old = make_store("job", "/run/x.socket");
    let_time_pass();
    char *young = make_store("job", "/run/x.socket");
    expect_found("/run/x.socket", young);
    ASSERT_INT(store_remove(young, NULL), 0);
    expect_found("/run/x.socket", old);
    free(old);
    free(young);
    stores_end();
}

static void the_address_is_read_while_somebody_has_the_store(void)
{
    stores_begin();
    struct store *store = stores_create();
    char *address = store_read_address(store_folder(store));
    ASSERT_TEXT(address, "/run/count.socket");
    free(address);
    store_close(store);
    char *folder = make_store("job", "");
    address = store_read_address(folder);
    ASSERT_TEXT(address, "");
    free(address);
    free(folder);
    ASSERT(store_read_address(scratch_path(".")) == NULL);
    stores_end();
}

/* --- Visiting --------------------------------------------------------------
 */

static int collect_names(void *context, const char *folder)
{
    char *names = context;
    const char *name = strrchr(folder, '/') + 1;
    strncat(names, name, strcspn(name, "-"));
    strcat(names, " ");
    return strncmp(name, "stop-", 5) == 0 ? 7 : 0;
}

static void stores_are_visited_the_oldest_first(void)
{
    static const char *const jobs[] = { "c", "a", "stop", "b" };
    char names[100] = "";
    stores_begin();
    ASSERT_INT(store_visit(collect_names, names, NULL), 0);
    ASSERT_TEXT(names, "");
    for (size_t i = 0; i < 4; i++) {
        free(make_store(jobs[i], ""));
        let_time_pass();
    }
    scratch_make_file(scratch_path("state/drover/file"));
    ASSERT_INT(store_visit(collect_names, names, NULL), 7);
    ASSERT_TEXT(names, "c a stop ");
    stores_end();
}

/* Whoever was killed leaves these; who still works on one has its lock. */
static void what_is_unfinished_is_swept_away(void)
{
    char names[100] = "";
    stores_begin();
    struct store *store = stores_create();
    scratch_make_folder(scratch_path("state/drover/" SHELF_NEW "empty"));
    scratch_make_folder(scratch_path("state/drover/" SHELF_NEW "more"));
    scratch_make_file(scratch_path("state/drover/" SHELF_NEW "more/run.db"));
    scratch_make_folder(scratch_path("state/drover/" SHELF_GONE "x"));
    char *busy = shelf_join(scratch_path("state/drover"), SHELF_GONE, "busy");
    ASSERT_INT(rename(store_folder(store), busy), 0);
    ASSERT_INT(store_visit(collect_names, names, NULL), 0);
    ASSERT_TEXT(names, "");
    ASSERT_INT(scratch_count(scratch_path("state/drover")), 1);
    store_close(store);
    free(make_store("job", ""));
    ASSERT_INT(scratch_count(scratch_path("state/drover")), 1);
    free(busy);
    stores_end();
}

/* --- Removing --------------------------------------------------------------
 */

static void a_store_is_removed_with_all_that_is_in_it(void)
{
    stores_begin();
    char *folder = make_store("job", "");
    scratch_make_file(stores_file(folder, "log"));
    ASSERT_INT(store_remove(folder, NULL), 0);
    ASSERT_INT(scratch_count(scratch_path("state/drover")), 0);
    ASSERT_INT(store_remove(folder, NULL), -ENOENT);
    ASSERT_INT(store_owner(folder), 0);
    free(folder);
    stores_end();
}

static void what_is_open_is_not_removed(void)
{
    stores_begin();
    struct store *store = stores_create();
    ASSERT_INT(store_remove(store_folder(store), &stores_error), -EBUSY);
    ASSERT_CONTAINS(stores_error.message, "is in use by process");
    stores_return_int(store, "count", 0);
    ASSERT_INT(store_commit(store, NULL), 0);
    store_close(store);
    stores_end();
}

static void what_is_no_store_is_not_removed(void)
{
    stores_begin();
    scratch_make_folder(scratch_path("precious"));
    scratch_make_file(scratch_path("precious/file"));
    ASSERT_INT(store_remove(scratch_path("precious"), &stores_error), -ENOENT);
    ASSERT_CONTAINS(stores_error.message, "is no store");
    ASSERT_INT(access(scratch_path("precious/file"), F_OK), 0);
    stores_end();
}

UNIT_CASES(CASE(stores_stand_where_the_standard_says),
           CASE(a_folder_that_others_may_write_is_refused),
           CASE(what_is_in_the_way_is_said),
           CASE(a_name_is_the_jobs_and_a_random_part),
           CASE(a_run_can_be_named_beforehand),
           CASE(a_run_is_found_by_its_name_its_folder_and_its_address),
           CASE(an_address_may_be_relative),
           CASE(an_address_is_that_of_the_youngest_run_there),
           CASE(the_address_is_read_while_somebody_has_the_store),
           CASE(stores_are_visited_the_oldest_first),
           CASE(what_is_unfinished_is_swept_away),
           CASE(a_store_is_removed_with_all_that_is_in_it),
           CASE(what_is_open_is_not_removed),
           CASE(what_is_no_store_is_not_removed))
