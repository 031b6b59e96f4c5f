/* I4: who carries a run on waits until nobody runs its calls any more. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stores.h"
#include "unit.h"

enum { LONG_MS = 60 * 1000, SOON_US = 20 * 1000 };

/* --- A process that runs calls ---------------------------------------------
 */

static pid_t runner;

/* Fork one that has nothing but the claim of STORE. */
static void start_runner(struct store *store)
{
    int ready[2];
    char nothing;
    ASSERT_INT(pipe2(ready, O_CLOEXEC), 0);
    runner = fork();
    if (runner != 0) {
        close(ready[1]);
        ASSERT_INT(read(ready[0], &nothing, 1), 0);
        close(ready[0]);
        return;
    }
    int claim = fcntl(store_claim_descriptor(store), F_DUPFD_CLOEXEC, 3);
    store_abandon(store);
    close(ready[1]);
    while (claim >= 0)
        pause();
    _exit(1);
}

static void end_runner(int signal)
{
    (void)signal;
    kill(runner, SIGKILL);
}

/* When some time has passed, and somebody waits for that, it is hoped. */
static void end_runner_soon(void)
{
    struct sigaction action = { .sa_handler = end_runner };
    struct itimerval soon = { .it_value = { .tv_usec = SOON_US } };
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
}

/* The one that had the store is killed: its record is free at once. */
static struct store *lose_host(struct store *store)
{
    ASSERT_INT(store_claim_calls(store, 0, &stores_error), 0);
    start_runner(store);
    return stores_reopen(store);
}

/* --- Claims ----------------------------------------------------------------
 */

static void a_claim_is_an_open_descriptor(void)
{
    stores_begin();
    struct store *store = stores_create();
    ASSERT_INT(store_claim_descriptor(store), -1);
    ASSERT_INT(store_claim_calls(store, 0, &stores_error), 0);
    int claim = store_claim_descriptor(store);
    ASSERT(claim > STDERR_FILENO);
    ASSERT(fcntl(claim, F_GETFD) & FD_CLOEXEC);
    ASSERT_INT(store_claim_calls(store, 0, &stores_error), 0);
    ASSERT_INT(store_claim_descriptor(store), claim);
    store = stores_reopen(store);
    ASSERT_INT(store_claim_descriptor(store), -1);
    ASSERT_INT(store_claim_calls(store, 0, &stores_error), 0);
    store_close(store);
    stores_end();
}

static void calls_that_still_run_are_not_claimed(void)
{
    char expected[300];
    stores_begin();
    struct store *store = lose_host(stores_create());
    ASSERT_INT(store_claim_calls(store, 0, &stores_error), -EBUSY);
    ASSERT_INT(store_claim_descriptor(store), -1);
    snprintf(expected, sizeof expected,
             "calls that were under way when run %s was killed have not ended: "
             "process %ld; end what is left, or try again later",
             store_name(store), (long)runner);
    ASSERT_TEXT(stores_error.message, expected);
    end_runner(0);
    ASSERT_INT(waitpid(runner, NULL, 0), runner);
    ASSERT_INT(store_claim_calls(store, 0, &stores_error), 0);
    store_close(store);
    stores_end();
}

static void all_that_still_run_are_named(void)
{
    char expected[64];
    stores_begin();
    struct store *store = stores_create();
    ASSERT_INT(store_claim_calls(store, 0, &stores_error), 0);
    start_runner(store);
    pid_t other = runner;
    store = lose_host(store);
    ASSERT_INT(store_claim_calls(store, 0, &stores_error), -EBUSY);
    snprintf(expected, sizeof expected, ": processes %ld %ld;",
             (long)(other < runner ? other : runner),
             (long)(other < runner ? runner : other));
    ASSERT_CONTAINS(stores_error.message, expected);
    end_runner(0);
    ASSERT_INT(waitpid(runner, NULL, 0), runner);
    ASSERT_INT(store_claim_calls(store, 0, &stores_error), -EBUSY);
    runner = other;
    end_runner(0);
    ASSERT_INT(waitpid(runner, NULL, 0), runner);
    store_close(store);
    stores_end();
}

static void a_claim_waits_for_the_last_to_end(void)
{
    stores_begin();
    struct store *store = lose_host(stores_create());
    end_runner_soon();
    ASSERT_INT(store_claim_calls(store, LONG_MS, &stores_error), 0);
    ASSERT_INT(waitpid(runner, NULL, 0), runner);
    store_close(store);
    stores_end();
}

static void a_fork_lets_go_of_the_claim(void)
{
    stores_begin();
    struct store *store = stores_create();
    ASSERT_INT(store_claim_calls(store, 0, &stores_error), 0);
    int claim = store_claim_descriptor(store), status = -1;
    pid_t child = fork();
    if (child == 0) {
        store_abandon(store);
        _exit(fcntl(claim, F_GETFD) < 0 ? 0 : 1);
    }
    ASSERT_INT(waitpid(child, &status, 0), child);
    ASSERT_INT(status, 0);
    store_close(store);
    stores_end();
}

UNIT_CASES(CASE(a_claim_is_an_open_descriptor),
           CASE(calls_that_still_run_are_not_claimed),
           CASE(all_that_still_run_are_named),
           CASE(a_claim_waits_for_the_last_to_end),
           CASE(a_fork_lets_go_of_the_claim))
