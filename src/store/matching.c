#include "store/matching.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "store/stages.h"

void matching_init(struct matching *matching, struct store *store)
{
    *matching = (struct matching){ .store = store };
    buffer_init(&matching->taken, SIZE_MAX);
}

void matching_clear(struct matching *matching)
{
    buffer_clear(&matching->taken);
}

static bool is_taken(const struct matching *matching, int64_t id)
{
    size_t byte = (size_t)id / 8;
    return byte < buffer_size(&matching->taken) &&
           (buffer_bytes(&matching->taken)[byte] >> (id % 8) & 1) != 0;
}

static int take(struct matching *matching, int64_t id)
{
    static const uint8_t zeros[4096];
    size_t byte = (size_t)id / 8;
    while (byte >= buffer_size(&matching->taken)) {
        int status = buffer_append(&matching->taken, zeros, sizeof zeros);
        if (status < 0)
            return status;
    }
    buffer_bytes(&matching->taken)[byte] |= (uint8_t)(1 << id % 8);
    return 0;
}

static struct matching_last *find_last(struct matching *matching,
                                       const uint8_t *key)
{
    return &matching->lasts[key[0]];
}

/* Calls with equals are many of a few kinds, one after the other or in turns:
 * few of them lose their place to others. */
static int64_t begin_after(struct matching *matching, int64_t stage,
                           const uint8_t *key)
{
    const struct matching_last *last = find_last(matching, key);
    bool again =
        last->stage == stage && memcmp(last->key, key, RECORD_KEY_BYTES) == 0;
    return again ? last->id : 0;
}

static void remember(struct matching *matching, int64_t stage,
                     const uint8_t *key, int64_t id)
{
    struct matching_last *last = find_last(matching, key);
    last->stage = stage;
    memcpy(last->key, key, RECORD_KEY_BYTES);
    last->id = id;
}

int matching_find(struct matching *matching, const char *stage,
                  const uint8_t *key, struct record_found *out,
                  struct drover_error *err)
{
    int64_t number = stages_find(matching->store, stage);
    int64_t after = begin_after(matching, number, key);
    int status;
    while ((status = record_find(matching->store, stage, key, after, out,
                                 err)) > 0 &&
           is_taken(matching, out->id))
        after = out->id;
    if (status <= 0)
        return status;
    remember(matching, number, key, out->id);
    return take(matching, out->id) < 0 ? error_no_memory(err) : status;
}
