/* [host] What workers send. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "run/state.h"

/* The first call in the slot's queue, if it is the one called SEQUENCE. */
static struct call *running_call(struct run *run, size_t i, uint64_t sequence)
{
    if (schedule_queued(run->schedule, (int)i) == 0)
        return NULL;
    struct call *call = schedule_queued_call(run->schedule, (int)i, 0);
    return call->sequence == sequence ? call : NULL;
}

static void end_call(struct run *run, size_t i, uint64_t elapsed_ns,
                     struct outcome *outcome)
{
    struct slot_run *slot = &run->slots[i];
    if (!slot->slot.current.reused)
        output_drain(run, i);
    struct call *call = schedule_ended(run->schedule, (int)i, elapsed_ns);
    slot_give_sequence(&slot->slot, call->sequence);
    slot->futile = 0;
    outcome->elapsed_ns = elapsed_ns;
    output_finish(run, i, outcome);
    stages_settle(run, call, outcome);
    printed_reset(&slot->printed);
}

static void take_failure(struct run *run, size_t i,
                         const struct message_failed *failed)
{
    char text[4096];
    snprintf(text, sizeof text, "%.*s", (int)failed->text.size,
             failed->text.data);
    struct outcome outcome = {
        .cause = failed->cause == 0 ? OUTCOME_ERROR : OUTCOME_LOAD,
        .text = text,
    };
    end_call(run, i, failed->elapsed_ns, &outcome);
}

static int keep_result(struct run *run, const struct call *call,
                       struct drover_value value)
{
    int status = order_add(run->stages[call->stage].order, call->index, value);
    if (status < 0)
        run_fail(run, status,
                 status == -EMSGSIZE
                     ? "the results of a stage are too large to be substituted"
                     : "cannot keep results");
    return status;
}

static void take_log(struct run *run, const struct call *call,
                     const struct message_logged *logged)
{
    const struct run_observer *observer = &run->setting->observer;
    observer->logged(observer->context, (int)call->stage, call->index,
                     (unsigned)logged->level, logged->text.data,
                     logged->text.size);
}

/* Every message but the last names the call it is about in its first field. */
static bool take_message(struct run *run, size_t i,
                         const struct message *message)
{
    if (message->type == MESSAGE_RETIRING)
        return true; /* its end will be reported */
    struct call *call = running_call(run, i, message->as.returned.sequence);
    if (call == NULL)
        return false;
    struct slot_run *slot = &run->slots[i];
    slot->stage = (int)call->stage;
    slot->index = call->index;
    switch (message->type) {
    case MESSAGE_SENT:
        keep_result(run, call, message->as.sent.value);
        return true;
    case MESSAGE_RETURNED:
        if (message->as.returned.has_value)
            keep_result(run, call, message->as.returned.value);
        end_call(run, i, message->as.returned.elapsed_ns,
                 &(struct outcome){ .cause = OUTCOME_OK, .text = "" });
        return true;
    case MESSAGE_FAILED:
        take_failure(run, i, &message->as.failed);
        return true;
    case MESSAGE_LOGGED:
        take_log(run, call, &message->as.logged);
        return true;
    case MESSAGE_PRINTED:
        output_add(run, i, message->as.printed.bytes.data,
                   message->as.printed.bytes.size);
        return true;
    default:
        return false;
    }
}

/* Garbage ends the worker: nothing that it sends later can be trusted. */
static void condemn(struct run *run, size_t i, const char *why)
{
    struct slot_run *slot = &run->slots[i];
    snprintf(slot->garbage, sizeof slot->garbage,
             "its worker sent what cannot be read: %.200s", why);
    slot_kill_worker(&slot->slot);
}

static void take_messages(struct run *run, size_t i)
{
    struct slot_run *slot = &run->slots[i];
    struct message message;
    struct drover_error err;
    int status = 1;
    while (slot->garbage[0] == '\0' && status > 0) {
        status = channel_receive(&slot->slot.current.channel, &message, &err);
        if (status > 0 && !take_message(run, i, &message)) {
            error_set(&err, EPROTO, "a message about no call that it runs");
            status = -EPROTO;
        }
        if (status < 0)
            condemn(run, i, err.message);
    }
}

static bool is_running(const struct run *run, size_t stage, uint64_t index)
{
    for (size_t i = 0; i < run->setting->workers; i++) {
        if (schedule_queued(run->schedule, (int)i) == 0)
            continue;
        const struct call *first =
            schedule_queued_call(run->schedule, (int)i, 0);
        if (first->stage == stage && first->index == index)
            return true;
    }
    return false;
}

/* Whether what the worker sends had better wait, for results of calls before
 * its own are missing and many are held. The call that all wait for must run,
 * or it might be waiting itself, behind one that we keep waiting. */
static bool must_wait(const struct run *run, size_t i)
{
    if (schedule_queued(run->schedule, (int)i) == 0)
        return false;
    const struct call *call = schedule_queued_call(run->schedule, (int)i, 0);
    const struct order *order = run->stages[call->stage].order;
    return order_is_swamped(order, call->index) &&
           is_running(run, call->stage, order_first(order));
}

void inbox_resume(struct run *run, size_t i)
{
    struct slot_run *slot = &run->slots[i];
    if (!slot->paused || must_wait(run, i))
        return;
    slot->paused = false;
    workers_watch(run, i);
}

void inbox_receive(struct run *run, size_t i)
{
    struct slot_run *slot = &run->slots[i];
    struct channel *channel = &slot->slot.current.channel;
    if (channel->socket < 0 || slot->paused)
        return;
    if (slot->garbage[0] != '\0' || must_wait(run, i)) {
        slot->paused = slot->garbage[0] == '\0';
        epoll_ctl(run->worker_events, EPOLL_CTL_DEL, channel->socket, NULL);
        return;
    }
    int status = channel_fill(channel, NULL);
    if (status > 0)
        take_messages(run, i);
    else if (status == -ENOMEM)
        run_fail(run, status, "cannot receive results");
    else if (status == 0)
        /* The end is reported by the keeper; don't be woken until then. */
        epoll_ctl(run->worker_events, EPOLL_CTL_DEL, channel->socket, NULL);
}

void inbox_rescue(struct run *run, size_t i)
{
    struct slot *slot = &run->slots[i].slot;
    struct buffer rescued = BUFFER_INIT(SLATE_OUTBOX_BYTES);
    if (!slot->current.reused)
        return;
    int status =
        slate_rescue(slot->slate, slot->current.channel.position, &rescued);
    if (status == 0 && buffer_size(&rescued) > 0)
        status = channel_feed(&slot->current.channel, buffer_bytes(&rescued),
                              buffer_size(&rescued));
    if (status < 0)
        run_fail(run, status, "cannot receive results");
    buffer_clear(&rescued);
    take_messages(run, i);
}

void inbox_receive_last(struct run *run, size_t i)
{
    struct channel *channel = &run->slots[i].slot.current.channel;
    if (channel->socket < 0)
        return;
    while (channel_fill(channel, NULL) > 0)
        take_messages(run, i);
    inbox_rescue(run, i);
}
