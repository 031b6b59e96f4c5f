/* [host] */
#include "run/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "process/spawn.h"
#include "run/keeper.h"

void slot_init(struct slot *slot)
{
    *slot = (struct slot){ .printed = -1,
                           .control.socket = -1,
                           .current.channel.socket = -1,
                           .spare.channel.socket = -1 };
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
    /* A keeper that has died already is noticed when its answer is read. */
    channel_flush(&slot->control);
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
}

void slot_close(struct slot *slot)
{
    slot_dismiss(slot);
    if (slot->keeper > 0)
        while (waitpid(slot->keeper, NULL, 0) < 0 && errno == EINTR)
            ;
    slot_bury(slot, true);
    slot_bury(slot, false);
    descriptor_close(&slot->printed);
    slate_destroy(slot->slate);
    slot_init(slot);
}

/* --- What it says ----------------------------------------------------------
 */

static void open_worker_channel(struct slot *slot, int *socket)
{
    struct slot_worker *worker =
        slot->current.born ? &slot->spare : &slot->current;
    if (!worker->wanted || worker->channel.socket >= 0)
        descriptor_close(socket);
    else
        channel_open(&worker->channel, socket, MESSAGE_FROM_WORKER);
}

void slot_fill(struct slot *slot)
{
    int socket;
    if (slot->control.socket < 0)
        return;
    /* A descriptor comes with the first byte of its message, and one reading
     * never goes beyond the message after such a byte. */
    int status = channel_fill(&slot->control, &socket);
    if (socket >= 0)
        open_worker_channel(slot, &socket);
    if (status <= 0 && status != -EAGAIN)
        slot->loaded = false;
    if (status == 0 || (status < 0 && status != -EAGAIN))
        descriptor_close(&slot->control.socket);
}

/* The keeper has closed its end. It is dying, or has gone mad: end it. */
static int take_death(struct slot *slot, struct slot_event *event)
{
    int status = 0;
    if (slot->keeper == 0)
        return 0;
    kill(slot->keeper, SIGKILL);
    while (waitpid(slot->keeper, &status, 0) < 0 && errno == EINTR)
        ;
    slot->keeper = 0;
    event->type = SLOT_DEAD;
    event->number = status;
    return 1;
}

static bool find_worker(const struct slot *slot, uint64_t id, bool *spare)
{
    *spare = slot->spare.wanted && slot->spare.id == id;
    return *spare || (slot->current.wanted && slot->current.id == id);
}

static bool take_born(struct slot *slot, const struct message_born *born,
                      struct slot_event *event)
{
    if (!find_worker(slot, born->worker, &event->spare))
        return false;
    struct slot_worker *worker = event->spare ? &slot->spare : &slot->current;
    if (worker->channel.socket < 0)
        return false;
    worker->born = true;
    worker->pid = (pid_t)born->pid;
    if (worker->reused)
        slate_reset(slot->slate);
    event->type = SLOT_BORN;
    return true;
}

static bool take_gone(struct slot *slot, const struct message_gone *gone,
                      struct slot_event *event)
{
    event->type = SLOT_GONE;
    event->number = (int)gone->status;
    event->cpu_us = gone->cpu_us;
    event->memory_kib = gone->memory_kib;
    event->leftovers = gone->leftovers;
    return find_worker(slot, gone->worker, &event->spare);
}

static bool take_message(struct slot *slot, const struct message *message,
                         struct slot_event *event)
{
    switch (message->type) {
    case MESSAGE_LOADING:
        event->type = SLOT_LOADING;
        event->plugin = (size_t)message->as.loading.plugin;
        return true;
    case MESSAGE_REFUSED:
        event->type = SLOT_REFUSED;
        event->plugin = (size_t)message->as.refused.plugin;
        event->text = message->as.refused.reason;
        return true;
    case MESSAGE_LOADED:
        slot->loaded = true;
        event->type = SLOT_LOADED;
        event->declarations = message->as.loaded.declarations;
        return true;
    case MESSAGE_BORN:
        return take_born(slot, &message->as.born, event);
    case MESSAGE_UNBORN:
        event->type = SLOT_UNBORN;
        event->number = (int)message->as.unborn.error;
        return find_worker(slot, message->as.unborn.worker, &event->spare);
    case MESSAGE_GONE:
        return take_gone(slot, &message->as.gone, event);
    default:
        return false;
    }
}

int slot_next_event(struct slot *slot, struct slot_event *event)
{
    struct message message;
    *event = (struct slot_event){ 0 };
    int status = channel_receive(&slot->control, &message, NULL);
    if (status == 1 && take_message(slot, &message, event))
        return 1;
    if (status != 0)
        descriptor_close(&slot->control.socket);
    return slot->control.socket < 0 ? take_death(slot, event) : 0;
}

/* --- Workers ---------------------------------------------------------------
 */

int slot_start_worker(struct slot *slot, bool reused)
{
    struct slot_worker *worker =
        slot->current.wanted ? &slot->spare : &slot->current;
    worker->wanted = true;
    worker->reused = reused;
    worker->id = ++slot->worker_count;
    if (reused) {
        slot->free_count = SLATE_CALLS;
        for (size_t i = 0; i < SLATE_CALLS; i++)
            slot->free[i] = (uint8_t)(SLATE_CALLS - 1 - i);
    }
    struct message order = { .type = MESSAGE_FORK,
                             .as.fork = { worker->id, reused } };
    int status = channel_queue(&slot->control, &order);
    return status == 0 ? channel_flush(&slot->control) : status;
}

void slot_stop_worker(struct slot *slot)
{
    shutdown(slot->current.channel.socket, SHUT_WR);
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

static void forget(struct slot_worker *worker)
{
    channel_close(&worker->channel);
    *worker = (struct slot_worker){ .channel.socket = -1 };
}

void slot_bury(struct slot *slot, bool spare)
{
    if (spare) {
        forget(&slot->spare);
        return;
    }
    forget(&slot->current);
    slot->current = slot->spare;
    slot->spare = (struct slot_worker){ .channel.socket = -1 };
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
