/* Killing all that a process leaves behind. Each case is a child of its own,
 * for a subreaper it stays. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/tree.h"
#include "unit.h"

/* Run CASE in a child; it returns 0 when all was well. */
static void in_a_child(int (*run)(struct tree *tree))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct tree tree;
        int result = tree_open(&tree, NULL) < 0 ? 99 : run(&tree);
        tree_close(&tree);
        _exit(result);
    }
    ASSERT(pid > 0);
    ASSERT_INT(waitpid(pid, &status, 0), pid);
    ASSERT_INT(status, 0);
}

static _Noreturn void wait_for_ever(void)
{
    signal(SIGTERM, SIG_IGN);
    for (;;)
        pause();
}

/* A process that waits for ever. */
static pid_t start_child(void)
{
    pid_t pid = fork();
    if (pid == 0)
        wait_for_ever();
    return pid;
}

/* A process in a session of its own, whose parent has gone. Says so by the end
 * of PIPE. */
static void start_daemon(int pipe_end)
{
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        pid_t grandchild = fork();
        if (grandchild == 0) {
            close(pipe_end);
            wait_for_ever();
        }
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

static int kill_nothing(struct tree *tree)
{
    return tree_kill(tree, NULL, 0) == 0 ? 0 : 1;
}

static void where_there_is_nobody_nobody_is_killed(void)
{
    in_a_child(kill_nothing);
}

static int kill_children(struct tree *tree)
{
    for (int i = 0; i < 5; i++)
        start_child();
    if (tree_kill(tree, NULL, 0) != 5)
        return 1;
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 2;
}

static void children_are_killed_and_reaped(void)
{
    in_a_child(kill_children);
}

static int kill_daemons(struct tree *tree)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return 1;
    for (int i = 0; i < 3; i++)
        start_daemon(ends[1]);
    close(ends[1]);
    /* All have been started when nobody holds the pipe. */
    char byte;
    if (read(ends[0], &byte, 1) != 0)
        return 2;
    if (tree_kill(tree, NULL, 0) != 3)
        return 3;
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 4;
}

static void those_who_moved_to_other_sessions_are_killed(void)
{
    in_a_child(kill_daemons);
}

/* A child with a child of its own: the second becomes ours when the first is
 * killed. */
static int kill_a_chain(struct tree *tree)
{
    int ends[2];
    char byte;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return 1;
    if (fork() == 0) {
        if (fork() == 0) {
            setsid();
            close(ends[1]);
            wait_for_ever();
        }
        close(ends[1]);
        wait_for_ever();
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 0)
        return 2;
    if (tree_kill(tree, NULL, 0) != 2)
        return 3;
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 4;
}

static void children_of_children_are_killed_too(void)
{
    in_a_child(kill_a_chain);
}

static int spare_some(struct tree *tree)
{
    pid_t spared[2] = { start_child(), 0 };
    start_child();
    spared[1] = start_child();
    if (tree_kill(tree, spared, 2) != 1)
        return 1;
    for (int i = 0; i < 2; i++)
        if (kill(spared[i], 0) < 0 || waitpid(spared[i], NULL, WNOHANG) != 0)
            return 2;
    return tree_kill(tree, NULL, 0) == 2 ? 0 : 3;
}

static void those_on_the_list_are_spared(void)
{
    in_a_child(spare_some);
}

static int kill_a_crowd(struct tree *tree)
{
    enum { MANY = 300 }; /* more than are looked at in one round */
    for (int i = 0; i < MANY; i++)
        if (start_child() < 0)
            return 1;
    return tree_kill(tree, NULL, 0) == MANY ? 0 : 2;
}

static void a_crowd_is_killed_in_several_rounds(void)
{
    in_a_child(kill_a_crowd);
}

UNIT_CASES(CASE(where_there_is_nobody_nobody_is_killed),
           CASE(children_are_killed_and_reaped),
           CASE(those_who_moved_to_other_sessions_are_killed),
           CASE(children_of_children_are_killed_too),
           CASE(those_on_the_list_are_spared),
           CASE(a_crowd_is_killed_in_several_rounds))
