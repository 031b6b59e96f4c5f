#include "process/fork.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

/* How many threads this process has; 0 when that cannot be told. */
static unsigned count_threads(void)
{
    struct stat tasks;
    /* A folder has a link from above, one from itself and one from each folder
     * in it. */
    if (stat("/proc/self/task", &tasks) < 0 || tasks.st_nlink < 2)
        return 0;
    return (unsigned)(tasks.st_nlink - 2);
}

/* A thread that was joined may be counted for a moment longer: its memory is
 * given back before it leaves the list. */
static unsigned await_ending_threads(void)
{
    enum { PATIENCE_US = 20 * 1000, STEP_US = 200 };
    unsigned threads = count_threads();
    for (int us = 0; threads > 1 && us < PATIENCE_US; us += STEP_US) {
        usleep(STEP_US);
        threads = count_threads();
    }
    return threads;
}

int fork_check_threads(struct drover_error *err)
{
    unsigned threads = await_ending_threads();
    if (threads <= 1)
        return 0;
    return error_set(err, EDEADLK,
                     "%u threads run in this process, and a fork would copy "
                     "only one of them, with the locks of all: start calls "
                     "before other threads, or when these have ended",
                     threads);
}

static void become_child(struct forked *out, int ends[2], pid_t parent)
{
    descriptor_close(&ends[0]);
    descriptor_set_nonblocking(ends[1], false);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* It may have died before that took effect. */
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    *out = (struct forked){ .pid = 0, .socket = ends[1], .pidfd = -1 };
}

int fork_process(struct forked *out, struct drover_error *err)
{
    int ends[2];
    int status = fork_check_threads(err);
    if (status == 0)
        status = descriptor_socket_pair(ends, err);
    if (status < 0)
        return status;
    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        status = error_set(err, errno, "cannot fork: %s", strerror(errno));
        descriptor_close(&ends[0]);
        descriptor_close(&ends[1]);
        return status;
    }
    if (pid == 0) {
        become_child(out, ends, parent);
        return 0;
    }
    descriptor_close(&ends[1]);
    *out = (struct forked){ .pid = pid,
                            .socket = ends[0],
                            .pidfd = (int)syscall(SYS_pidfd_open, pid, 0) };
    return 0;
}

void fork_abandon(const struct forked *child)
{
    struct forked gone = *child;
    kill(gone.pid, SIGKILL);
    while (waitpid(gone.pid, NULL, 0) < 0 && errno == EINTR)
        ;
    descriptor_close(&gone.socket);
    descriptor_close(&gone.pidfd);
}
