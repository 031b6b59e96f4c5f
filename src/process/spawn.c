#include "process/spawn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"

extern char **environ;

/* The sources are first copied above every target number, or one dup2 might
 * overwrite the source of the next. */
static int copy_above_targets(const int *descriptors, size_t count, int *copies)
{
    for (size_t i = 0; i < count; i++) {
        copies[i] =
            fcntl(descriptors[i], F_DUPFD_CLOEXEC, SPAWN_DESCRIPTORS_MAX);
        if (copies[i] < 0)
            return -errno;
    }
    return 0;
}

/* What the child does before it becomes the executable. Returns 0 or a positive
 * errno value. */
static int add_actions(posix_spawn_file_actions_t *actions,
                       const struct spawn_request *request, const int *copies)
{
    int status = 0;
    if (request->folder != NULL)
        status = posix_spawn_file_actions_addchdir_np(actions, request->folder);
    for (size_t i = 0; status == 0 && i < request->count; i++)
        status = posix_spawn_file_actions_adddup2(actions, copies[i], (int)i);
    /* Whoever started us may have left descriptors open. */
    if (status == 0)
        status = posix_spawn_file_actions_addclosefrom_np(actions,
                                                          (int)request->count);
    return status;
}

static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID |
                                             POSIX_SPAWN_SETSIGDEF |
                                             POSIX_SPAWN_SETSIGMASK);
}

/* Returns 0 or a positive errno value. */
static int spawn(const char *const argv[],
                 const posix_spawn_file_actions_t *actions, pid_t *pid)
{
    posix_spawnattr_t attributes;
    int status = posix_spawnattr_init(&attributes);
    if (status != 0)
        return status;
    set_attributes(&attributes);
    /* posix_spawn takes its texts as not const, but does not write. */
    char *arguments[8];
    size_t n = 0;
    for (; argv[n] != NULL; n++) {
        assert(n + 1 < sizeof arguments / sizeof arguments[0]);
        memcpy(&arguments[n], &argv[n], sizeof arguments[n]);
    }
    arguments[n] = NULL;
    status = posix_spawn(pid, "/proc/self/exe", actions, &attributes, arguments,
                         environ);
    posix_spawnattr_destroy(&attributes);
    return status;
}

static int spawn_with(const struct spawn_request *request, const int *copies,
                      pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    int status = posix_spawn_file_actions_init(&actions);
    if (status != 0)
        return -status;
    status = add_actions(&actions, request, copies);
    if (status == 0)
        status = spawn(request->argv, &actions, pid);
    posix_spawn_file_actions_destroy(&actions);
    return -status;
}

int spawn_self(const struct spawn_request *request, pid_t *pid,
               struct drover_error *err)
{
    assert(request->count <= SPAWN_DESCRIPTORS_MAX);
    int copies[SPAWN_DESCRIPTORS_MAX];
    for (size_t i = 0; i < SPAWN_DESCRIPTORS_MAX; i++)
        copies[i] = -1;
    int status =
        copy_above_targets(request->descriptors, request->count, copies);
    if (status == 0)
        status = spawn_with(request, copies, pid);
    for (size_t i = 0; i < request->count; i++)
        descriptor_close(&copies[i]);
    if (status < 0 && request->folder != NULL)
        return error_set(err, -status,
                         "cannot start a %s process in the folder \"%s\": %s",
                         request->argv[0], request->folder, strerror(-status));
    if (status < 0)
        return error_set(err, -status, "cannot start a %s process: %s",
                         request->argv[0], strerror(-status));
    return 0;
}

/* Returns whether the process has ended in time. */
static bool wait_until(pid_t pid, int64_t deadline_ms)
{
    struct pollfd ended = { .fd = pidfd_open(pid, 0), .events = POLLIN };
    int ready = 0;
    if (ended.fd < 0)
        return false;
    for (;;) {
        int64_t left_ms = deadline_ms - clock_now_ms();
        ready = poll(&ended, 1, left_ms > 0 ? (int)left_ms : 0);
        if (ready >= 0 || errno != EINTR)
            break;
    }
    close(ended.fd);
    return ready > 0;
}

int spawn_reap(pid_t pid, int64_t deadline_ms)
{
    int status = 0;
    if (!wait_until(pid, deadline_ms))
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}
