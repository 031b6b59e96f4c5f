#include "background/standing.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "value/builder.h"
#include "value/encode.h"

enum { STANDING_BYTES_MAX = 64 * 1024 }; /* a few paths, escaped at worst */

/* --- Values ------------------------------------------------------------------
 */

static void put_uint(struct drover_builder *map, const char *key,
                     uint64_t number)
{
    drover_build_text(map, key);
    drover_build_uint(map, number);
}

static void put_null(struct drover_builder *map, const char *key)
{
    drover_build_text(map, key);
    drover_build_null(map);
}

static void put_text(struct drover_builder *map, const char *key,
                     const char *bytes)
{
    struct buffer text = BUFFER_INIT(STANDING_BYTES_MAX);
    int status = text_escape_invalid(&text, bytes, strlen(bytes));
    if (status < 0)
        builder_fail(map, -status, "no room for %s", key);
    drover_build_text(map, key);
    drover_build_text_sized(map, (const char *)buffer_bytes(&text),
                            buffer_size(&text));
    buffer_clear(&text);
}

static void put_time(struct drover_builder *map, const char *key, int64_t ms)
{
    struct tm utc;
    char seconds[32], text[48];
    time_t since = (time_t)(ms / 1000);
    if (ms <= 0 || gmtime_r(&since, &utc) == NULL) {
        put_null(map, key);
        return;
    }
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, sizeof text, "%s.%03dZ", seconds, (int)(ms % 1000));
    put_text(map, key, text);
}

/* --- The map -----------------------------------------------------------------
 */

static const char *tell_state(const struct store_summary *summary, pid_t pid)
{
    if (summary->state == STORE_RUNNING && pid == 0)
        return "killed";
    return store_state_name(summary->state);
}

static void put_identity(struct drover_builder *map, const struct store *store,
                         const char *state, pid_t pid)
{
    const struct store_run *run = store_run(store);
    put_text(map, "run", store_name(store));
    if (run->address[0] != '\0')
        put_text(map, "address", run->address);
    else
        put_null(map, "address");
    put_text(map, "state", state);
    if (pid != 0)
        put_uint(map, "pid", (uint64_t)pid);
    else
        put_null(map, "pid");
    put_text(map, "job", run->job);
}

static void put_progress(struct drover_builder *map,
                         const struct store_summary *summary)
{
    put_uint(map, "done", summary->done);
    put_uint(map, "failed", summary->failed);
    if (summary->total != UINT64_MAX)
        put_uint(map, "total", summary->total);
    else
        put_null(map, "total");
    put_uint(map, "items", summary->items);
    put_uint(map, "acknowledged", summary->acknowledged);
    put_uint(map, "attempts", summary->attempts);
    put_time(map, "started", summary->started_ms);
    put_time(map, "ended", summary->ended_ms);
}

int standing_write(struct store *store, pid_t pid, struct buffer *out)
{
    struct store_summary summary;
    struct drover_value value;
    struct drover_builder *map = builder_create(STANDING_BYTES_MAX);
    if (map == NULL)
        return -ENOMEM;
    store_summarize(store, &summary);
    drover_build_map_begin(map);
    put_identity(map, store, tell_state(&summary, pid), pid);
    put_progress(map, &summary);
    put_text(map, "store", store_folder(store));
    drover_build_text(map, "resumable");
    drover_build_bool(map, store_run(store)->text_size > 0);
    drover_build_map_end(map);
    int status = drover_builder_value(map, &value, NULL);
    if (status == 0)
        status = value_put_raw(out, value);
    drover_builder_destroy(map);
    return status;
}
