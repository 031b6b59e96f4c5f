/* [host] Learning what plugins offer, through the first keeper. */
#include <errno.h>

#include "base/clock.h"
#include "base/error.h"
#include "run/keeper_link.h"
#include "run/keeper_slot.h"

enum { DEATH_LOOK_MS = 5 };

static int decode_all(struct drover_value list, size_t count,
                      struct declaration **declarations,
                      struct drover_error *err)
{
    struct drover_iterator each = drover_iterate(list);
    struct drover_value item;
    size_t decoded = 0;
    int status = drover_value_count(list) == count
                     ? 0
                     : error_set(err, EPROTO, "a keeper told of %zu plugins",
                                 drover_value_count(list));
    while (status == 0 && drover_next(&each, &item)) {
        status = declaration_decode(item, &declarations[decoded], err);
        if (status == 0)
            decoded++;
    }
    while (status < 0 && decoded > 0)
        declaration_destroy(declarations[--decoded]);
    return status;
}

/* Wait until the keeper has loaded everything. */
static int await_loaded(struct slot *slot, struct drover_error *err)
{
    struct keeper_link *link = slot->made;
    for (;;) {
        struct slot_event event;
        int told = slot_next_event(slot, &event);
        if (told > 0 && event.type == SLOT_REFUSED)
            return error_set(err, EINVAL, "%s", event.text);
        if (told > 0 && event.type == SLOT_READY)
            return 0;
        if (told > 0)
            return error_set(err, EPROTO, "a keeper spoke out of turn");
        if (link->control.socket < 0)
            clock_pause_ms(DEATH_LOOK_MS); /* for what a dead one has left */
        else
            channel_wait(&link->control, link->load_limit_ms);
        slot_fill(slot);
        /* Also when bytes keep arriving that make no message. */
        slot_tick(slot, clock_now_ms());
    }
}

int keeper_slot_load(struct slot *slot, struct declaration **declarations,
                     size_t *refused, struct drover_error *err)
{
    const struct keeper_material *material = slot->material;
    int status = slot_open(slot, err);
    *refused = 0;
    if (status < 0)
        return status;
    struct keeper_link *link = slot->made;
    status = await_loaded(slot, err);
    *refused = link->loading;
    if (status == 0)
        status =
            decode_all(link->declarations, material->count, declarations, err);
    if (status < 0) {
        keeper_slot_kill(slot);
        slot_close(slot);
    }
    return status;
}
