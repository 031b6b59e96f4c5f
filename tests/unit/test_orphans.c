/* I4: what a keeper that was killed leaves behind is killed, and nobody else.
 * Keepers are forks here that start one process each, in a session of its own,
 * and wait. Each case is a child of its own, with no other children. */
#include "run/orphans.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"

enum { PATIENCE_MS = 20 * 1000 };

static void in_a_child(int (*run)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(run());
    ASSERT(pid > 0);
    ASSERT_INT(waitpid(pid, &status, 0), pid);
    ASSERT_INT(status, 0);
}

/* But not for long when the test has failed. */
static _Noreturn void wait_for_ever(void)
{
    enum { LONGEST_S = 120 };
    alarm(LONGEST_S);
    for (;;)
        pause();
}

/* Returns when it is in its session. */
static pid_t start_child(bool own_session)
{
    int ends[2];
    char byte;
    if (pipe2(ends, O_CLOEXEC) < 0)
        _exit(90);
    pid_t pid = fork();
    if (pid == 0) {
        if (own_session)
            setsid();
        close(ends[1]);
        wait_for_ever();
    }
    close(ends[1]);
    while (read(ends[0], &byte, 1) > 0)
        ;
    close(ends[0]);
    return pid;
}

/* Start a keeper; *TASK is what it has started. */
static pid_t start_keeper(pid_t *task)
{
    int ends[2];
    if (orphans_watch(NULL) < 0 || pipe2(ends, O_CLOEXEC) < 0)
        _exit(91);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        pid_t own = start_child(true);
        if (write(ends[1], &own, sizeof own) != sizeof own)
            _exit(92);
        wait_for_ever();
    }
    orphans_spare(pid);
    if (read(ends[0], task, sizeof *task) != sizeof *task)
        _exit(93);
    close(ends[0]);
    close(ends[1]);
    return pid;
}

static void kill_keeper(pid_t keeper)
{
    kill(keeper, SIGKILL);
    waitpid(keeper, NULL, 0);
    orphans_forget(keeper);
}

static bool lives(pid_t pid)
{
    return kill(pid, 0) == 0;
}

static bool has_children(void)
{
    return waitpid(-1, NULL, WNOHANG) == 0;
}

static int lose_one(void)
{
    pid_t task;
    pid_t keeper = start_keeper(&task);
    kill_keeper(keeper);
    if (!lives(task))
        return 1;
    orphans_kill_until(clock_now_ms() + PATIENCE_MS);
    if (lives(task) || has_children() || orphans_kill() > 0)
        return 2;
    orphans_unwatch();
    return 0;
}

static void what_a_dead_keeper_leaves_is_killed_and_reaped(void)
{
    in_a_child(lose_one);
}

static int lose_one_of_two(void)
{
    pid_t tasks[2];
    pid_t lost = start_keeper(&tasks[0]), kept = start_keeper(&tasks[1]);
    kill_keeper(lost);
    orphans_kill_until(clock_now_ms() + PATIENCE_MS);
    if (lives(tasks[0]) || !lives(tasks[1]) || !lives(kept))
        return 1;
    kill_keeper(kept);
    orphans_kill_until(clock_now_ms() + PATIENCE_MS);
    if (lives(tasks[1]) || has_children())
        return 2;
    orphans_unwatch();
    orphans_unwatch();
    return 0;
}

static void keepers_that_live_keep_what_is_theirs(void)
{
    in_a_child(lose_one_of_two);
}

static int have_others(void)
{
    pid_t task, before = start_child(true);
    pid_t keeper = start_keeper(&task), beside = start_child(false);
    kill_keeper(keeper);
    orphans_kill_until(clock_now_ms() + PATIENCE_MS);
    int result = lives(task) || !lives(before) || !lives(beside);
    kill(before, SIGKILL);
    kill(beside, SIGKILL);
    orphans_unwatch();
    return result;
}

static void children_that_have_nothing_to_do_with_keepers_are_left_alone(void)
{
    in_a_child(have_others);
}

static int look_once(void)
{
    pid_t task;
    pid_t keeper = start_keeper(&task);
    siginfo_t ended;
    kill_keeper(keeper);
    /* Whether that comes too early depends. */
    pid_t left = orphans_kill();
    if (left != (lives(task) ? task : 0))
        return 1;
    if (left > 0 && waitid(P_PID, (id_t)task, &ended, WEXITED | WNOWAIT) < 0)
        return 2;
    if (orphans_kill() > 0 || lives(task))
        return 3;
    orphans_unwatch();
    return 0;
}

static void nothing_is_said_to_be_left_only_when_that_is_so(void)
{
    in_a_child(look_once);
}

static int watch_again(void)
{
    pid_t task;
    kill_keeper(start_keeper(&task));
    orphans_kill_until(clock_now_ms() + PATIENCE_MS);
    orphans_unwatch();
    pid_t own = start_child(true);
    kill_keeper(start_keeper(&task));
    orphans_kill_until(clock_now_ms() + PATIENCE_MS);
    int result = lives(task) || !lives(own);
    kill(own, SIGKILL);
    orphans_unwatch();
    return result;
}

static void children_that_came_when_nobody_watched_are_left_alone(void)
{
    in_a_child(watch_again);
}

UNIT_CASES(CASE(what_a_dead_keeper_leaves_is_killed_and_reaped),
           CASE(keepers_that_live_keep_what_is_theirs),
           CASE(children_that_have_nothing_to_do_with_keepers_are_left_alone),
           CASE(nothing_is_said_to_be_left_only_when_that_is_so),
           CASE(children_that_came_when_nobody_watched_are_left_alone))
