/* [host] */
#include "run/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "process/spawn.h"
#include "run/keeper.h"

enum { OPEN_LIMIT_MS = 5000 }; /* for a keeper to begin */

void slot_init(struct slot *slot)
{
    *slot = (struct slot){ .printed = -1,
                           .control.socket = -1,
                           .current.channel.socket = -1,
                           .offered.socket = -1,
                           .arrived = -1 };
}

/* --- The keeper ------------------------------------------------------------
 */

/* What the keeper gets, by its own numbers; all but the host's ends. */
struct keeper_ends {
    int null;
    int printed[2];
    int control[2];
    int slate;
};

static int make_ends(struct slot *slot, struct keeper_ends *ends,
                     struct drover_error *err)
{
    ends->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (ends->null < 0)
        return error_set(err, errno, "cannot open /dev/null: %s",
                         strerror(errno));
    if (pipe2(ends->printed, O_CLOEXEC) < 0)
        return error_set(err, errno, "cannot make a pipe: %s", strerror(errno));
    /* Only the end to read is not blocking: each has its own flag. */
    descriptor_set_nonblocking(ends->printed[0], true);
    int status = descriptor_socket_pair(ends->control, err);
    if (status == 0)
        status = descriptor_set_nonblocking(ends->control[1], false);
    if (status == 0)
        status = slate_create(&slot->slate, &ends->slate, err);
    return status;
}

static int start_keeper(struct slot *slot, const struct keeper_ends *ends,
                        struct drover_error *err)
{
    const char *const argv[] = { KEEPER_ROLE, NULL };
    /* Symbols that a keeper has bound are bound in all its workers. */
    setenv("LD_BIND_NOW", "1", 1);
    const int descriptors[KEEPER_DESCRIPTORS] = {
        [STDIN_FILENO] = ends->null,        [STDOUT_FILENO] = ends->printed[1],
        [STDERR_FILENO] = ends->printed[1], [KEEPER_CONTROL] = ends->control[1],
        [KEEPER_SLATE] = ends->slate,       [KEEPER_PRINTED] = ends->printed[0],
    };
    return spawn_self(argv, descriptors, KEEPER_DESCRIPTORS, &slot->keeper,
                      err);
}

static int send_open(struct slot *slot, const char *const *files, size_t count)
{
    struct drover_builder *paths = drover_builder_create();
    struct drover_value built;
    if (paths == NULL)
        return -ENOMEM;
    drover_build_list_begin(paths);
    for (size_t i = 0; i < count; i++)
        drover_build_text(paths, files[i]);
    drover_build_list_end(paths);
    int status = drover_builder_value(paths, &built, NULL);
    if (status == 0)
        status = channel_queue(
            &slot->control,
            &(struct message){ .type = MESSAGE_OPEN,
                               .as.open = { MESSAGE_PROTOCOL, built } });
    drover_builder_destroy(paths);
    /* Many long paths are more than a socket holds: the keeper, which reads
     * before it does anything else, takes some now. One that does not, or has
     * died already, is noticed when its answer is waited for. */
    (void)channel_flush_until(&slot->control, clock_now_ms() + OPEN_LIMIT_MS);
    return status;
}

int slot_open(struct slot *slot, const char *const *files, size_t count,
              struct drover_error *err)
{
    struct keeper_ends ends = { -1, { -1, -1 }, { -1, -1 }, -1 };
    int status = make_ends(slot, &ends, err);
    if (status == 0)
        status = start_keeper(slot, &ends, err);
    if (status == 0) {
        channel_open(&slot->control, &ends.control[0], MESSAGE_FROM_KEEPER);
        slot->printed = ends.printed[0];
        ends.printed[0] = -1;
        if (send_open(slot, files, count) < 0)
            status = error_no_memory(err);
    }
    descriptor_close(&ends.null);
    for (int i = 0; i < 2; i++) {
        descriptor_close(&ends.printed[i]);
        descriptor_close(&ends.control[i]);
    }
    descriptor_close(&ends.slate);
    if (status < 0)
        slot_close(slot);
    return status;
}

void slot_dismiss(struct slot *slot)
{
    channel_close(&slot->control);
    if (slot->ending_ms == 0)
        slot->ending_ms = clock_now_ms() + SLOT_END_MS;
}

void slot_close(struct slot *slot)
{
    slot_dismiss(slot);
    if (slot->keeper > 0)
        spawn_reap(slot->keeper, slot->ending_ms);
    slot_bury(slot);
    descriptor_close(&slot->offered.socket);
    descriptor_close(&slot->arrived);
    descriptor_close(&slot->printed);
    slate_destroy(slot->slate);
    slot_init(slot);
}

void slot_kill_keeper(const struct slot *slot)
{
    if (slot->keeper > 0)
        kill(slot->keeper, SIGKILL);
}

void slot_abandon(struct slot *slot)
{
    slot_kill_keeper(slot);
    slot_close(slot);
}

/* --- What it says ----------------------------------------------------------
 */

void slot_fill(struct slot *slot)
{
    int socket;
    if (slot->control.socket < 0)
        return;
    /* One reading never brings bytes of more than one sending that had a
     * descriptor, and a keeper introduces one worker by a sending. */
    int status = channel_fill(&slot->control, &socket);
    if (socket >= 0) {
        descriptor_close(&slot->arrived);
        slot->arrived = socket;
    }
    if (status <= 0 && status != -EAGAIN)
        descriptor_close(&slot->control.socket);
}

/* The keeper has closed its end. It is dying, or has gone mad: end it. */
static int take_death(struct slot *slot, struct slot_event *event)
{
    if (slot->keeper == 0)
        return 0;
    kill(slot->keeper, SIGKILL);
    event->type = SLOT_DEAD;
    event->number = spawn_reap(slot->keeper, 0);
    slot->keeper = 0;
    return 1;
}

static void accept_worker(struct slot *slot, int *socket, uint64_t id,
                          pid_t pid)
{
    struct slot_worker *worker = &slot->current;
    worker->born = true;
    worker->id = id;
    worker->pid = pid;
    channel_open(&worker->channel, socket, MESSAGE_FROM_WORKER);
    if (worker->reused)
        slate_reset(slot->slate);
}

/* Returns whether the worker is the one that is waited for. */
static bool take_born(struct slot *slot, const struct message_born *born)
{
    const struct slot_worker *worker = &slot->current;
    bool reused = born->reused != 0;
    if (!reused && slot->ordered > 0)
        slot->ordered--;
    if (worker->wanted && !worker->born && worker->reused == reused) {
        accept_worker(slot, &slot->arrived, born->worker, (pid_t)born->pid);
        return true;
    }
    /* Made ahead; or too late, after the mode has changed: it ends as its
     * channel is closed. */
    descriptor_close(&slot->offered.socket);
    slot->offered.id = born->worker;
    slot->offered.pid = (pid_t)born->pid;
    slot->offered.socket = slot->arrived;
    slot->arrived = -1;
    if (reused || (worker->wanted && worker->reused))
        descriptor_close(&slot->offered.socket);
    return false;
}

static bool take_unborn(struct slot *slot, const struct message_unborn *unborn,
                        struct slot_event *event)
{
    slot->ordered = 0;
    event->type = SLOT_UNBORN;
    event->number = (int)unborn->error;
    return slot->current.wanted && !slot->current.born;
}

/* Returns whether it was the worker that serves. */
static bool take_gone(struct slot *slot, const struct message_gone *gone,
                      struct slot_event *event)
{
    if (slot->offered.socket >= 0 && slot->offered.id == gone->worker)
        descriptor_close(&slot->offered.socket);
    event->type = SLOT_GONE;
    event->number = (int)gone->status;
    event->cpu_us = gone->cpu_us;
    event->memory_kib = gone->memory_kib;
    event->leftovers = gone->leftovers;
    return slot->current.born && slot->current.id == gone->worker;
}

/* Each plugin is told of once, in order: whoever waits for the next one gives
 * it time anew. */
static int take_loading(struct slot *slot,
                        const struct message_loading *loading,
                        struct slot_event *event)
{
    if (slot->loaded || loading->plugin != slot->loading)
        return -EPROTO;
    event->type = SLOT_LOADING;
    event->plugin = slot->loading++;
    return 1;
}

/* Returns 1 when EVENT is one to tell, 0 when not, -EPROTO. */
static int take_message(struct slot *slot, const struct message *message,
                        struct slot_event *event)
{
    switch (message->type) {
    case MESSAGE_LOADING:
        return take_loading(slot, &message->as.loading, event);
    case MESSAGE_REFUSED:
        event->type = SLOT_REFUSED;
        event->plugin = (size_t)message->as.refused.plugin;
        event->text = message->as.refused.reason;
        return 1;
    case MESSAGE_LOADED:
        slot->loaded = true;
        event->type = SLOT_LOADED;
        event->declarations = message->as.loaded.declarations;
        return 1;
    case MESSAGE_BORN:
        event->type = SLOT_BORN;
        return slot->arrived < 0 ? -EPROTO : take_born(slot, &message->as.born);
    case MESSAGE_UNBORN:
        return take_unborn(slot, &message->as.unborn, event);
    case MESSAGE_GONE:
        return take_gone(slot, &message->as.gone, event);
    default:
        return -EPROTO;
    }
}

int slot_next_event(struct slot *slot, struct slot_event *event)
{
    struct message message;
    for (;;) {
        *event = (struct slot_event){ 0 };
        int status = channel_receive(&slot->control, &message, NULL);
        if (status > 0)
            status = take_message(slot, &message, event);
        else if (status == 0)
            break;
        if (status > 0)
            return 1;
        if (status < 0) {
            descriptor_close(&slot->control.socket);
            break;
        }
    }
    return slot->control.socket < 0 ? take_death(slot, event) : 0;
}

/* --- Workers ------------------------------------------------------------- */

static int order(struct slot *slot, bool reused, uint64_t count)
{
    struct message order = { .type = MESSAGE_FORK,
                             .as.fork = { reused, count } };
    int status = channel_queue(&slot->control, &order);
    /* A keeper that has died is noticed when its answer is read. */
    if (status == 0)
        channel_flush(&slot->control);
    slot->ordered = reused ? 0 : count;
    return status;
}

static int start_reused(struct slot *slot)
{
    slot->free_count = SLATE_CALLS;
    for (size_t i = 0; i < SLATE_CALLS; i++)
        slot->free[i] = (uint8_t)(SLATE_CALLS - 1 - i);
    descriptor_close(&slot->offered.socket);
    return order(slot, true, 1);
}

static int start_forked(struct slot *slot, uint64_t ahead)
{
    bool offered = slot->offered.socket >= 0;
    if (offered)
        accept_worker(slot, &slot->offered.socket, slot->offered.id,
                      slot->offered.pid);
    int status = 0;
    if (slot->ordered == 0 && (!offered || ahead > 1))
        status = order(slot, false, offered ? ahead - 1 : ahead);
    return status == 0 ? offered : status;
}

int slot_start_worker(struct slot *slot, bool reused, uint64_t ahead)
{
    slot->current.wanted = true;
    slot->current.reused = reused;
    return reused ? start_reused(slot) : start_forked(slot, ahead);
}

void slot_stop_worker(struct slot *slot)
{
    if (slot->current.born)
        shutdown(slot->current.channel.socket, SHUT_WR);
}

void slot_stop_all(struct slot *slot)
{
    slot_stop_worker(slot);
    if (slot->offered.socket >= 0)
        shutdown(slot->offered.socket, SHUT_WR);
    /* Without memory they are made, and killed in the end. */
    if (slot->ordered > 0)
        (void)order(slot, false, 0);
}

bool slot_has_workers(const struct slot *slot)
{
    return slot->current.born || slot->offered.socket >= 0;
}

void slot_kill_worker(struct slot *slot)
{
    if (!slot->current.born)
        return;
    struct message order = { .type = MESSAGE_END,
                             .as.end = { slot->current.id } };
    if (channel_queue(&slot->control, &order) == 0)
        channel_flush(&slot->control);
}

void slot_bury(struct slot *slot)
{
    channel_close(&slot->current.channel);
    slot->current = (struct slot_worker){ .channel.socket = -1 };
}

uint64_t slot_take_sequence(struct slot *slot)
{
    slot->call_count++;
    if (!slot->current.reused)
        return slot->call_count * SLATE_CALLS;
    return slot->call_count * SLATE_CALLS + slot->free[--slot->free_count];
}

void slot_give_sequence(struct slot *slot, uint64_t sequence)
{
    if (slot->current.reused)
        slot->free[slot->free_count++] = (uint8_t)(sequence % SLATE_CALLS);
}
