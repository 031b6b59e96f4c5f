/* [host] */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "dispatch/state.h"

enum {
    RETRY_FIRST_MS = 10,
    RETRY_MOST_MS = 1000,
    RETRY_SAID_MS = 3000,
};

static void note_unborn(struct dispatch *dispatch, size_t i,
                        const struct slot_event *event)
{
    struct slot_work *slot = &dispatch->slots[i];
    int64_t now_ms = clock_now_ms();
    if (slot->retrying_since_ms == 0)
        slot->retrying_since_ms = now_ms;
    int64_t tried_ms = now_ms - slot->retrying_since_ms;
    int64_t wait_ms = tried_ms < RETRY_FIRST_MS ? RETRY_FIRST_MS : tried_ms;
    if (wait_ms > RETRY_MOST_MS)
        wait_ms = RETRY_MOST_MS;
    /* Jitter, so that slots do not try all at once. */
    slot->retry_ms = now_ms + wait_ms + clock_now_ns() % (wait_ms / 2 + 1);
    if (tried_ms >= RETRY_SAID_MS) {
        char text[256];
        snprintf(text, sizeof text,
                 "cannot fork a worker for %d s now: %s; still trying",
                 (int)(tried_ms / 1000), strerror(event->number));
        dispatch_notice(dispatch, text);
    }
}

/* The maker died, and its worker with it. */
static void note_death(struct dispatch *dispatch, size_t i,
                       const struct slot_event *event)
{
    struct slot_work *slot = &dispatch->slots[i];
    if (slot->slot.current.wanted)
        workers_bury(dispatch, i, event);
    slot_close(&slot->slot);
    slot->control = -1;
}

static void note_event(struct dispatch *dispatch, size_t i,
                       const struct slot_event *event)
{
    switch (event->type) {
    case SLOT_READY:
        break;
    case SLOT_REFUSED:
        workers_break(dispatch, i, event->text);
        break;
    case SLOT_BORN:
        workers_greet(dispatch, i);
        break;
    case SLOT_UNBORN:
        note_unborn(dispatch, i, event);
        break;
    case SLOT_GONE:
        workers_bury(dispatch, i, event);
        break;
    case SLOT_LINGERS:
        dispatch_notice(dispatch, event->text);
        break;
    case SLOT_DEAD:
        note_death(dispatch, i, event);
        break;
    }
}

void control_take(struct dispatch *dispatch, size_t i)
{
    struct slot_event event;
    while (slot_next_event(&dispatch->slots[i].slot, &event))
        note_event(dispatch, i, &event);
}

void control_receive(struct dispatch *dispatch, size_t i)
{
    if (!slot_is_open(&dispatch->slots[i].slot))
        return;
    slot_fill(&dispatch->slots[i].slot);
    control_take(dispatch, i);
}

void control_tick(struct dispatch *dispatch, size_t i, int64_t now_ms)
{
    slot_tick(&dispatch->slots[i].slot, now_ms);
    control_take(dispatch, i);
}

void control_retry(struct dispatch *dispatch, int64_t now_ms)
{
    for (size_t i = 0; i < dispatch->slot_count; i++) {
        struct slot_work *slot = &dispatch->slots[i];
        if (slot->retry_ms == 0 || slot->retry_ms > now_ms)
            continue;
        slot->retry_ms = 0;
        slot_bury(&slot->slot);
        schedule_gone(dispatch->schedule, (int)i, false);
    }
}

int control_until_retry(const struct dispatch *dispatch)
{
    int64_t first_ms = INT64_MAX;
    for (size_t i = 0; i < dispatch->slot_count; i++)
        if (dispatch->slots[i].retry_ms > 0 &&
            dispatch->slots[i].retry_ms < first_ms)
            first_ms = dispatch->slots[i].retry_ms;
    if (first_ms == INT64_MAX)
        return -1;
    int64_t left_ms = first_ms - clock_now_ms();
    return left_ms > 0 ? (int)left_ms : 0;
}
