/* Killing all that a process leaves behind. Each case is a child of its own,
 * for a subreaper it stays. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
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

/* But not for long when the test has failed. */
static _Noreturn void wait_for_ever(void)
{
    enum { LONGEST_S = 120 };
    alarm(LONGEST_S);
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

/* Behind more of those than are looked at in one round. */
static int spare_many(struct tree *tree)
{
    enum { MANY = 300 };
    pid_t spared[MANY], listed[MANY + 2] = { 0 };
    for (int i = 0; i < MANY; i++)
        if ((spared[i] = start_child()) < 0)
            return 1;
    pid_t victim = start_child();
    if (tree_list(tree, listed, MANY + 2) != MANY + 1)
        return 2;
    for (int i = 0; i < MANY; i++)
        if (listed[i] != spared[i])
            return 3;
    if (listed[MANY] != victim || listed[MANY + 1] != 0)
        return 4;
    if (tree_kill(tree, spared, MANY) != 1 || kill(victim, 0) == 0)
        return 5;
    return tree_kill(tree, NULL, 0) == MANY ? 0 : 6;
}

static void one_behind_many_that_are_spared_is_killed(void)
{
    in_a_child(spare_many);
}

static int list_within_room(struct tree *tree)
{
    pid_t first = start_child(), listed[2] = { 0, 0 };
    start_child();
    if (tree_list(tree, NULL, 0) != 2 || tree_list(tree, listed, 1) != 2)
        return 1;
    if (listed[0] != first || listed[1] != 0)
        return 2;
    return tree_kill(tree, NULL, 0) == 2 ? 0 : 3;
}

static void no_more_children_are_written_down_than_there_is_room_for(void)
{
    in_a_child(list_within_room);
}

static int close_and_look(struct tree *tree)
{
    struct tree second;
    int is = 0;
    if (tree_open(&second, NULL) < 0)
        return 1;
    tree_close(&second);
    if (prctl(PR_GET_CHILD_SUBREAPER, &is) < 0 || is != 1)
        return 2;
    tree_close(tree);
    return prctl(PR_GET_CHILD_SUBREAPER, &is) < 0 || is != 0 ? 3 : 0;
}

static void a_tree_that_is_closed_leaves_the_process_as_it_was(void)
{
    in_a_child(close_and_look);
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
           CASE(one_behind_many_that_are_spared_is_killed),
           CASE(no_more_children_are_written_down_than_there_is_room_for),
           CASE(a_tree_that_is_closed_leaves_the_process_as_it_was),
           CASE(a_crowd_is_killed_in_several_rounds))
