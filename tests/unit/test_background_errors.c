/* Background calls that cannot be started: each says why, and leaves nothing
 * behind. */
#include <drover/background.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "nest.h"
#include "store/store.h"
#include "tasks.h"
#include "unit.h"

static struct drover_error err;

/* What becomes of the store; 0: what it should. */
static int store_status;

int __real_store_create(const struct store_run *run, struct store **out,
                        struct drover_error *why);
int __wrap_store_create(const struct store_run *run, struct store **out,
                        struct drover_error *why);

int __wrap_store_create(const struct store_run *run, struct store **out,
                        struct drover_error *why)
{
    if (store_status == 0)
        return __real_store_create(run, out, why);
    if (store_status == -ECHILD)
        raise(SIGKILL);
    return error_set(why, -store_status, "the disk is full");
}

/* Whether the disk is full for processes other than `tester`, in memory that is
 * shared; NULL: it is not. */
static int *full;
static pid_t tester;

int __real_store_commit(struct store *store, struct drover_error *why);
int __wrap_store_commit(struct store *store, struct drover_error *why);

int __wrap_store_commit(struct store *store, struct drover_error *why)
{
    if (full == NULL || *full == 0 || getpid() == tester ||
        store_uncommitted(store) == 0)
        return __real_store_commit(store, why);
    return error_set(why, ENOSPC, "the disk is full");
}

static int try_at(const char *address)
{
    struct drover_background call = { .address = address, .task = task_double };
    return drover_background_start(&call, args_of(1), &err);
}

/* STATUS is what starting there comes to, and nothing is left of it. */
static void expect_refusal(const char *address, int status)
{
    int stores = nest_count_stores();
    ASSERT_INT(try_at(address), status);
    ASSERT_INT(err.code, -status);
    ASSERT_INT(nest_count_stores(), stores);
    ASSERT_INT(drover_background_start_pack(
                   &(struct drover_background){ .address = address,
                                                .task = task_double },
                   NULL, "{s: i}", "n", 1),
               status);
}

static void an_address_that_is_owned_is_refused(void)
{
    nest_enter();
    char pid[32];
    struct drover_background call = { .address = "a.socket",
                                      .task = task_hang };
    ASSERT_INT(drover_background_start(&call, args_of(1), &err), 0);
    expect_refusal("a.socket", -EADDRINUSE);
    snprintf(pid, sizeof pid, "%d", (int)nest_owner("a.socket"));
    ASSERT_CONTAINS(err.message, pid);
    ASSERT(nest_owner("a.socket") > 0);
    nest_leave();
}

static void what_is_no_socket_is_left_alone(void)
{
    nest_enter();
    FILE *file = fopen("a.socket", "w");
    ASSERT(file != NULL);
    fclose(file);
    expect_refusal("a.socket", -EEXIST);
    ASSERT_INT(access("a.socket", F_OK), 0);
    nest_leave();
}

static void an_address_must_be_the_path_of_a_file(void)
{
    nest_enter();
    expect_refusal("", -EINVAL);
    expect_refusal("folder/", -EINVAL);
    expect_refusal("nowhere/a.socket", -ENOENT);
    char name[300];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    expect_refusal(name, -ENAMETOOLONG);
    nest_leave();
}

static void a_folder_where_others_may_write_is_refused(void)
{
    nest_enter();
    ASSERT_INT(mkdir("open", S_IRWXU), 0);
    ASSERT_INT(chmod("open", S_IRWXU | S_IRWXG | S_IRWXO), 0);
    expect_refusal("open/a.socket", -EPERM);
    nest_leave();
}

static void arguments_must_be_a_map(void)
{
    nest_enter();
    struct drover_background call = { .address = "a.socket",
                                      .task = task_double };
    ASSERT_INT(drover_background_start(&call, value_of(1), &err), -EINVAL);
    ASSERT_CONTAINS(err.message, "expected a map");
    ASSERT_INT(drover_background_start_pack(&call, &err, "{s: z}", "n"),
               -EINVAL);
    ASSERT_INT(drover_background_start_pack(&call, &err, "i", 1), -EINVAL);
    ASSERT_INT(nest_count_stores(), 0);
    nest_leave();
}

static void a_name_must_be_one(void)
{
    nest_enter();
    static const char *const names[] = { "", "Big", "9", "a b", "../a", "a/b" };
    struct drover_background call = { .address = "a.socket",
                                      .task = task_double };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        call.name = names[i];
        ASSERT_INT(drover_background_start(&call, args_of(1), &err), -EINVAL);
        ASSERT_CONTAINS(err.message, names[i]);
    }
    nest_leave();
}

static void try_beside_a_thread(void)
{
    ASSERT_INT(try_at("a.socket"), -EDEADLK);
    ASSERT_INT(err.code, EDEADLK);
}

static void other_threads_are_told(void)
{
    nest_enter();
    beside_a_thread(try_beside_a_thread);
    ASSERT_INT(nest_count_stores(), 0);
    nest_leave();
}

static void a_store_that_cannot_be_made_is_told(void)
{
    nest_enter();
    store_status = -ENOSPC;
    expect_refusal("a.socket", -ENOSPC);
    ASSERT_TEXT(err.message, "the disk is full");
    store_status = 0;
    ASSERT_INT(access(".a.socket.lock", F_OK), -1);
    nest_leave();
}

static void a_background_process_that_is_killed_at_once_is_told(void)
{
    nest_enter();
    store_status = -ECHILD;
    expect_refusal("a.socket", -ECHILD);
    store_status = 0;
    nest_leave();
}

static void an_address_is_free_again_after_each_failure(void)
{
    nest_enter();
    struct drover_collected item;
    struct drover_background call = {
        .address = "a.socket",
        .task = task_double,
        .collector = drover_collector_create(NULL, &err),
    };
    store_status = -ENOSPC;
    ASSERT_INT(drover_background_start(&call, args_of(1), &err), -ENOSPC);
    store_status = 0;
    ASSERT_INT(drover_collector_open(call.collector), 0);
    ASSERT_INT(drover_background_start(&call, args_of(1), &err), 0);
    ASSERT_INT(drover_collector_next(call.collector, &item, SOON_MS, &err), 1);
    ASSERT_INT(int_of(item.outcome.value), 2);
    drover_collector_destroy(call.collector);
    nest_leave();
}

/* --- Later ------------------------------------------------------------------
 */

static int send_and_wait(struct drover_call *call)
{
    struct drover_value value;
    drover_send_pack(call, "i", 1);
    (void)drover_receive(call, &value, -1);
    drover_send_pack(call, "i", 2);
    return task_hang(call);
}

/* Whoever collects is told that there is no outcome. */
static void a_disk_that_is_full_later_ends_the_call(void)
{
    nest_enter();
    static const struct drover_value no_more = { NULL, 0 };
    struct drover_collected item;
    struct drover_background call = {
        .address = "a.socket",
        .task = send_and_wait,
        .collector = drover_collector_create(NULL, &err),
    };
    full = shared_create(sizeof *full);
    tester = getpid();
    ASSERT_INT(drover_background_start(&call, args_of(1), &err), 0);
    ASSERT_INT(drover_collector_next(call.collector, &item, SOON_MS, &err), 1);
    ASSERT_INT(drover_collector_acknowledge(call.collector, &item, &err), 0);
    ASSERT_INT(drover_collector_confirm(call.collector, SOON_MS, &err), 0);
    *full = 1;
    ASSERT_INT(drover_collector_send(call.collector, "a.socket", no_more,
                                     SOON_MS, &err),
               0);
    int status;
    while ((status = drover_collector_next(call.collector, &item, SOON_MS,
                                           &err)) > 0)
        ASSERT_INT(drover_collector_acknowledge(call.collector, &item, &err),
                   0);
    ASSERT_INT(status, -ECONNRESET);
    ASSERT_CONTAINS(err.message, "could not go on");
    drover_collector_destroy(call.collector);
    nest_expect_gone("a.socket");
    shared_destroy(full, sizeof *full);
    full = NULL;
    ASSERT_INT(system("grep -q 'the disk is full' state/drover/*/log"), 0);
    nest_leave();
}

UNIT_CASES(CASE(an_address_that_is_owned_is_refused),
           CASE(what_is_no_socket_is_left_alone),
           CASE(an_address_must_be_the_path_of_a_file),
           CASE(a_folder_where_others_may_write_is_refused),
           CASE(arguments_must_be_a_map), CASE(a_name_must_be_one),
           CASE(other_threads_are_told),
           CASE(a_store_that_cannot_be_made_is_told),
           CASE(a_background_process_that_is_killed_at_once_is_told),
           CASE(an_address_is_free_again_after_each_failure),
           CASE(a_disk_that_is_full_later_ends_the_call))
