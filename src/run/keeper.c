/* [keeper] */
#include "run/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "plugin/worker.h"
#include "process/budget.h"
#include "process/crash.h"
#include "run/keeper_state.h"

enum {
    HEAP_ROOM_BYTES = 512 * 1024,
    LAST_MS = 1000, /* for worker_stop, after the host has gone */
};

/* A host that has gone may have said that it would: what it said last is read
 * all the same, and then the end. */
int keeper_tell(struct keeper *keeper, const struct message *message,
                int descriptor)
{
    int status = channel_send(&keeper->control, message, descriptor);
    return status == -EPIPE ? 0 : status;
}

/* --- Serving ---------------------------------------------------------------
 */

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

static int obey(struct keeper *keeper, const struct message *message)
{
    switch (message->type) {
    case MESSAGE_OPEN:
        return keeper_open_plugins(keeper, &message->as.open);
    case MESSAGE_FORK:
        keeper_take_order(keeper, &message->as.fork);
        return 0;
    case MESSAGE_END:
        keeper_kill_worker(keeper, message->as.end.worker);
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
    /* No sooner: an order may have been taken back. */
    return status == 0 ? keeper_fork_ordered(keeper) : status;
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
            status = keeper_reap(keeper);
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
    /* The host is gone, or wants us to be: then workers that have nothing to do
     * are about to end in good order. */
    if (keeper.leaving)
        keeper_await_workers(&keeper, clock_now_ms() + LAST_MS);
    tree_kill(&keeper.tree, NULL, 0);
    return EXIT_SUCCESS;
}
