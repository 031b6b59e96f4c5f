/* [keeper] */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "plugin/worker.h"
#include "run/keeper.h"
#include "run/keeper_state.h"

static const struct kept no_worker = { .host_end = -1 };

/* --- Beginnings ------------------------------------------------------------
 */

/* [worker] From the fork on: become an ordinary process, serve, end. The
 * keeper's memory is not written to: each page that is must be copied. */
static _Noreturn void be_worker(const struct keeper *keeper, int socket,
                                pid_t parent)
{
    pthread_sigmask(SIG_SETMASK, &keeper->worker_mask, NULL);
    /* The keeper outlives its workers, but for its own sudden death. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_SUCCESS);
    /* What calls start is to be waited for like the calls. */
    if (keeper->held >= 0)
        fcntl(keeper->held, F_SETFD, 0);
    close(keeper->control.socket);
    close(keeper->deaths);
    close(keeper->tree.children);
    const struct plugin_set plugins = { keeper->plugins, keeper->plugin_count };
    _exit(worker_serve(&(struct worker_setting){
        .socket = socket,
        .slate = keeper->reused ? keeper->slate : NULL,
        .printed = KEEPER_PRINTED,
        .seed = keeper->seed,
        .find = plugin_set_find,
        .find_context = &plugins,
        .plugins = &plugins,
    }));
}

/* Fork a worker. Returns 0 or a negative errno value. */
static int fork_worker(struct keeper *keeper, struct kept *kept)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        be_worker(keeper, pair[1], parent);
    }
    int code = errno;
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return -code;
    }
    *kept = (struct kept){ pid, ++keeper->born, pair[0], keeper->reused };
    return 0;
}

/* The spare becomes the worker that serves. */
static int introduce(struct keeper *keeper)
{
    keeper->current = keeper->spare;
    keeper->spare = no_worker;
    struct message born = { .type = MESSAGE_BORN,
                            .as.born = { keeper->current.id,
                                         (uint64_t)keeper->current.pid,
                                         keeper->current.reused } };
    int status = keeper_tell(keeper, &born, keeper->current.host_end);
    descriptor_close(&keeper->current.host_end);
    return status;
}

static bool may_fork(const struct keeper *keeper)
{
    return keeper->ordered > 0 && keeper->spare.pid == 0 &&
           (keeper->current.pid == 0 || !keeper->spare_lost);
}

/* That a spare cannot be forked is no matter yet: it is tried again when it is
 * needed. */
int keeper_fork_ordered(struct keeper *keeper)
{
    int status = 0;
    while (status >= 0 && may_fork(keeper)) {
        int error = fork_worker(keeper, &keeper->spare);
        if (error == 0)
            keeper->ordered--;
        if (error < 0 && keeper->current.pid != 0)
            break;
        if (error < 0) {
            keeper->ordered = 0;
            status = keeper_tell(
                keeper,
                &(struct message){ .type = MESSAGE_UNBORN,
                                   .as.unborn = { (uint64_t)-error } },
                -1);
        } else if (keeper->current.pid == 0) {
            status = introduce(keeper);
        }
    }
    return status;
}

/* The worker that nobody has been told of ends, in good order. */
static void retire_spare(struct keeper *keeper)
{
    descriptor_close(&keeper->spare.host_end);
}

void keeper_take_order(struct keeper *keeper, const struct message_fork *order)
{
    bool reused = order->reused != 0;
    keeper->leaving = !reused && order->count == 0;
    if (keeper->leaving || reused != keeper->reused)
        retire_spare(keeper);
    keeper->reused = reused;
    keeper->ordered = reused ? 1 : order->count;
}

void keeper_kill_worker(const struct keeper *keeper, uint64_t id)
{
    if (keeper->current.pid != 0 && keeper->current.id == id)
        kill(keeper->current.pid, SIGKILL);
}

/* --- Ends ----------------------------------------------------------------
 */

static uint64_t cpu_us(const struct rusage *usage)
{
    return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) *
               1000000 +
           (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* A worker is gone only when all that it left behind is. Only one worker of a
 * slot runs task code at a time, so what is no worker is the dead one's. */
static int report_gone(struct keeper *keeper, int status,
                       const struct rusage *usage)
{
    size_t leftovers =
        tree_kill(&keeper->tree, &keeper->spare.pid, keeper->spare.pid != 0);
    struct message gone = { .type = MESSAGE_GONE,
                            .as.gone = {
                                keeper->current.id, status, cpu_us(usage),
                                (uint64_t)usage->ru_maxrss, leftovers } };
    keeper->current = no_worker;
    keeper->spare_lost = false;
    if (keeper->spare.host_end < 0)
        return keeper_tell(keeper, &gone, -1);
    int result = channel_queue(&keeper->control, &gone);
    return result == 0 ? introduce(keeper) : result; /* sends both at once */
}

/* The worker that nobody has been told of has died: retired, or otherwise, and
 * then there must be another one. */
static void replace_spare(struct keeper *keeper)
{
    keeper->spare_lost = keeper->spare.host_end >= 0;
    descriptor_close(&keeper->spare.host_end);
    if (keeper->spare_lost)
        keeper->ordered++;
    keeper->spare = no_worker;
}

int keeper_reap(struct keeper *keeper)
{
    struct signalfd_siginfo signal;
    struct rusage usage;
    int status, result = 0;
    pid_t pid;
    /* One signal may stand for several deaths. */
    if (read(keeper->deaths, &signal, sizeof signal) < 0 && errno != EAGAIN)
        return -errno;
    while (result == 0 && (pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        if (pid == keeper->current.pid)
            result = report_gone(keeper, status, &usage);
        else if (pid == keeper->spare.pid)
            replace_spare(keeper);
    }
    return result == 0 ? keeper_fork_ordered(keeper) : result;
}

void keeper_await_workers(struct keeper *keeper, int64_t deadline_ms)
{
    struct pollfd death = { .fd = keeper->deaths, .events = POLLIN };
    struct signalfd_siginfo signal;
    while (keeper->current.pid != 0 || keeper->spare.pid != 0) {
        pid_t pid;
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
            if (pid == keeper->current.pid)
                keeper->current = no_worker;
            else if (pid == keeper->spare.pid)
                keeper->spare = no_worker;
        }
        int64_t left_ms = deadline_ms - clock_now_ms();
        if (pid < 0 || left_ms <= 0 || poll(&death, 1, (int)left_ms) < 0 ||
            read(keeper->deaths, &signal, sizeof signal) < 0)
            return;
    }
}
