#include "store/matching.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void matching_init(struct matching *matching, struct store *store)
{
    *matching = (struct matching){ .store = store };
    buffer_init(&matching->taken, SIZE_MAX);
}

void matching_clear(struct matching *matching)
{
    buffer_clear(&matching->taken);
    free(matching->last.stage);
    matching->last.stage = NULL;
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

/* Equal calls often follow each other: all records up to this one are taken. */
static int64_t begin_after(const struct matching *matching, const char *stage,
                           const uint8_t *key)
{
    bool again = matching->last.stage != NULL &&
                 strcmp(matching->last.stage, stage) == 0 &&
                 memcmp(matching->last.key, key, RECORD_KEY_BYTES) == 0;
    return again ? matching->last.id : 0;
}

static int remember(struct matching *matching, const char *stage,
                    const uint8_t *key, int64_t id)
{
    if (matching->last.stage == NULL ||
        strcmp(matching->last.stage, stage) != 0) {
        char *copy = strdup(stage);
        if (copy == NULL)
            return -ENOMEM;
        free(matching->last.stage);
        matching->last.stage = copy;
    }
    memcpy(matching->last.key, key, RECORD_KEY_BYTES);
    matching->last.id = id;
    return take(matching, id);
}

int matching_find(struct matching *matching, const char *stage,
                  const uint8_t *key, struct record_found *out,
                  struct drover_error *err)
{
    int64_t after = begin_after(matching, stage, key);
    int status;
    while ((status = record_find(matching->store, stage, key, after, out,
                                 err)) > 0 &&
           is_taken(matching, out->id))
        after = out->id;
    if (status > 0 && remember(matching, stage, key, out->id) < 0)
        return error_no_memory(err);
    return status;
}
