/* [keeper] */
#include "run/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "plugin/declaration.h"
#include "plugin/load.h"
#include "plugin/worker.h"
#include "process/budget.h"
#include "process/crash.h"
#include "process/tree.h"
#include "wire/channel.h"

enum { PLUGINS_MAX = 64, HEAP_ROOM_BYTES = 512 * 1024 };

/* A worker that lives; pid 0: none.
 *
 * host_end  the host's end of its channel, until it has been handed over */
struct kept {
    pid_t pid;
    uint64_t id;
    int host_end;
    bool reused;
};

static const struct kept no_worker = { .host_end = -1 };

/* arrived  a descriptor whose message is still to be read, or -1
 * held     one that says by being open that calls may run here, or -1: workers
 *          keep theirs, too, for they may outlive a keeper that is killed */
struct keeper {
    struct channel control;
    int arrived;
    int held;
    int deaths;           /* a signalfd for SIGCHLD */
    sigset_t worker_mask; /* the signals that workers block */
    struct tree tree;
    struct slate *slate;
    /* The worker that serves, and one more that will follow it, forked while
     * the call before it runs. The host is told of that one together with the
     * end of the one before. */
    struct kept current;
    struct kept spare;
    uint64_t ordered; /* workers still to be forked */
    bool spare_lost;  /* one died by itself: none while the worker lives */
    bool reused;
    uint64_t born;
    uint64_t seed; /* of the run */
    /* Last: what changes with each worker is to lie on one page. */
    size_t plugin_count;
    struct plugin plugins[PLUGINS_MAX];
};

/* --- Loading ------------------------------------------------------------- */

static int tell(struct keeper *keeper, const struct message *message)
{
    return channel_send(&keeper->control, message, -1);
}

static int load_one(struct keeper *keeper, size_t i, const char *path,
                    struct drover_builder *declarations)
{
    struct drover_error err;
    int status = tell(keeper, &(struct message){ .type = MESSAGE_LOADING,
                                                 .as.loading = { i } });
    if (status < 0)
        return status;
    struct plugin *plugin = &keeper->plugins[i];
    status = plugin_load(path, plugin, &err);
    if (status < 0) {
        struct span reason = { err.message, strlen(err.message) };
        tell(keeper, &(struct message){ .type = MESSAGE_REFUSED,
                                        .as.refused = { i, reason } });
        return status;
    }
    declaration_encode(declarations, plugin->exported, path, plugin->build_id);
    keeper->plugin_count = i + 1;
    return 0;
}

static int load_all(struct keeper *keeper, struct drover_value paths,
                    struct drover_builder *declarations)
{
    struct drover_iterator each = drover_iterate(paths);
    struct drover_value item;
    int status = 0;
    drover_build_list_begin(declarations);
    for (size_t i = 0; status == 0 && drover_next(&each, &item); i++) {
        const char *text;
        size_t size;
        status = drover_value_get_text(item, &text, &size);
        char *path = status == 0 ? strndup(text, size) : NULL;
        if (path == NULL || i >= PLUGINS_MAX)
            status = -EINVAL;
        else
            status = load_one(keeper, i, path, declarations);
        free(path);
    }
    drover_build_list_end(declarations);
    return status;
}

static int open_plugins(struct keeper *keeper, const struct message_open *open)
{
    struct drover_builder *declarations = drover_builder_create();
    struct drover_value built;
    if (declarations == NULL)
        return -ENOMEM;
    /* While a plugin has this process the host's end goes unnoticed. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int status = open->protocol == MESSAGE_PROTOCOL ? 0 : -EPROTO;
    keeper->seed = open->seed;
    if (status == 0)
        status = load_all(keeper, open->paths, declarations);
    if (status == 0)
        status = drover_builder_value(declarations, &built, NULL);
    prctl(PR_SET_PDEATHSIG, 0);
    /* What constructors have printed must not be flushed by every worker. */
    fflush(NULL);
    if (status == 0)
        status = tell(keeper, &(struct message){ .type = MESSAGE_LOADED,
                                                 .as.loaded = { built } });
    drover_builder_destroy(declarations);
    return status;
}

/* --- Workers ------------------------------------------------------------- */

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
    int status =
        channel_send(&keeper->control, &born, keeper->current.host_end);
    descriptor_close(&keeper->current.host_end);
    return status;
}

static bool may_fork(const struct keeper *keeper)
{
    return keeper->ordered > 0 && keeper->spare.pid == 0 &&
           (keeper->current.pid == 0 || !keeper->spare_lost);
}

/* Have a worker, and a spare one, as long as such are ordered. That a spare
 * cannot be forked is no matter yet: it is tried again when it is needed. */
static int fork_ordered(struct keeper *keeper)
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
            status = tell(
                keeper, &(struct message){ .type = MESSAGE_UNBORN,
                                           .as.unborn = { (uint64_t)-error } });
        } else if (keeper->current.pid == 0) {
            status = introduce(keeper);
        }
    }
    return status;
}

/* A new order replaces what is left of the one before. */
static int take_order(struct keeper *keeper, const struct message_fork *order)
{
    bool reused = order->reused != 0;
    if (reused != keeper->reused && keeper->spare.pid != 0)
        kill(keeper->spare.pid, SIGKILL);
    keeper->reused = reused;
    keeper->ordered = reused ? 1 : order->count;
    return fork_ordered(keeper);
}

static void end_worker(const struct keeper *keeper, uint64_t id)
{
    if (keeper->current.pid != 0 && keeper->current.id == id)
        kill(keeper->current.pid, SIGKILL);
}

/* Without its descriptor the message is garbage. */
static int hold(struct keeper *keeper)
{
    if (keeper->arrived < 0)
        return -EPROTO;
    descriptor_close(&keeper->held);
    keeper->held = keeper->arrived;
    keeper->arrived = -1;
    return 0;
}

/* --- Deaths ----------------------------------------------------------------
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
    int result = channel_queue(&keeper->control, &gone);
    if (result == 0 && keeper->spare.pid != 0)
        return introduce(keeper); /* sends both at once */
    return result == 0 ? channel_flush_wait(&keeper->control) : result;
}

/* The worker that nobody has been told of has died: killed by take_order(), or
 * otherwise, and then there must be another one. */
static void replace_spare(struct keeper *keeper)
{
    descriptor_close(&keeper->spare.host_end);
    keeper->spare_lost = keeper->spare.reused == keeper->reused;
    if (keeper->spare_lost)
        keeper->ordered++;
    keeper->spare = no_worker;
}

static int reap(struct keeper *keeper)
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
    return result == 0 ? fork_ordered(keeper) : result;
}

/* --- Serving ---------------------------------------------------------------
 */

static int obey(struct keeper *keeper, const struct message *message)
{
    switch (message->type) {
    case MESSAGE_OPEN:
        return open_plugins(keeper, &message->as.open);
    case MESSAGE_FORK:
        return take_order(keeper, &message->as.fork);
    case MESSAGE_END:
        end_worker(keeper, message->as.end.worker);
        return 0;
    case MESSAGE_HOLD:
        return hold(keeper);
    default:
        return -EPROTO;
    }
}

/* Returns negative when there is nothing more to do. */
static int obey_arrived(struct keeper *keeper)
{
    struct message message;
    int descriptor;
    int status = channel_fill(&keeper->control, &descriptor);
    if (descriptor >= 0) {
        descriptor_close(&keeper->arrived);
        keeper->arrived = descriptor;
    }
    if (status == -EAGAIN)
        return 0;
    if (status <= 0)
        return -EPIPE;
    while ((status = channel_receive(&keeper->control, &message, NULL)) > 0) {
        status = obey(keeper, &message);
        if (status < 0)
            return status;
    }
    return status;
}

static void serve(struct keeper *keeper)
{
    struct pollfd polled[] = {
        { .fd = keeper->control.socket, .events = POLLIN },
        { .fd = keeper->deaths, .events = POLLIN },
    };
    int status = 0;
    while (status >= 0) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR)
            return;
        if (polled[1].revents != 0)
            status = reap(keeper);
        if (status >= 0 && polled[0].revents != 0)
            status = obey_arrived(keeper);
    }
}

static int watch_deaths(struct keeper *keeper)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &child, &keeper->worker_mask) < 0)
        return -errno;
    keeper->deaths = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return keeper->deaths < 0 ? -errno : 0;
}

static int prepare(struct keeper *keeper)
{
    int control = KEEPER_CONTROL, slate = KEEPER_SLATE;
    budget_adopt(KEEPER_BUDGET);
    for (int i = KEEPER_CONTROL; i < KEEPER_DESCRIPTORS; i++)
        if (fcntl(i, F_SETFD, FD_CLOEXEC) < 0)
            return -errno;
    channel_open(&keeper->control, &control, MESSAGE_FROM_HOST_TO_KEEPER);
    int status = slate_map(slate, &keeper->slate, NULL);
    descriptor_close(&slate);
    if (status == 0)
        status = watch_deaths(keeper);
    if (status == 0)
        status = tree_open(&keeper->tree, NULL);
    return status;
}

static int prepare_workers(void)
{
    /* The host asked for early binding, or each worker would bind anew. */
    unsetenv("LD_BIND_NOW");
    /* Room on the heap for workers that need it, so that they need not ask the
     * kernel. */
    mallopt(M_TRIM_THRESHOLD, 2 * HEAP_ROOM_BYTES);
    mallopt(M_MMAP_THRESHOLD, 2 * HEAP_ROOM_BYTES);
    free(malloc(HEAP_ROOM_BYTES));
    crash_explain();
    /* Lines are seen while a call runs, and not lost when it crashes. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    return worker_prepare();
}

int keeper_main(void)
{
    static struct keeper keeper = { .arrived = -1,
                                    .held = -1,
                                    .deaths = -1,
                                    .tree = { .children = -1 },
                                    .current = { .host_end = -1 },
                                    .spare = { .host_end = -1 } };
    prctl(PR_SET_NAME, KEEPER_ROLE);
    if (prepare(&keeper) < 0) {
        fprintf(stderr, "drover: %s is not a command for people\n",
                KEEPER_ROLE);
        return 64;
    }
    if (prepare_workers() == 0)
        serve(&keeper);
    /* The host is gone, or wants us to be. */
    tree_kill(&keeper.tree, NULL, 0);
    return EXIT_SUCCESS;
}
