/* [host] */
#include "dispatch/slot.h"

#include <sys/socket.h>

void slot_init(struct slot *slot, const struct slot_maker *maker,
               const void *material)
{
    *slot = (struct slot){ .maker = maker,
                           .material = material,
                           .control = -1,
                           .printed = -1,
                           .current.channel.socket = -1 };
}

int slot_open(struct slot *slot, struct drover_error *err)
{
    return slot->maker->open(slot, err);
}

bool slot_is_open(const struct slot *slot)
{
    return slot->made != NULL;
}

void slot_dismiss(struct slot *slot)
{
    if (slot_is_open(slot) && slot->maker->dismiss != NULL)
        slot->maker->dismiss(slot);
}

static void end(struct slot *slot)
{
    slot_bury(slot);
    slate_destroy(slot->slate);
    slot_init(slot, slot->maker, slot->material);
}

void slot_close(struct slot *slot)
{
    if (!slot_is_open(slot))
        return;
    slot->maker->close(slot);
    end(slot);
}

void slot_abandon(struct slot *slot)
{
    if (!slot_is_open(slot) || slot->maker->abandon == NULL)
        return;
    slot->maker->abandon(slot);
    end(slot);
}

void slot_fill(struct slot *slot)
{
    slot->maker->fill(slot);
}

int slot_next_event(struct slot *slot, struct slot_event *event)
{
    *event = (struct slot_event){ 0 };
    return slot_is_open(slot) ? slot->maker->next_event(slot, event) : 0;
}

void slot_tick(struct slot *slot, int64_t now_ms)
{
    if (slot_is_open(slot) && slot->maker->tick != NULL)
        slot->maker->tick(slot, now_ms);
}

/* --- Workers ------------------------------------------------------------- */

static void free_all_cells(struct slot *slot)
{
    slot->free_count = SLATE_CALLS;
    for (size_t i = 0; i < SLATE_CALLS; i++)
        slot->free[i] = (uint8_t)(SLATE_CALLS - 1 - i);
}

int slot_start_worker(struct slot *slot, bool reused, uint64_t ahead)
{
    slot->current.wanted = true;
    slot->current.reused = reused;
    if (reused)
        free_all_cells(slot);
    return slot->maker->start(slot, reused, ahead);
}

void slot_accept_worker(struct slot *slot, int *socket, uint64_t id, pid_t pid)
{
    struct slot_worker *worker = &slot->current;
    worker->born = true;
    worker->id = id;
    worker->pid = pid;
    channel_open(&worker->channel, socket, MESSAGE_FROM_WORKER);
}

void slot_stop_worker(struct slot *slot)
{
    if (slot->current.born)
        shutdown(slot->current.channel.socket, SHUT_WR);
}

bool slot_stop_all(struct slot *slot)
{
    slot_stop_worker(slot);
    bool ahead = slot_is_open(slot) && slot->maker->stop_ahead != NULL &&
                 slot->maker->stop_ahead(slot);
    return ahead || slot->current.born;
}

void slot_kill_worker(struct slot *slot)
{
    if (slot->current.born)
        slot->maker->kill(slot);
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
