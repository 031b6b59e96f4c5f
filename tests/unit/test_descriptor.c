/* File descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "unit.h"

static void a_closed_descriptor_is_forgotten(void)
{
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC), number = file;
    descriptor_close(&file);
    ASSERT_INT(file, -1);
    ASSERT_INT(fcntl(number, F_GETFD), -1);
    descriptor_close(&file);
    ASSERT_INT(file, -1);
}

static void a_socket_pair_does_not_block_and_is_not_inherited(void)
{
    int pair[2];
    char byte = 0;
    ASSERT_INT(descriptor_socket_pair(pair, NULL), 0);
    for (int i = 0; i < 2; i++) {
        ASSERT(fcntl(pair[i], F_GETFD) & FD_CLOEXEC);
        ASSERT(fcntl(pair[i], F_GETFL) & O_NONBLOCK);
    }
    ASSERT_INT(write(pair[0], "x", 1), 1);
    ASSERT_INT(read(pair[1], &byte, 1), 1);
    ASSERT_INT(descriptor_set_nonblocking(pair[0], false), 0);
    ASSERT_INT(fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
    ASSERT_INT(descriptor_set_nonblocking(pair[0], true), 0);
    ASSERT(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
    descriptor_close(&pair[0]);
    descriptor_close(&pair[1]);
    ASSERT_INT(descriptor_set_nonblocking(-1, true), -EBADF);
}

/* 0 when a socket pair leaves alone what is closed. */
static int pair_without_output(void)
{
    int pair[2];
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    if (descriptor_socket_pair(pair, NULL) < 0)
        return 1;
    for (int i = 0; i < 2; i++)
        if (pair[i] <= STDERR_FILENO || !(fcntl(pair[i], F_GETFD) & FD_CLOEXEC))
            return 2;
    return fcntl(STDOUT_FILENO, F_GETFD) < 0 &&
                   fcntl(STDERR_FILENO, F_GETFD) < 0 &&
                   write(pair[0], "x", 1) == 1
               ? 0
               : 3;
}

static void nobody_prints_into_a_socket_pair(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(pair_without_output());
    ASSERT_INT(waitpid(pid, &status, 0), pid);
    ASSERT_INT(status, 0);
}

/* The child's status: 0 when the standard descriptors that MISSING names by
 * its bits are open again, and no other was left open. */
static void expect_standard(unsigned missing)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 3; i++)
            if (missing & 1u << i)
                close(i);
        if (descriptor_open_standard() < 0)
            _exit(1);
        for (int i = 0; i < 3; i++)
            if (fcntl(i, F_GETFD) < 0)
                _exit(2);
        int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
        close(next);
        int again = open("/dev/null", O_RDONLY | O_CLOEXEC);
        _exit(next == again && next > 2 ? 0 : 3);
    }
    ASSERT(pid > 0);
    ASSERT_INT(waitpid(pid, &status, 0), pid);
    ASSERT_INT(status, 0);
}

static void missing_standard_descriptors_are_opened(void)
{
    for (unsigned missing = 0; missing < 8; missing++)
        expect_standard(missing);
}

static void the_limit_is_raised_to_the_hard_one(void)
{
    struct rlimit before, low, now;
    ASSERT_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    low = before;
    low.rlim_cur = 64;
    ASSERT_INT(setrlimit(RLIMIT_NOFILE, &low), 0);
    size_t raised = descriptor_raise_limit();
    ASSERT_INT(getrlimit(RLIMIT_NOFILE, &now), 0);
    ASSERT_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_INT(now.rlim_cur, before.rlim_max);
    ASSERT_INT(raised, before.rlim_max);
}

UNIT_CASES(CASE(a_closed_descriptor_is_forgotten),
           CASE(a_socket_pair_does_not_block_and_is_not_inherited),
           CASE(nobody_prints_into_a_socket_pair),
           CASE(missing_standard_descriptors_are_opened),
           CASE(the_limit_is_raised_to_the_hard_one))
