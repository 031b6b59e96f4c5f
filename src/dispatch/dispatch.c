/* [host] */
#include "dispatch/dispatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "dispatch/state.h"

enum {
    EVENTS_MAX = 64,
    TICK_MS = 50,
    ACTIONS_MAX = 10000, /* between two looks at events */
};

/* --- Failure ---------------------------------------------------------------
 */

void dispatch_fail(struct dispatch *dispatch, int status, const char *what)
{
    if (dispatch->failure != 0)
        return;
    error_set(&dispatch->err, -status, "%s: %s", what, strerror(-status));
    dispatch->failure = status;
}

void dispatch_halt(struct dispatch *dispatch, const struct drover_error *err)
{
    if (dispatch->failure != 0)
        return;
    dispatch->err = *err;
    dispatch->failure = -err->code;
}

int dispatch_failure(const struct dispatch *dispatch, struct drover_error *err)
{
    if (dispatch->failure < 0 && err != NULL)
        *err = dispatch->err;
    return dispatch->failure;
}

void dispatch_notice(const struct dispatch *dispatch, const char *text)
{
    if (dispatch->client->noticed != NULL)
        dispatch->client->noticed(dispatch->client->context, text);
}

/* --- Doing what the schedule says --------------------------------------------
 */

void dispatch_settle(struct dispatch *dispatch, struct call *call,
                     struct outcome *outcome)
{
    size_t stage = call->stage;
    outcome->stage = stage;
    outcome->index = call->index;
    outcome->calls = 1;
    outcome->results = call->results;
    outcome->args = (struct drover_value){ buffer_bytes(&call->args),
                                           buffer_size(&call->args) };
    /* First, so that the client finds the stage as it is now. */
    schedule_settled(dispatch->schedule, stage, outcome->cause == DROVER_OK);
    dispatch->client->ended(dispatch->client->context, call, outcome);
    dispatch_give_call(dispatch, call);
}

static void expand(struct dispatch *dispatch, const struct action *action)
{
    const struct dispatch_client *client = dispatch->client;
    if (action->slot == SCHEDULE_NOBODY) {
        client->refuse(client->context, action->stage, dispatch->broken);
        return;
    }
    struct call *call = client->expand(client->context, action->stage);
    if (call == NULL)
        return;
    call->stage = action->stage;
    workers_send(dispatch, action->slot, call);
    schedule_expanded(dispatch->schedule, action->slot, action->stage, call);
}

static void drop(struct dispatch *dispatch, struct call *call)
{
    struct outcome outcome = { .cause = DROVER_LOAD, .text = dispatch->broken };
    if (schedule_is_draining(dispatch->schedule))
        outcome = (struct outcome){ .cause = DROVER_CANCELLED,
                                    .text = "taken back before it ran" };
    dispatch_settle(dispatch, call, &outcome);
}

static void tell_stage(const struct dispatch *dispatch,
                       void (*tell)(void *context, size_t stage), size_t stage)
{
    if (tell != NULL)
        tell(dispatch->client->context, stage);
}

static void perform(struct dispatch *dispatch, const struct action *action)
{
    switch (action->type) {
    case ACTION_NONE:
        break;
    case ACTION_OPEN:
        tell_stage(dispatch, dispatch->client->open, action->stage);
        break;
    case ACTION_SKIP:
        tell_stage(dispatch, dispatch->client->skip, action->stage);
        break;
    case ACTION_CLOSE:
        tell_stage(dispatch, dispatch->client->close, action->stage);
        break;
    case ACTION_START:
        workers_start(dispatch, action->slot, action->reused);
        break;
    case ACTION_STOP:
        slot_stop_worker(&dispatch->slots[action->slot].slot);
        break;
    case ACTION_EXPAND:
        expand(dispatch, action);
        break;
    case ACTION_SEND:
        workers_send(dispatch, action->slot, action->call);
        break;
    case ACTION_DROP:
        drop(dispatch, action->call);
        break;
    case ACTION_RECALL:
        schedule_recalled(
            dispatch->schedule, action->slot,
            workers_recall(dispatch, action->slot, action->count));
        break;
    }
}

bool dispatch_advance(struct dispatch *dispatch)
{
    unsigned left = ACTIONS_MAX;
    for (; dispatch->failure == 0 && left > 0; left--) {
        struct action action = schedule_next(dispatch->schedule);
        if (action.type == ACTION_NONE)
            break;
        perform(dispatch, &action);
    }
    dispatch->busy = left == 0;
    workers_flush(dispatch);
    return dispatch->busy;
}

/* --- Events ----------------------------------------------------------------
 */

static uint64_t tag(unsigned source, size_t number)
{
    return (uint64_t)source << 32 | number;
}

int dispatch_watch_in(int epoll, int descriptor, uint32_t events,
                      unsigned source, size_t number)
{
    struct epoll_event event = { .events = events,
                                 .data.u64 = tag(source, number) };
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0 ? -errno : 0;
}

int dispatch_watch(struct dispatch *dispatch, int descriptor, uint32_t events,
                   unsigned source, size_t number)
{
    return dispatch_watch_in(dispatch->events, descriptor, events,
                             SOURCES + source, number);
}

void dispatch_unwatch(struct dispatch *dispatch, int descriptor)
{
    epoll_ctl(dispatch->events, EPOLL_CTL_DEL, descriptor, NULL);
}

void dispatch_receive(struct dispatch *dispatch, bool on)
{
    struct epoll_event event = { .events = on ? EPOLLIN : 0,
                                 .data.u64 = tag(SOURCE_WORKERS, 0) };
    if (dispatch->receiving == on)
        return;
    dispatch->receiving = on;
    epoll_ctl(dispatch->events, EPOLL_CTL_MOD, dispatch->worker_events, &event);
}

void dispatch_show(struct dispatch *dispatch, bool on)
{
    dispatch->showing = on;
}

static void receive_from_workers(struct dispatch *dispatch)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(dispatch->worker_events, events, EVENTS_MAX, 0);
    for (int e = 0; e < count; e++)
        inbox_receive(dispatch, (size_t)(uint32_t)events[e].data.u64);
}

static void take_event(struct dispatch *dispatch, uint64_t event_tag)
{
    unsigned source = (unsigned)(event_tag >> 32);
    size_t number = (uint32_t)event_tag;
    switch (source) {
    case SOURCE_WORKERS:
        receive_from_workers(dispatch);
        break;
    case SOURCE_CONTROL:
        control_receive(dispatch, number);
        break;
    case SOURCE_PRINTED:
        live_receive(dispatch, number);
        break;
    case SOURCE_WORKER:
        break; /* comes by SOURCE_WORKERS */
    default:
        dispatch->client->happened(dispatch->client->context, source - SOURCES,
                                   number);
    }
}

static bool slot_needs_tick(const struct slot_work *work)
{
    const struct slot *slot = &work->slot;
    if (work->muted)
        return true;
    /* Nothing else tells that it is there, or that it is gone. */
    return slot->current.born ? slot->control < 0
                              : slot->current.wanted && work->retry_ms == 0;
}

static bool needs_tick(const struct dispatch *dispatch)
{
    /* A reader that does not take anything is given up in time. */
    if (!dispatch->showing)
        return true;
    for (size_t i = 0; i < dispatch->slot_count; i++)
        if (slot_needs_tick(&dispatch->slots[i]) ||
            schedule_queued(dispatch->schedule, (int)i) > 0)
            return true;
    return false;
}

static void tick(struct dispatch *dispatch, int64_t now_ms)
{
    if (now_ms - dispatch->tick_ms < TICK_MS)
        return;
    dispatch->tick_ms = now_ms;
    for (size_t i = 0; i < dispatch->slot_count; i++) {
        control_tick(dispatch, i, now_ms);
        live_tick(dispatch, i);
    }
}

static int earlier(int a_ms, int b_ms)
{
    if (a_ms < 0 || b_ms < 0)
        return a_ms < 0 ? b_ms : a_ms;
    return a_ms < b_ms ? a_ms : b_ms;
}

void dispatch_turn(struct dispatch *dispatch, int most_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int wait_ms = earlier(most_ms, control_until_retry(dispatch));
    if (needs_tick(dispatch))
        wait_ms = earlier(wait_ms, TICK_MS);
    if (dispatch->busy || dispatch->failure != 0)
        wait_ms = 0;
    int count = epoll_wait(dispatch->events, events, EVENTS_MAX, wait_ms);
    if (count < 0 && errno != EINTR)
        dispatch_fail(dispatch, -errno, "cannot wait for events");
    for (int e = 0; e < count; e++)
        take_event(dispatch, events[e].data.u64);
    int64_t now_ms = clock_now_ms();
    control_retry(dispatch, now_ms);
    tick(dispatch, now_ms);
}

/* --- Ends ------------------------------------------------------------------
 */

void dispatch_cancel(struct dispatch *dispatch)
{
    dispatch->cancelling = true;
    schedule_drain(dispatch->schedule);
    for (size_t i = 0; i < dispatch->slot_count; i++)
        if (schedule_queued(dispatch->schedule, (int)i) > 0)
            slot_kill_worker(&dispatch->slots[i].slot);
}

/* Returns whether there are workers left. */
static bool stop_workers(struct dispatch *dispatch)
{
    bool left = false;
    for (size_t i = 0; i < dispatch->slot_count; i++)
        left |= slot_stop_all(&dispatch->slots[i].slot);
    return left;
}

void dispatch_say_farewell(struct dispatch *dispatch, int64_t deadline_ms)
{
    schedule_drain(dispatch->schedule);
    dispatch_receive(dispatch, true);
    /* In every turn: a worker may be born only now. */
    while (dispatch->failure == 0 && stop_workers(dispatch)) {
        int64_t left_ms = deadline_ms - clock_now_ms();
        if (left_ms <= 0)
            break;
        dispatch_turn(dispatch, (int)left_ms);
    }
}

/* --- Creation --------------------------------------------------------------
 */

static int open_events(struct dispatch *dispatch)
{
    dispatch->events = epoll_create1(EPOLL_CLOEXEC);
    dispatch->worker_events = epoll_create1(EPOLL_CLOEXEC);
    if (dispatch->events < 0 || dispatch->worker_events < 0)
        return -errno;
    dispatch->receiving = dispatch->showing = true;
    return dispatch_watch_in(dispatch->events, dispatch->worker_events, EPOLLIN,
                             SOURCE_WORKERS, 0);
}

static int build(struct dispatch *dispatch)
{
    const struct dispatch_setting *setting = &dispatch->setting;
    int status = open_events(dispatch);
    if (status == 0)
        status = workers_create(dispatch);
    if (status < 0)
        return status;
    dispatch->schedule =
        schedule_create(setting->slots, setting->stages, setting->stage_count);
    return dispatch->schedule == NULL ? -ENOMEM : 0;
}

struct dispatch *dispatch_create(const struct dispatch_setting *setting,
                                 struct drover_error *err)
{
    struct dispatch *dispatch = calloc(1, sizeof *dispatch);
    if (dispatch == NULL) {
        error_no_memory(err);
        return NULL;
    }
    dispatch->setting = *setting;
    dispatch->client = &dispatch->setting.client;
    dispatch->slot_count = setting->slots;
    dispatch->events = dispatch->worker_events = -1;
    int status = build(dispatch);
    if (status < 0) {
        error_set(err, -status, "cannot begin to dispatch calls: %s",
                  strerror(-status));
        dispatch_destroy(dispatch);
        return NULL;
    }
    return dispatch;
}

/* Those that were not given back, too: work that cannot go on leaves them where
 * they are. */
static void free_calls(struct dispatch *dispatch)
{
    while (dispatch->newest_call != NULL) {
        struct call *call = dispatch->newest_call;
        dispatch->newest_call = call->older;
        call_free(call);
    }
}

void dispatch_destroy(struct dispatch *dispatch)
{
    if (dispatch == NULL)
        return;
    workers_destroy(dispatch);
    free_calls(dispatch);
    schedule_destroy(dispatch->schedule);
    descriptor_close(&dispatch->worker_events);
    descriptor_close(&dispatch->events);
    free(dispatch);
}

void dispatch_abandon(struct dispatch *dispatch)
{
    for (size_t i = 0; i < dispatch->slot_count; i++)
        slot_abandon(&dispatch->slots[i].slot);
    descriptor_close(&dispatch->worker_events);
    descriptor_close(&dispatch->events);
}

void dispatch_adopt(struct dispatch *dispatch, size_t i, struct slot *slot)
{
    dispatch->slots[i].slot = *slot;
    dispatch->slots[i].slot.material = dispatch->setting.material;
    slot_init(slot, slot->maker, slot->material);
    workers_adopt(dispatch, i);
}

struct slot *dispatch_slot(struct dispatch *dispatch, size_t i)
{
    return &dispatch->slots[i].slot;
}

struct schedule *dispatch_schedule(struct dispatch *dispatch)
{
    return dispatch->schedule;
}

int dispatch_descriptor(const struct dispatch *dispatch)
{
    return dispatch->events;
}
