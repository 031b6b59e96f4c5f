/* [keeper] */
#include "run/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "plugin/declaration.h"
#include "plugin/load.h"
#include "plugin/worker.h"
#include "process/crash.h"
#include "process/tree.h"
#include "wire/channel.h"

enum { PLUGINS_MAX = 64, WORKERS_MAX = 4 };

/* A worker that lives; pid 0: none. */
struct kept {
    pid_t pid;
    uint64_t id;
};

struct keeper {
    struct channel control;
    struct tree tree;
    struct slate *slate;
    struct plugin plugins[PLUGINS_MAX];
    size_t plugin_count;
    struct kept workers[WORKERS_MAX];
};

static volatile sig_atomic_t child_ended;

static void on_child(int number)
{
    (void)number;
    child_ended = 1;
}

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
    int status = open->protocol == MESSAGE_PROTOCOL ? 0 : -EPROTO;
    if (status == 0)
        status = load_all(keeper, open->paths, declarations);
    if (status == 0)
        status = drover_builder_value(declarations, &built, NULL);
    /* What constructors have printed must not be flushed by every worker. */
    fflush(NULL);
    if (status == 0)
        status = tell(keeper, &(struct message){ .type = MESSAGE_LOADED,
                                                 .as.loaded = { built } });
    drover_builder_destroy(declarations);
    return status;
}

/* --- Workers ------------------------------------------------------------- */

/* [worker] From the fork on: become an ordinary process, serve, end. */
static _Noreturn void be_worker(struct keeper *keeper, int socket, bool reused,
                                pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* The keeper outlives its workers, but for its own sudden death. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_SUCCESS);
    descriptor_close(&keeper->control.socket);
    tree_close(&keeper->tree);
    _exit(worker_serve(&(struct worker_setting){
        .socket = socket,
        .slate = reused ? keeper->slate : NULL,
        .printed = KEEPER_PRINTED,
        .plugins = keeper->plugins,
        .plugin_count = keeper->plugin_count,
    }));
}

static struct kept *find_worker(struct keeper *keeper, pid_t pid)
{
    for (size_t i = 0; i < WORKERS_MAX; i++)
        if (keeper->workers[i].pid == pid)
            return &keeper->workers[i];
    return NULL;
}

/* Fork a worker. Returns its process id and the host's end of its channel, or
 * a negative errno value. */
static pid_t fork_worker(struct keeper *keeper, bool reused, int *host_end)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        be_worker(keeper, pair[1], reused, parent);
    }
    int code = errno;
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return -code;
    }
    *host_end = pair[0];
    return pid;
}

static int add_worker(struct keeper *keeper, const struct message_fork *order)
{
    struct kept *kept = find_worker(keeper, 0);
    if (kept == NULL)
        return -EPROTO;
    int host_end = -1;
    pid_t pid = fork_worker(keeper, order->reused != 0, &host_end);
    if (pid < 0)
        return tell(keeper,
                    &(struct message){
                        .type = MESSAGE_UNBORN,
                        .as.unborn = { order->worker, (uint64_t)-pid } });
    *kept = (struct kept){ pid, order->worker };
    struct message born = { .type = MESSAGE_BORN,
                            .as.born = { order->worker, (uint64_t)pid } };
    int status = channel_send(&keeper->control, &born, host_end);
    descriptor_close(&host_end);
    return status;
}

static void end_worker(struct keeper *keeper, uint64_t id)
{
    for (size_t i = 0; i < WORKERS_MAX; i++)
        if (keeper->workers[i].pid != 0 && keeper->workers[i].id == id)
            kill(keeper->workers[i].pid, SIGKILL);
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
static int report_gone(struct keeper *keeper, struct kept *gone, int status,
                       const struct rusage *usage)
{
    uint64_t id = gone->id;
    gone->pid = 0;
    pid_t spared[WORKERS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < WORKERS_MAX; i++)
        if (keeper->workers[i].pid != 0)
            spared[count++] = keeper->workers[i].pid;
    size_t leftovers = tree_kill(&keeper->tree, spared, count);
    return tell(keeper,
                &(struct message){ .type = MESSAGE_GONE,
                                   .as.gone = { id, status, cpu_us(usage),
                                                (uint64_t)usage->ru_maxrss,
                                                leftovers } });
}

/* Reap whoever has ended: workers, and orphans that we inherited. */
static int reap(struct keeper *keeper)
{
    struct rusage usage;
    int status, result = 0;
    pid_t pid;
    child_ended = 0;
    while (result == 0 && (pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        struct kept *worker = find_worker(keeper, pid);
        if (worker != NULL)
            result = report_gone(keeper, worker, status, &usage);
    }
    return result;
}

/* --- Serving ---------------------------------------------------------------
 */

static int obey(struct keeper *keeper, const struct message *message)
{
    switch (message->type) {
    case MESSAGE_OPEN:
        return open_plugins(keeper, &message->as.open);
    case MESSAGE_FORK:
        return add_worker(keeper, &message->as.fork);
    case MESSAGE_END:
        end_worker(keeper, message->as.end.worker);
        return 0;
    default:
        return -EPROTO;
    }
}

/* Returns negative when there is nothing more to do. */
static int obey_arrived(struct keeper *keeper)
{
    struct message message;
    int status = channel_fill(&keeper->control, NULL);
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
    struct pollfd control = { .fd = keeper->control.socket, .events = POLLIN };
    sigset_t none;
    sigemptyset(&none);
    int status = 0;
    while (status >= 0) {
        int ready = ppoll(&control, 1, NULL, &none);
        if (child_ended)
            status = reap(keeper);
        if (status >= 0 && ready > 0)
            status = obey_arrived(keeper);
    }
}

static int prepare(struct keeper *keeper)
{
    struct sigaction action = { .sa_handler = on_child };
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    int control = KEEPER_CONTROL;
    for (int i = KEEPER_CONTROL; i < KEEPER_DESCRIPTORS; i++)
        if (fcntl(i, F_SETFD, FD_CLOEXEC) < 0)
            return -errno;
    if (sigprocmask(SIG_BLOCK, &child, NULL) < 0 ||
        sigaction(SIGCHLD, &action, NULL) < 0)
        return -errno;
    channel_open(&keeper->control, &control, MESSAGE_FROM_HOST_TO_KEEPER);
    int slate = KEEPER_SLATE;
    int status = slate_map(slate, &keeper->slate, NULL);
    descriptor_close(&slate);
    if (status == 0)
        status = tree_open(&keeper->tree, NULL);
    return status;
}

int keeper_main(void)
{
    static struct keeper keeper = { .tree = { .children = -1 } };
    prctl(PR_SET_NAME, KEEPER_ROLE);
    if (prepare(&keeper) < 0) {
        fprintf(stderr, "drover: %s is not a command for people\n",
                KEEPER_ROLE);
        return 64;
    }
    crash_explain();
    serve(&keeper);
    /* The host is gone, or wants us to be. */
    tree_kill(&keeper.tree, NULL, 0);
    return EXIT_SUCCESS;
}
