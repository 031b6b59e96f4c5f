/* Serving a run: when it is over, and what is left of it then. */
#include "background/serving.h"

#include <drover/collect.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background/recording.h"
#include "nest.h"
#include "tasks.h"
#include "unit.h"

static struct drover_error err;

/* A run at ADDRESS, in the nest; NULL: without one. */
static struct store *create_store(const char *address)
{
    struct store_run run = { .job = "job",
                             .text = "",
                             .file = "",
                             .directory = "/",
                             .address = address == NULL ? "" : address,
                             .workers = 1,
                             .keep_ms = -1 };
    struct store *store = NULL;
    ASSERT_INT(store_create(&run, &store, &err), 0);
    return store;
}

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", nest_folder(), name);
    return path;
}

static struct serving *serve(struct store *store, const char *path,
                             int64_t linger_ms)
{
    struct serving_setting setting = { .store = store,
                                       .path = path,
                                       .linger_ms = linger_ms };
    struct serving *serving = NULL;
    ASSERT_INT(serving_open(&serving, &setting, &err), 0);
    return serving;
}

static void record(struct store *store, int64_t n)
{
    struct recording recording = { .store = store, .stage = "stage" };
    struct drover_outcome item = { .cause = DROVER_OK,
                                   .ended = true,
                                   .index = (uint64_t)n,
                                   .args = args_of(n),
                                   .value = value_of(n),
                                   .text = "" };
    ASSERT_INT(recording_add(&recording, &item, &err), 0);
    ASSERT(recording.ended);
}

static void turn_until_over(struct serving *serving)
{
    while (!serving_is_over(serving)) {
        struct pollfd news = { .fd = serving_descriptor(serving),
                               .events = POLLIN };
        (void)poll(&news, 1, serving_patience_ms(serving));
        ASSERT_INT(serving_turn(serving, &err), 0);
    }
}

/* A process that collects all there is; it ends with their sum. */
static pid_t start_collecting(const char *path)
{
    pid_t pid = fork();
    ASSERT(pid >= 0);
    if (pid > 0)
        return pid;
    struct drover_collector *collector = drover_collector_create(NULL, NULL);
    struct drover_collected item;
    int64_t sum = 0, n = 0;
    if (drover_collector_connect(collector, path, NULL) < 0)
        _exit(255);
    while (drover_collector_next(collector, &item, SOON_MS, NULL) == 1) {
        if (drover_value_get_int(item.outcome.value, &n) == 0)
            sum += n;
        drover_collector_acknowledge(collector, &item, NULL);
    }
    drover_collector_destroy(collector);
    _exit((int)sum);
}

static int await_sum(pid_t pid)
{
    int status;
    ASSERT_INT(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

/* --- Without an address -----------------------------------------------------
 */

static void without_an_address_it_only_records(void)
{
    nest_enter();
    struct store_summary summary;
    struct store *store = create_store(NULL);
    struct serving *serving = serve(store, NULL, -1);
    ASSERT_INT(serving_descriptor(serving), -1);
    ASSERT_INT(serving_patience_ms(serving), -1);
    record(store, 1);
    ASSERT_INT(serving_commit(serving, &err), 0);
    ASSERT_INT(store_uncommitted(store), 0);
    ASSERT_INT(serving_turn(serving, &err), 0);
    ASSERT(!serving_is_over(serving));
    ASSERT_INT(serving_finish(serving, STORE_CANCELLED, &err), 0);
    ASSERT(serving_is_over(serving));
    store_summarize(store, &summary);
    ASSERT_INT(summary.state, STORE_CANCELLED);
    ASSERT_INT(summary.items, 1);
    serving_close(serving);
    store_close(store);
    nest_leave();
}

/* --- At an address ----------------------------------------------------------
 */

static void it_is_over_when_all_is_acknowledged(void)
{
    nest_enter();
    const char *path = path_of("a.socket");
    struct store *store = create_store(path);
    struct serving *serving = serve(store, path, -1);
    pid_t collector = start_collecting(path);
    for (int64_t n = 1; n <= 3; n++) {
        record(store, n);
        ASSERT_INT(serving_commit(serving, &err), 0);
        ASSERT_INT(serving_turn(serving, &err), 0);
    }
    ASSERT(!serving_is_over(serving));
    record(store, 4);
    ASSERT_INT(serving_finish(serving, STORE_FINISHED, &err), 0);
    turn_until_over(serving);
    serving_close(serving);
    store_close(store);
    ASSERT_INT(await_sum(collector), 10);
    ASSERT_INT(access("a.socket", F_OK), -1);
    ASSERT_INT(access(".a.socket.lock", F_OK), -1);
    nest_leave();
}

static void what_nobody_comes_for_is_left_after_a_while(void)
{
    nest_enter();
    const char *path = path_of("a.socket");
    struct store *store = create_store(path);
    struct serving *serving = serve(store, path, 1);
    record(store, 7);
    ASSERT_INT(serving_finish(serving, STORE_FINISHED, &err), 0);
    turn_until_over(serving);
    serving_close(serving);
    store_close(store);
    ASSERT_INT(access("a.socket", F_OK), -1);
    ASSERT_INT(access(".a.socket.lock", F_OK), 0);
    ASSERT_INT(await_sum(start_collecting(path)), 7);
    nest_leave();
}

static void it_waits_for_ever_if_told_to(void)
{
    nest_enter();
    const char *path = path_of("a.socket");
    struct store *store = create_store(path);
    struct serving *serving = serve(store, path, -1);
    record(store, 7);
    ASSERT_INT(serving_finish(serving, STORE_FINISHED, &err), 0);
    ASSERT(!serving_is_over(serving));
    ASSERT(serving_patience_ms(serving) > 0);
    ASSERT_INT(serving_turn(serving, &err), 0);
    ASSERT(!serving_is_over(serving));
    serving_close(serving);
    store_close(store);
    nest_leave();
}

static void an_address_has_one_owner(void)
{
    nest_enter();
    const char *path = path_of("a.socket");
    struct store *store = create_store(path), *other = create_store(path);
    struct serving *serving = serve(store, path, -1), *none = NULL;
    struct serving_setting setting = { .store = other, .path = path };
    ASSERT_INT(serving_open(&none, &setting, &err), -EADDRINUSE);
    ASSERT(none == NULL);
    serving_close(serving);
    ASSERT_INT(serving_open(&none, &setting, &err), 0);
    serving_close(none);
    store_close(other);
    store_close(store);
    nest_leave();
}

/* --- In forks ---------------------------------------------------------------
 */

static void a_fork_that_abandons_it_does_not_end_it(void)
{
    nest_enter();
    const char *path = path_of("a.socket");
    struct store *store = create_store(path);
    struct serving *serving = serve(store, path, -1);
    pid_t pid = fork();
    ASSERT(pid >= 0);
    if (pid == 0) {
        serving_abandon(serving);
        store_abandon(store);
        _exit(0);
    }
    ASSERT_INT(await_sum(pid), 0);
    ASSERT_INT(nest_owner("a.socket"), getpid());
    ASSERT_INT(access("a.socket", F_OK), 0);
    pid = start_collecting(path);
    record(store, 5);
    ASSERT_INT(serving_finish(serving, STORE_FINISHED, &err), 0);
    turn_until_over(serving);
    serving_close(serving);
    store_close(store);
    ASSERT_INT(await_sum(pid), 5);
    nest_leave();
}

UNIT_CASES(CASE(without_an_address_it_only_records),
           CASE(it_is_over_when_all_is_acknowledged),
           CASE(what_nobody_comes_for_is_left_after_a_while),
           CASE(it_waits_for_ever_if_told_to), CASE(an_address_has_one_owner),
           CASE(a_fork_that_abandons_it_does_not_end_it))
