/* The budget of cores. Each case is a child of its own: a process has one
 * budget for life. */
#include "process/budget.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

/* Run CASE in a child; it returns 0, or the line that went wrong. */
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

static int take_all(void)
{
    int count = 0;
    while (budget_take() >= 0)
        count++;
    return count;
}

static int take_without(void)
{
    if (budget_descriptor() != -1 || budget_take() != -1)
        return 1;
    budget_give(-1);
    return budget_take() == -1 ? 0 : 2;
}

static void without_a_budget_there_is_nothing_to_take(void)
{
    in_a_child(take_without);
}

static int take_and_give(void)
{
    budget_open(4);
    int first = budget_take();
    if (first < 0 || take_all() != 2 || budget_take() != -1)
        return 1;
    budget_give(first);
    if (budget_take() != first || budget_take() != -1)
        return 2;
    int descriptor = budget_descriptor();
    budget_open(100);
    return budget_descriptor() == descriptor && take_all() == 0 ? 0 : 3;
}

static void all_but_the_own_core_can_be_taken(void)
{
    in_a_child(take_and_give);
}

static int take_of_one(void)
{
    budget_open(1);
    return take_all();
}

static void of_one_core_none_can_be_taken(void)
{
    in_a_child(take_of_one);
}

static int take_of_many(void)
{
    budget_open(5000);
    return take_all() == 1023 ? 0 : 1;
}

static void a_budget_has_a_limit(void)
{
    in_a_child(take_of_many);
}

/* Have a child take COUNT, and keep them until it is killed. */
static pid_t start_taker(int count)
{
    char ready;
    int ends[2];
    if (pipe(ends) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        budget_forget();
        for (int i = 0; i < count; i++)
            budget_take();
        (void)!write(ends[1], "", 1);
        for (;;)
            pause();
    }
    (void)!read(ends[0], &ready, 1);
    close(ends[0]);
    close(ends[1]);
    return pid;
}

static int share(void)
{
    budget_open(6);
    budget_take();
    pid_t pid = start_taker(3);
    int left = take_all();
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (left != 1)
        return 1;
    return take_all() == 3 ? 0 : 2;
}

static void a_killed_process_gives_its_cores_back(void)
{
    in_a_child(share);
}

static int forget(void)
{
    int status;
    budget_open(3);
    if (take_all() != 2)
        return 1;
    pid_t pid = fork();
    if (pid == 0) {
        budget_forget();
        _exit(take_all());
    }
    return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 2;
}

static void what_the_parent_has_taken_is_not_the_childs(void)
{
    in_a_child(forget);
}

static int adopt(void)
{
    int small = memfd_create("small", MFD_CLOEXEC);
    int large = memfd_create("large", MFD_CLOEXEC);
    if (ftruncate(small, 2) < 0 || ftruncate(large, 1025) < 0)
        return 1;
    budget_adopt(-1);
    budget_adopt(large);
    if (budget_descriptor() != -1)
        return 2;
    budget_adopt(small);
    return budget_descriptor() == small && take_all() == 2 ? 0 : 3;
}

static void a_budget_can_be_handed_over(void)
{
    in_a_child(adopt);
}

UNIT_CASES(CASE(without_a_budget_there_is_nothing_to_take),
           CASE(all_but_the_own_core_can_be_taken),
           CASE(of_one_core_none_can_be_taken), CASE(a_budget_has_a_limit),
           CASE(a_killed_process_gives_its_cores_back),
           CASE(what_the_parent_has_taken_is_not_the_childs),
           CASE(a_budget_can_be_handed_over))
