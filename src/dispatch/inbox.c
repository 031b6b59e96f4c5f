/* [host] What workers send. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "dispatch/state.h"

/* The first call in the slot's queue, if it is the one called SEQUENCE. */
static struct call *running_call(struct dispatch *dispatch, size_t i,
                                 uint64_t sequence)
{
    if (schedule_queued(dispatch->schedule, (int)i) == 0)
        return NULL;
    struct call *call = schedule_queued_call(dispatch->schedule, (int)i, 0);
    return call->sequence == sequence ? call : NULL;
}

static void end_call(struct dispatch *dispatch, size_t i, uint64_t elapsed_ns,
                     struct outcome *outcome)
{
    struct slot_work *slot = &dispatch->slots[i];
    if (!slot->slot.current.reused)
        output_drain(dispatch, i);
    struct call *call = schedule_ended(dispatch->schedule, (int)i, elapsed_ns);
    slot_give_sequence(&slot->slot, call->sequence);
    slot->futile = 0;
    outcome->elapsed_ns = elapsed_ns;
    output_finish(dispatch, i, outcome);
    dispatch_settle(dispatch, call, outcome);
    printed_reset(&slot->printed);
}

static void take_failure(struct dispatch *dispatch, size_t i,
                         const struct message_failed *failed)
{
    char text[4096];
    snprintf(text, sizeof text, "%.*s", (int)failed->text.size,
             failed->text.data);
    struct outcome outcome = {
        .cause = failed->cause == 0 ? DROVER_ERROR : DROVER_LOAD,
        .text = text,
    };
    end_call(dispatch, i, failed->elapsed_ns, &outcome);
}

static void keep_result(struct dispatch *dispatch, struct call *call,
                        struct drover_value value, bool ahead)
{
    call->results++;
    dispatch->client->result(dispatch->client->context, call, value, ahead);
}

static void take_log(struct dispatch *dispatch, const struct call *call,
                     const struct message_logged *logged)
{
    if (dispatch->client->logged != NULL)
        dispatch->client->logged(dispatch->client->context, (int)call->stage,
                                 call->index, (unsigned)logged->level,
                                 logged->text.data, logged->text.size);
}

/* Every message but the last names the call it is about in its first field. */
static bool take_message(struct dispatch *dispatch, size_t i,
                         const struct message *message)
{
    if (message->type == MESSAGE_RETIRING)
        return true; /* its end will be reported */
    struct call *call =
        running_call(dispatch, i, message->as.returned.sequence);
    if (call == NULL)
        return false;
    struct slot_work *slot = &dispatch->slots[i];
    slot->stage = (int)call->stage;
    slot->index = call->index;
    switch (message->type) {
    case MESSAGE_SENT:
        keep_result(dispatch, call, message->as.sent.value, true);
        return true;
    case MESSAGE_RETURNED:
        if (message->as.returned.has_value)
            keep_result(dispatch, call, message->as.returned.value, false);
        end_call(dispatch, i, message->as.returned.elapsed_ns,
                 &(struct outcome){ .cause = DROVER_OK, .text = "" });
        return true;
    case MESSAGE_FAILED:
        take_failure(dispatch, i, &message->as.failed);
        return true;
    case MESSAGE_LOGGED:
        take_log(dispatch, call, &message->as.logged);
        return true;
    case MESSAGE_PRINTED:
        output_add(dispatch, i, message->as.printed.bytes.data,
                   message->as.printed.bytes.size);
        return true;
    default:
        return false;
    }
}

/* Garbage ends the worker: nothing that it sends later can be trusted. */
static void condemn(struct dispatch *dispatch, size_t i, const char *why)
{
    struct slot_work *slot = &dispatch->slots[i];
    snprintf(slot->garbage, sizeof slot->garbage,
             "its worker sent what cannot be read: %.200s", why);
    slot_kill_worker(&slot->slot);
}

static void take_messages(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    struct message message;
    struct drover_error err;
    int status = 1;
    while (slot->garbage[0] == '\0' && status > 0) {
        status = channel_receive(&slot->slot.current.channel, &message, &err);
        if (status > 0 && !take_message(dispatch, i, &message)) {
            error_set(&err, EPROTO, "a message about no call that it runs");
            status = -EPROTO;
        }
        if (status < 0)
            condemn(dispatch, i, err.message);
    }
}

static bool is_running(const struct dispatch *dispatch, size_t stage,
                       uint64_t index)
{
    for (size_t i = 0; i < dispatch->slot_count; i++) {
        if (schedule_queued(dispatch->schedule, (int)i) == 0)
            continue;
        const struct call *first =
            schedule_queued_call(dispatch->schedule, (int)i, 0);
        if (first->stage == stage && first->index == index)
            return true;
    }
    return false;
}

enum wait { WAIT_NOT, WAIT_FOR_CALL, WAIT_FOR_ROOM };

/* Whether what the worker sends had better wait: results of calls before its
 * own are missing and many are held, or others cannot take any more. The call
 * that all wait for must run, or it might be waiting itself, behind one that we
 * keep waiting; and those who are to make room must have a slot. */
static enum wait judge_wait(const struct dispatch *dispatch, size_t i)
{
    if (schedule_queued(dispatch->schedule, (int)i) == 0)
        return WAIT_NOT;
    const struct call *call =
        schedule_queued_call(dispatch->schedule, (int)i, 0);
    const struct dispatch_client *client = dispatch->client;
    uint64_t first;
    if (client->wait_for == NULL ||
        !client->wait_for(client->context, call, &first))
        return WAIT_NOT;
    if (first == call->index)
        return schedule_has_other(dispatch->schedule, (int)i) ? WAIT_FOR_ROOM
                                                              : WAIT_NOT;
    return is_running(dispatch, call->stage, first) ? WAIT_FOR_CALL : WAIT_NOT;
}

/* Let the worker wait if it must. Returns whether. */
static bool keep_waiting(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    enum wait wait = judge_wait(dispatch, i);
    slot->paused = wait != WAIT_NOT;
    schedule_rest(dispatch->schedule, (int)i, wait == WAIT_FOR_ROOM);
    return slot->paused;
}

void inbox_resume(struct dispatch *dispatch, size_t i)
{
    if (dispatch->slots[i].paused && !keep_waiting(dispatch, i))
        workers_watch(dispatch, i);
}

void inbox_receive(struct dispatch *dispatch, size_t i)
{
    struct slot_work *slot = &dispatch->slots[i];
    struct channel *channel = &slot->slot.current.channel;
    if (channel->socket < 0 || slot->paused)
        return;
    if (slot->garbage[0] != '\0' || keep_waiting(dispatch, i)) {
        workers_unwatch(dispatch, i);
        return;
    }
    int status = channel_fill(channel, NULL);
    if (status > 0)
        take_messages(dispatch, i);
    else if (status == -ENOMEM)
        dispatch_fail(dispatch, status, "cannot receive results");
    else if (status == 0)
        /* The end is reported by the maker; don't be woken until then. */
        workers_unwatch(dispatch, i);
}

void inbox_rescue(struct dispatch *dispatch, size_t i)
{
    struct slot *slot = &dispatch->slots[i].slot;
    struct buffer rescued = BUFFER_INIT(SLATE_OUTBOX_BYTES);
    if (!slot->current.reused)
        return;
    int status =
        slate_rescue(slot->slate, slot->current.channel.position, &rescued);
    if (status == 0 && buffer_size(&rescued) > 0)
        status = channel_feed(&slot->current.channel, buffer_bytes(&rescued),
                              buffer_size(&rescued));
    if (status < 0)
        dispatch_fail(dispatch, status, "cannot receive results");
    buffer_clear(&rescued);
    take_messages(dispatch, i);
}

void inbox_receive_last(struct dispatch *dispatch, size_t i)
{
    struct channel *channel = &dispatch->slots[i].slot.current.channel;
    if (channel->socket < 0)
        return;
    while (channel_fill(channel, NULL) > 0)
        take_messages(dispatch, i);
    inbox_rescue(dispatch, i);
}
