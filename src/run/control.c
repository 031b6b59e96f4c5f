/* [host] */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "run/load.h"
#include "run/state.h"

enum {
    RETRY_FIRST_MS = 10,
    RETRY_MOST_MS = 1000,
    RETRY_SAID_MS = 3000,
};

/* Another keeper than the first cannot load what the first one could. */
static void note_refusal(struct run *run, size_t i, size_t plugin,
                         const char *text, size_t size)
{
    char why[512];
    const char *name = plugin < run->setting->job->plugin_count
                           ? run->setting->job->plugins[plugin].name
                           : "?";
    snprintf(why, sizeof why, "plugin %s: %.*s", name, (int)size, text);
    workers_break(run, i, why);
}

static void note_unborn(struct run *run, size_t i,
                        const struct slot_event *event)
{
    struct slot_run *slot = &run->slots[i];
    int64_t now_ms = clock_now_ms();
    if (slot->retrying_since_ms == 0)
        slot->retrying_since_ms = now_ms;
    int64_t tried_ms = now_ms - slot->retrying_since_ms;
    int64_t wait_ms = tried_ms < RETRY_FIRST_MS ? RETRY_FIRST_MS : tried_ms;
    if (wait_ms > RETRY_MOST_MS)
        wait_ms = RETRY_MOST_MS;
    /* Jitter, so that slots do not try all at once. */
    slot->retry_ms = now_ms + wait_ms + random() % (wait_ms / 2 + 1);
    if (tried_ms >= RETRY_SAID_MS) {
        char text[256];
        snprintf(text, sizeof text,
                 "cannot fork a worker for %d s now: %s; still trying",
                 (int)(tried_ms / 1000), strerror(event->number));
        run->setting->observer.noticed(run->setting->observer.context, text);
    }
}

/* A keeper died, and its workers with it. */
static void note_death(struct run *run, size_t i,
                       const struct slot_event *event)
{
    struct slot_run *slot = &run->slots[i];
    struct drover_error err;
    bool loaded = slot->slot.loaded;
    slot->load_limit_ms = 0;
    if (slot->slot.current.wanted)
        workers_bury(run, i, event);
    slot_close(&slot->slot);
    if (!loaded) {
        load_explain_death(event->number, &err);
        note_refusal(run, i, slot->loading, err.message, strlen(err.message));
    }
}

static void note_event(struct run *run, size_t i,
                       const struct slot_event *event)
{
    struct slot_run *slot = &run->slots[i];
    switch (event->type) {
    case SLOT_LOADING:
        slot->loading = event->plugin;
        slot->load_limit_ms = clock_now_ms() + LOAD_LIMIT_MS;
        break;
    case SLOT_LOADED:
        slot->load_limit_ms = 0; /* what is known from the first keeper */
        break;
    case SLOT_REFUSED:
        note_refusal(run, i, event->plugin, event->text.data, event->text.size);
        break;
    case SLOT_BORN:
        slot->retry_ms = slot->retrying_since_ms = 0;
        workers_greet(run, i);
        break;
    case SLOT_UNBORN:
        note_unborn(run, i, event);
        break;
    case SLOT_GONE:
        workers_bury(run, i, event);
        break;
    case SLOT_DEAD:
        note_death(run, i, event);
        break;
    }
}

void control_receive(struct run *run, size_t i)
{
    struct slot_event event;
    slot_fill(&run->slots[i].slot);
    while (run->slots[i].slot.keeper > 0 &&
           slot_next_event(&run->slots[i].slot, &event))
        note_event(run, i, &event);
}

void control_begin(struct run *run, size_t i)
{
    run->slots[i].loading = 0;
    run->slots[i].load_limit_ms = clock_now_ms() + LOAD_LIMIT_MS;
}

void control_tick(struct run *run, size_t i, int64_t now_ms)
{
    struct slot_run *slot = &run->slots[i];
    struct drover_error err;
    if (slot->load_limit_ms == 0 || now_ms < slot->load_limit_ms)
        return;
    load_explain_delay(&err);
    slot_abandon(&slot->slot);
    note_refusal(run, i, slot->loading, err.message, strlen(err.message));
}

int control_retry(struct run *run, int64_t now_ms)
{
    int64_t next_ms = -1;
    for (size_t i = 0; i < run->setting->workers; i++) {
        struct slot_run *slot = &run->slots[i];
        if (slot->retry_ms == 0)
            continue;
        if (slot->retry_ms <= now_ms) {
            slot->retry_ms = 0;
            slot_bury(&slot->slot);
            schedule_gone(run->schedule, (int)i, false);
        } else if (next_ms < 0 || slot->retry_ms - now_ms < next_ms) {
            next_ms = slot->retry_ms - now_ms;
        }
    }
    return (int)next_ms;
}
