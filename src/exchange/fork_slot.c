#include "exchange/fork_slot.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "exchange/family.h"
#include "plugin/worker.h"

/* The one process of a slot.
 *
 * pid       0: there is none
 * pidfd     -1: it is looked after at every tick instead
 * gone      it has ended, as `status` and `used` say, unless that was unseen;
 *           that is still to be told
 * unborn    an errno: it could not be forked, but may be later; that is still
 *           to be told
 * refusal   why none can be made at all; "": one can */
struct fork_link {
    pid_t pid;
    int pidfd;
    bool gone;
    bool unseen;
    int status;
    struct rusage used;
    int unborn;
    char refusal[512];
};

static int open_link(struct slot *slot, struct drover_error *err)
{
    struct fork_link *link = calloc(1, sizeof *link);
    if (link == NULL)
        return error_no_memory(err);
    link->pidfd = -1;
    slot->made = link;
    return 0;
}

static int reap(struct fork_link *link, int options)
{
    pid_t pid;
    do
        pid = wait4(link->pid, &link->status, options, &link->used);
    while (pid < 0 && errno == EINTR);
    return pid;
}

/* See whether the process has ended. Where the program has its children reaped
 * by the kernel (SIGCHLD ignored), or reaps all there are, how it ended is
 * lost. */
static void look(struct fork_link *link)
{
    if (link->pid == 0)
        return;
    pid_t pid = reap(link, WNOHANG);
    if (pid == 0)
        return;
    link->unseen = pid < 0;
    if (link->unseen)
        link->used = (struct rusage){ 0 };
    link->pid = 0;
    link->gone = true;
}

static void close_link(struct slot *slot)
{
    struct fork_link *link = slot->made;
    if (link->pid > 0) {
        kill(link->pid, SIGKILL);
        reap(link, 0);
    }
    descriptor_close(&link->pidfd);
    free(link);
}

static void abandon_link(struct slot *slot)
{
    struct fork_link *link = slot->made;
    descriptor_close(&link->pidfd);
    free(link);
}

/* --- The worker's beginning ----------------------------------------------- */

static bool find_task(const void *context, const struct message_call *message,
                      struct worker_task *out)
{
    const struct worker_task *known = context;
    *out =
        *(known != NULL ? known
                        : (const struct worker_task *)(uintptr_t)message->task);
    return true;
}

_Noreturn void fork_slot_serve(int socket, struct slate *slate, uint64_t seed,
                               const struct worker_task *task)
{
    struct worker_setting setting = {
        .socket = socket,
        .slate = slate,
        .printed = -1,
        .seed = seed,
        .two_way = true,
        .find = find_task,
        .find_context = task,
    };
    family_abandon();
    _exit(worker_serve(&setting));
}

/* The slot lies in memory that is given up here, all but the slate. */
static _Noreturn void be_worker(struct slot *slot, int socket)
{
    const struct fork_material *material = slot->material;
    struct slate *slate = slot->current.reused ? slot->slate : NULL;
    slot->slate = NULL;
    fork_slot_serve(socket, slate, material->seed, NULL);
}

static int ensure_slate(struct slot *slot, struct drover_error *err)
{
    int descriptor;
    int status = 0;
    if (slot->slate == NULL) {
        status = slate_create(&slot->slate, &descriptor, err);
        if (status == 0)
            descriptor_close(&descriptor);
    }
    if (status == 0)
        slate_reset(slot->slate);
    return status;
}

static int make_process(struct slot *slot, struct forked *child,
                        struct drover_error *err)
{
    const struct fork_material *material = slot->material;
    if (material->ready->pid > 0) {
        *child = *material->ready;
        material->ready->pid = 0;
        return 0;
    }
    int status = slot->current.reused ? ensure_slate(slot, err) : 0;
    return status == 0 ? fork_process(child, err) : status;
}

static int start_worker(struct slot *slot, bool reused, uint64_t ahead)
{
    struct fork_link *link = slot->made;
    struct forked child;
    (void)reused;
    (void)ahead;
    struct drover_error err;
    int status = make_process(slot, &child, &err);
    if (status == -EAGAIN || status == -ENOMEM || status == -EDEADLK) {
        link->unborn = -status;
        return 0;
    }
    if (status < 0) {
        snprintf(link->refusal, sizeof link->refusal, "%s", err.message);
        return 0;
    }
    if (child.pid == 0)
        be_worker(slot, child.socket);
    descriptor_close(&link->pidfd);
    link->pid = child.pid;
    link->pidfd = slot->control = child.pidfd;
    link->gone = false;
    slot_accept_worker(slot, &child.socket, (uint64_t)child.pid, child.pid);
    return 1;
}

/* --- Its end ---------------------------------------------------------------
 */

static void kill_worker(struct slot *slot)
{
    const struct fork_link *link = slot->made;
    if (link->pid > 0)
        kill(link->pid, SIGKILL);
}

static void fill(struct slot *slot)
{
    look(slot->made);
}

/* Where no pidfd tells. */
static void tick(struct slot *slot, int64_t now_ms)
{
    struct fork_link *link = slot->made;
    (void)now_ms;
    if (link->pidfd < 0)
        look(link);
}

static uint64_t microseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static int next_event(struct slot *slot, struct slot_event *event)
{
    struct fork_link *link = slot->made;
    if (link->unborn != 0) {
        *event =
            (struct slot_event){ .type = SLOT_UNBORN, .number = link->unborn };
        link->unborn = 0;
        return 1;
    }
    if (link->refusal[0] != '\0') {
        *event =
            (struct slot_event){ .type = SLOT_REFUSED, .text = link->refusal };
        return 1;
    }
    if (!link->gone)
        return 0;
    link->gone = false;
    *event = (struct slot_event){
        .type = SLOT_GONE,
        .number = link->status,
        .unseen = link->unseen,
        .cpu_us = microseconds(link->used.ru_utime) +
                  microseconds(link->used.ru_stime),
        .memory_kib = (uint64_t)link->used.ru_maxrss,
    };
    slot->control = -1;
    return 1;
}

const struct slot_maker fork_slot_maker = {
    .open = open_link,
    .close = close_link,
    .abandon = abandon_link,
    .start = start_worker,
    .kill = kill_worker,
    .fill = fill,
    .next_event = next_event,
    .tick = tick,
    .many_controls = true,
};
