/* [host] Calls, and values passed to them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch/state.h"

/* A call and what has been passed to it fit into one channel, whatever of it is
 * on the way already (see UNSENT_MAX_BYTES). */
enum {
    ARGS_KEPT_BYTES = 4096,
    FRAME_BYTES = 64, /* around arguments or a value, at most */
    ARGS_MAX_BYTES = MESSAGE_LIMIT_BYTES - FRAME_BYTES,
    PASSED_MAX_BYTES = MESSAGE_LIMIT_BYTES - 2 * 1024 * 1024,
};

/* A value for a call that has not begun for certain: should it come back, it is
 * sent again with them. */
struct passed {
    struct passed *next;
    size_t size;
    uint8_t bytes[];
};

struct call *dispatch_take_call(struct dispatch *dispatch)
{
    struct call *call = dispatch->free_calls;
    if (call != NULL) {
        dispatch->free_calls = call->next;
        call->next = NULL;
        call->used = true;
        return call;
    }
    call = calloc(1, sizeof *call);
    if (call == NULL) {
        dispatch_fail(dispatch, -ENOMEM, "cannot make a call");
        return NULL;
    }
    buffer_init(&call->args, ARGS_MAX_BYTES);
    call->used = true;
    call->older = dispatch->newest_call;
    dispatch->newest_call = call;
    return call;
}

/* Forget what LINK leads to, and all behind. */
static void forget_from(struct call *call, struct passed **link)
{
    while (*link != NULL) {
        struct passed *passed = *link;
        *link = passed->next;
        call->passed_bytes -= passed->size + FRAME_BYTES;
        free(passed);
    }
}

static void forget_passed(struct call *call)
{
    forget_from(call, &call->passed);
}

void dispatch_give_call(struct dispatch *dispatch, struct call *call)
{
    forget_passed(call);
    buffer_reset(&call->args);
    buffer_shrink(&call->args, ARGS_KEPT_BYTES);
    call->sequence = call->results = 0;
    call->losses = 0;
    call->used = false;
    call->client = NULL;
    call->next = dispatch->free_calls;
    dispatch->free_calls = call;
}

void call_free(struct call *call)
{
    forget_passed(call);
    buffer_clear(&call->args);
    free(call);
}

static struct passed **end_of_passed(struct call *call)
{
    struct passed **last = &call->passed;
    while (*last != NULL)
        last = &(*last)->next;
    return last;
}

static int keep(struct call *call, struct drover_value value,
                struct passed **last)
{
    size_t size = value.size + FRAME_BYTES;
    if (size > PASSED_MAX_BYTES - call->passed_bytes)
        return -EMSGSIZE;
    struct passed *passed = malloc(sizeof *passed + value.size);
    if (passed == NULL)
        return -ENOMEM;
    passed->next = NULL;
    passed->size = value.size;
    if (value.size > 0)
        memcpy(passed->bytes, value.data, value.size);
    *last = passed;
    call->passed_bytes += size;
    return 0;
}

static int queue_passed(struct dispatch *dispatch, size_t i,
                        const struct call *call, struct drover_value value)
{
    static const uint8_t null = 0xf6;
    bool has_value = value.size > 0;
    struct slot_work *slot = &dispatch->slots[i];
    struct channel *channel = &slot->slot.current.channel;
    struct message message = {
        .type = MESSAGE_PASSED,
        .as.passed = { call->sequence, has_value,
                       has_value ? value : (struct drover_value){ &null, 1 } },
    };
    size_t before = buffer_size(&channel->out);
    int status = channel_queue(channel, &message);
    slot->later_bytes += buffer_size(&channel->out) - before;
    slot->unflushed = true;
    return status;
}

int calls_queue_passed(struct dispatch *dispatch, size_t slot,
                       const struct call *call)
{
    int status = 0;
    for (const struct passed *passed = call->passed;
         status == 0 && passed != NULL; passed = passed->next)
        status =
            queue_passed(dispatch, slot, call,
                         (struct drover_value){ passed->bytes, passed->size });
    return status;
}

struct call *dispatch_find_call(const struct dispatch *dispatch, uint64_t index)
{
    struct call *call = dispatch->newest_call;
    while (call != NULL && !(call->used && call->index == index))
        call = call->older;
    return call;
}

void dispatch_forget_calls(struct dispatch *dispatch,
                           void (*forget)(struct call *call))
{
    for (struct call *call = dispatch->newest_call; call != NULL;
         call = call->older)
        if (call->used)
            forget(call);
}

size_t dispatch_count_busy(const struct dispatch *dispatch)
{
    size_t count = 0;
    for (size_t i = 0; i < dispatch->slot_count; i++)
        count += schedule_queued(dispatch->schedule, (int)i) > 0;
    return count;
}

bool dispatch_has_workers(const struct dispatch *dispatch)
{
    for (size_t i = 0; i < dispatch->slot_count; i++)
        if (dispatch->slots[i].slot.current.born)
            return true;
    return false;
}

/* The slot in whose queue CALL is; slot_count: it is not on its way. */
static size_t find_slot(const struct dispatch *dispatch,
                        const struct call *call)
{
    size_t i = 0;
    for (; i < dispatch->slot_count; i++) {
        size_t queued = schedule_queued(dispatch->schedule, (int)i);
        for (size_t q = 0; q < queued; q++)
            if (schedule_queued_call(dispatch->schedule, (int)i, q) == call)
                return i;
    }
    return i;
}

int dispatch_pass(struct dispatch *dispatch, struct call *call,
                  struct drover_value value)
{
    size_t slot = find_slot(dispatch, call);
    bool sent = slot < dispatch->slot_count;
    bool begun = sent && workers_has_begun(dispatch, slot, call);
    if (begun)
        forget_passed(call);
    struct passed **last = end_of_passed(call);
    int status = begun ? 0 : keep(call, value, last);
    if (status < 0 || !sent)
        return status;
    status = queue_passed(dispatch, slot, call, value);
    if (status < 0)
        forget_from(call, last);
    else
        workers_flush(dispatch);
    return status;
}

size_t dispatch_unsent(const struct dispatch *dispatch, const struct call *call)
{
    size_t slot = find_slot(dispatch, call);
    if (slot == dispatch->slot_count)
        return 0;
    return buffer_size(&dispatch->slots[slot].slot.current.channel.out);
}
