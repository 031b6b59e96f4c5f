/* [host] */
#include "run/load.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/error.h"

void load_explain_death(int wait_status, struct drover_error *err)
{
    if (WIFSIGNALED(wait_status))
        error_set(err, EINVAL, "crashed while it was loaded: signal %d (SIG%s)",
                  WTERMSIG(wait_status), sigabbrev_np(WTERMSIG(wait_status)));
    else
        error_set(err, EINVAL,
                  "ended the process with exit status %d while it was loaded",
                  WEXITSTATUS(wait_status));
}

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

/* Wait for the slot's next event, until DEADLINE_MS. */
static int wait_event(struct slot *slot, int64_t deadline_ms,
                      struct slot_event *event)
{
    while (slot_next_event(slot, event) == 0) {
        /* Also when bytes keep arriving that make no message. */
        int status = clock_now_ms() < deadline_ms
                         ? channel_wait(&slot->control, deadline_ms)
                         : -ETIMEDOUT;
        if (status < 0)
            return status;
        slot_fill(slot);
    }
    return 0;
}

int load_explain_delay(struct drover_error *err)
{
    return error_set(err, EINVAL, "did not load within %d s",
                     LOAD_LIMIT_MS / 1000);
}

static int await_loaded(struct slot *slot, size_t count,
                        struct declaration **declarations, size_t *loading,
                        struct drover_error *err)
{
    struct slot_event event;
    for (;;) {
        int64_t deadline_ms = clock_now_ms() + LOAD_LIMIT_MS;
        if (wait_event(slot, deadline_ms, &event) < 0)
            return load_explain_delay(err);
        switch (event.type) {
        case SLOT_LOADING:
            *loading = event.plugin;
            break;
        case SLOT_REFUSED:
            return error_set(err, EINVAL, "%.*s", (int)event.text.size,
                             event.text.data);
        case SLOT_DEAD:
            load_explain_death(event.number, err);
            return -EINVAL;
        case SLOT_LOADED:
            return decode_all(event.declarations, count, declarations, err);
        default:
            return error_set(err, EPROTO, "a keeper spoke out of turn");
        }
    }
}

int load_plugins(struct slot *slot, const char *const *files, size_t count,
                 struct declaration **declarations, size_t *refused,
                 struct drover_error *err)
{
    int status = slot_open(slot, files, count, err);
    if (status < 0)
        return status;
    *refused = 0;
    status = await_loaded(slot, count, declarations, refused, err);
    if (status < 0)
        slot_abandon(slot);
    return status;
}
