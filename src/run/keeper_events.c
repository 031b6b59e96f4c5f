/* [host] What a keeper says, and what its silence or its death means. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "run/keeper_link.h"
#include "run/keeper_slot.h"
#include "run/orphans.h"

/* --- Refusals --------------------------------------------------------------
 */

/* The slot cannot be had because of the plugin that is being loaded. */
static void __attribute__((format(printf, 2, 3)))
refuse(struct slot *slot, const char *format, ...)
{
    struct keeper_link *link = slot->made;
    const struct keeper_material *material = slot->material;
    size_t used = 0;
    if (material->names != NULL && link->loading < material->count)
        used = (size_t)snprintf(link->refusal, sizeof link->refusal,
                                "plugin %s: ", material->names[link->loading]);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(link->refusal + used, sizeof link->refusal - used, format,
              arguments);
    va_end(arguments);
    link->load_limit_ms = 0;
}

void keeper_link_tick(struct slot *slot, int64_t now_ms)
{
    struct keeper_link *link = slot->made;
    if (link->load_limit_ms == 0 || now_ms < link->load_limit_ms)
        return;
    keeper_slot_kill(slot);
    refuse(slot, "did not load within %d s", KEEPER_LOAD_MS / 1000);
}

/* A keeper that died before it had loaded everything. */
static void refuse_death(struct slot *slot, int wait_status)
{
    if (WIFSIGNALED(wait_status))
        refuse(slot, "crashed while it was loaded: signal %d (SIG%s)",
               WTERMSIG(wait_status), sigabbrev_np(WTERMSIG(wait_status)));
    else
        refuse(slot,
               "ended the process with exit status %d while it was loaded",
               WEXITSTATUS(wait_status));
}

/* A refusal is told once. */
static int take_refusal(struct keeper_link *link, struct slot_event *event)
{
    if (link->refusal[0] == '\0' || link->refusal_told)
        return 0;
    link->refusal_told = true;
    event->type = SLOT_REFUSED;
    event->text = link->refusal;
    return 1;
}

/* --- What it says ----------------------------------------------------------
 */

void keeper_link_fill(struct slot *slot)
{
    struct keeper_link *link = slot->made;
    int socket;
    if (link->control.socket < 0)
        return;
    /* One reading never brings bytes of more than one sending that had a
     * descriptor, and a keeper introduces one worker by a sending. */
    int status = channel_fill(&link->control, &socket);
    if (socket >= 0) {
        descriptor_close(&link->arrived);
        link->arrived = socket;
    }
    if (status <= 0 && status != -EAGAIN)
        descriptor_close(&link->control.socket);
}

/* LEFT has been killed, but does not end. */
static int take_lingering(struct keeper_link *link, pid_t left,
                          struct slot_event *event)
{
    if (left < 0 || !link->loaded || link->lingering[0] != '\0' ||
        clock_now_ms() - link->death_ms < KEEPER_LINGER_MS)
        return 0;
    snprintf(
        link->lingering, sizeof link->lingering,
        "a keeper was killed, and process %d, which ran below it, does not "
        "end; still waiting",
        (int)left);
    event->type = SLOT_LINGERS;
    event->text = link->lingering;
    return 1;
}

/* The keeper has closed its end. It is dying, or has gone mad: end it. That is
 * told when nothing is left of what ran below it, however long that takes. */
static int take_death(struct slot *slot, struct slot_event *event)
{
    struct keeper_link *link = slot->made;
    if (link->death_told)
        return 0;
    slot->control = -1;
    descriptor_close(&link->offered.socket);
    keeper_link_reap(link, 0);
    pid_t left = orphans_kill();
    if (left != 0)
        return take_lingering(link, left, event);
    link->death_told = true;
    event->number = link->wait_status;
    if (link->loaded) {
        event->type = SLOT_DEAD;
        return 1;
    }
    if (link->refusal[0] == '\0')
        refuse_death(slot, event->number);
    return take_refusal(link, event);
}

/* Returns whether the worker is the one that is waited for. */
static bool take_born(struct slot *slot, const struct message_born *born)
{
    struct keeper_link *link = slot->made;
    const struct slot_worker *worker = &slot->current;
    bool reused = born->reused != 0;
    if (!reused && link->ordered > 0)
        link->ordered--;
    if (worker->wanted && !worker->born && worker->reused == reused) {
        slot_accept_worker(slot, &link->arrived, born->worker,
                           (pid_t)born->pid);
        if (reused)
            slate_reset(slot->slate);
        return true;
    }
    /* Made ahead; or too late, after the mode has changed: it ends as its
     * channel is closed. */
    descriptor_close(&link->offered.socket);
    link->offered.id = born->worker;
    link->offered.pid = (pid_t)born->pid;
    link->offered.socket = link->arrived;
    link->arrived = -1;
    if (reused || (worker->wanted && worker->reused))
        descriptor_close(&link->offered.socket);
    return false;
}

static bool take_unborn(struct slot *slot, const struct message_unborn *unborn,
                        struct slot_event *event)
{
    struct keeper_link *link = slot->made;
    link->ordered = 0;
    event->type = SLOT_UNBORN;
    event->number = (int)unborn->error;
    return slot->current.wanted && !slot->current.born;
}

/* Returns whether it was the worker that serves. */
static bool take_gone(struct slot *slot, const struct message_gone *gone,
                      struct slot_event *event)
{
    struct keeper_link *link = slot->made;
    if (link->offered.socket >= 0 && link->offered.id == gone->worker)
        descriptor_close(&link->offered.socket);
    event->type = SLOT_GONE;
    event->number = (int)gone->status;
    event->cpu_us = gone->cpu_us;
    event->memory_kib = gone->memory_kib;
    event->leftovers = gone->leftovers;
    return slot->current.born && slot->current.id == gone->worker;
}

/* Each plugin is told of once, in order, and has its own time. */
static int take_loading(struct keeper_link *link,
                        const struct message_loading *loading)
{
    if (link->loaded || loading->plugin != link->loads)
        return -EPROTO;
    link->loading = link->loads++;
    link->load_limit_ms = clock_now_ms() + KEEPER_LOAD_MS;
    return 0;
}

static int take_loaded(struct keeper_link *link,
                       const struct message_loaded *loaded,
                       struct slot_event *event)
{
    link->loaded = true;
    link->load_limit_ms = 0;
    link->declarations = loaded->declarations;
    event->type = SLOT_READY;
    return 1;
}

/* Returns 1 when EVENT is one to tell, 0 when not, -EPROTO. */
static int take_message(struct slot *slot, const struct message *message,
                        struct slot_event *event)
{
    struct keeper_link *link = slot->made;
    switch (message->type) {
    case MESSAGE_LOADING:
        return take_loading(link, &message->as.loading);
    case MESSAGE_REFUSED:
        refuse(slot, "%.*s", (int)message->as.refused.reason.size,
               message->as.refused.reason.data);
        return take_refusal(link, event);
    case MESSAGE_LOADED:
        return take_loaded(link, &message->as.loaded, event);
    case MESSAGE_BORN:
        event->type = SLOT_BORN;
        return link->arrived < 0 ? -EPROTO : take_born(slot, &message->as.born);
    case MESSAGE_UNBORN:
        return take_unborn(slot, &message->as.unborn, event);
    case MESSAGE_GONE:
        return take_gone(slot, &message->as.gone, event);
    default:
        return -EPROTO;
    }
}

/* One message. Returns 1 when it made an EVENT, 0 when not, -EAGAIN when there
 * is none. A keeper that sends garbage is done with. */
static int take_next(struct slot *slot, struct slot_event *event)
{
    struct keeper_link *link = slot->made;
    struct message message;
    int status = channel_receive(&link->control, &message, NULL);
    if (status == 0)
        return -EAGAIN;
    if (status > 0)
        status = take_message(slot, &message, event);
    if (status < 0)
        descriptor_close(&link->control.socket);
    return status < 0 ? -EAGAIN : status;
}

int keeper_link_next_event(struct slot *slot, struct slot_event *event)
{
    struct keeper_link *link = slot->made;
    int status = take_refusal(link, event);
    while (status == 0)
        status = take_next(slot, event);
    if (status > 0)
        return 1;
    return link->control.socket < 0 ? take_death(slot, event) : 0;
}
