/* [host] */
#include "run/keeper_slot.h"

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
#include "process/budget.h"
#include "process/spawn.h"
#include "run/keeper.h"
#include "run/keeper_link.h"
#include "run/orphans.h"

enum { OPEN_LIMIT_MS = 5000 }; /* for a keeper to begin */

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

static int start_keeper(struct keeper_link *link, const char *folder,
                        const struct keeper_ends *ends,
                        struct drover_error *err)
{
    const char *const argv[] = { KEEPER_ROLE, NULL };
    /* Symbols that a keeper has bound are bound in all its workers. */
    setenv("LD_BIND_NOW", "1", 1);
    int budget = budget_descriptor();
    const int descriptors[KEEPER_DESCRIPTORS] = {
        [STDIN_FILENO] = ends->null,
        [STDOUT_FILENO] = ends->printed[1],
        [STDERR_FILENO] = ends->printed[1],
        [KEEPER_CONTROL] = ends->control[1],
        [KEEPER_SLATE] = ends->slate,
        [KEEPER_PRINTED] = ends->printed[0],
        [KEEPER_BUDGET] = budget < 0 ? ends->null : budget,
    };
    const struct spawn_request request = { .argv = argv,
                                           .folder = folder,
                                           .descriptors = descriptors,
                                           .count = KEEPER_DESCRIPTORS };
    int status = spawn_self(&request, &link->pid, err);
    if (status == 0)
        orphans_spare(link->pid);
    return status;
}

static int send_open(struct keeper_link *link,
                     const struct keeper_material *material)
{
    struct drover_builder *paths = drover_builder_create();
    struct drover_value built;
    if (paths == NULL)
        return -ENOMEM;
    drover_build_list_begin(paths);
    for (size_t i = 0; i < material->count; i++)
        drover_build_text(paths, material->files[i]);
    drover_build_list_end(paths);
    int status = drover_builder_value(paths, &built, NULL);
    if (status == 0)
        status = channel_queue(
            &link->control,
            &(struct message){
                .type = MESSAGE_OPEN,
                .as.open = { MESSAGE_PROTOCOL, material->seed, built } });
    drover_builder_destroy(paths);
    /* Many long paths are more than a socket holds: the keeper, which reads
     * before it does anything else, takes some now. One that does not, or has
     * died already, is noticed when its answer is waited for. */
    (void)channel_flush_until(&link->control, clock_now_ms() + OPEN_LIMIT_MS);
    return status;
}

/* A keeper that gets the message without the descriptor, because it did not
 * read for so long, ends. */
int keeper_slot_hold(struct slot *slot, int descriptor,
                     struct drover_error *err)
{
    struct keeper_link *link = slot->made;
    const struct message hold = { .type = MESSAGE_HOLD };
    int status = channel_send_until(&link->control, &hold, descriptor,
                                    clock_now_ms() + OPEN_LIMIT_MS);
    if (status == 0 || status == -EPIPE || status == -ETIMEDOUT)
        return 0;
    return error_set(err, -status, "cannot pass a descriptor to a keeper: %s",
                     strerror(-status));
}

static struct keeper_link *create_link(void)
{
    struct keeper_link *link = calloc(1, sizeof *link);
    if (link != NULL)
        link->control.socket = link->offered.socket = link->arrived = -1;
    return link;
}

static int open_keeper(struct slot *slot, struct drover_error *err)
{
    struct keeper_ends ends = { -1, { -1, -1 }, { -1, -1 }, -1 };
    const struct keeper_material *material = slot->material;
    struct keeper_link *link = create_link();
    if (link == NULL)
        return error_no_memory(err);
    int status = orphans_watch(err);
    if (status < 0) {
        free(link);
        return status;
    }
    slot->made = link;
    status = make_ends(slot, &ends, err);
    if (status == 0)
        status = start_keeper(link, material->folder, &ends, err);
    if (status == 0) {
        channel_open(&link->control, &ends.control[0], MESSAGE_FROM_KEEPER);
        slot->control = link->control.socket;
        slot->printed = ends.printed[0];
        ends.printed[0] = -1;
        link->load_limit_ms = clock_now_ms() + KEEPER_LOAD_MS;
        if (send_open(link, material) < 0)
            status = error_no_memory(err);
    }
    if (status == 0 && material->held > STDERR_FILENO)
        status = keeper_slot_hold(slot, material->held, err);
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

static void dismiss_keeper(struct slot *slot)
{
    struct keeper_link *link = slot->made;
    channel_close(&link->control);
    slot->control = -1;
    if (link->ending_ms == 0)
        link->ending_ms = clock_now_ms() + KEEPER_END_MS;
}

void keeper_link_reap(struct keeper_link *link, int64_t deadline_ms)
{
    if (link->pid == 0)
        return;
    link->wait_status = spawn_reap(link->pid, deadline_ms);
    orphans_forget(link->pid);
    link->pid = 0;
    link->death_ms = clock_now_ms();
}

/* Waits for the keeper's end, up to KEEPER_END_MS after it was dismissed, and
 * as long again for what a keeper that was killed has left. */
static void close_keeper(struct slot *slot)
{
    struct keeper_link *link = slot->made;
    dismiss_keeper(slot);
    keeper_link_reap(link, link->ending_ms);
    orphans_kill_until(link->ending_ms + KEEPER_END_MS);
    orphans_unwatch();
    descriptor_close(&link->offered.socket);
    descriptor_close(&link->arrived);
    descriptor_close(&slot->printed);
    free(link);
}

void keeper_slot_kill(struct slot *slot)
{
    const struct keeper_link *link = slot->made;
    if (link != NULL && link->pid > 0)
        kill(link->pid, SIGKILL);
}

/* --- Workers ------------------------------------------------------------- */

static int order(struct keeper_link *link, bool reused, uint64_t count)
{
    struct message order = { .type = MESSAGE_FORK,
                             .as.fork = { reused, count } };
    int status = channel_queue(&link->control, &order);
    /* A keeper that has died is noticed when its answer is read. */
    if (status == 0)
        channel_flush(&link->control);
    link->ordered = reused ? 0 : count;
    return status;
}

static int start_reused(struct keeper_link *link)
{
    descriptor_close(&link->offered.socket);
    return order(link, true, 1);
}

static int start_forked(struct slot *slot, uint64_t ahead)
{
    struct keeper_link *link = slot->made;
    bool offered = link->offered.socket >= 0;
    if (offered)
        slot_accept_worker(slot, &link->offered.socket, link->offered.id,
                           link->offered.pid);
    int status = 0;
    if (link->ordered == 0 && (!offered || ahead > 1))
        status = order(link, false, offered ? ahead - 1 : ahead);
    return status == 0 ? offered : status;
}

static int start_worker(struct slot *slot, bool reused, uint64_t ahead)
{
    return reused ? start_reused(slot->made) : start_forked(slot, ahead);
}

static void kill_worker(struct slot *slot)
{
    struct keeper_link *link = slot->made;
    struct message order = { .type = MESSAGE_END,
                             .as.end = { slot->current.id } };
    if (channel_queue(&link->control, &order) == 0)
        channel_flush(&link->control);
}

static bool stop_ahead(struct slot *slot)
{
    struct keeper_link *link = slot->made;
    if (link->offered.socket >= 0)
        shutdown(link->offered.socket, SHUT_WR);
    /* Also when all have been made that were ordered: the keeper may not have
     * told of each yet. Without memory those are killed in the end. */
    if (!link->stopping)
        link->stopping = order(link, false, 0) == 0;
    return link->offered.socket >= 0;
}

const struct slot_maker keeper_slot_maker = {
    .open = open_keeper,
    .close = close_keeper,
    .dismiss = dismiss_keeper,
    .start = start_worker,
    .kill = kill_worker,
    .fill = keeper_link_fill,
    .next_event = keeper_link_next_event,
    .tick = keeper_link_tick,
    .stop_ahead = stop_ahead,
};
