#include "value/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void keys_init(struct keys *keys)
{
    keys->list = keys->few;
    keys->capacity = KEYS_FEW;
    keys->count = 0;
}

void keys_clear(struct keys *keys)
{
    if (keys->list != keys->few)
        free(keys->list);
    keys_init(keys);
}

void keys_reset(struct keys *keys)
{
    keys->count = 0;
}

static int grow(struct keys *keys)
{
    size_t capacity = keys->capacity * 2;
    struct key *old = keys->list == keys->few ? NULL : keys->list;
    struct key *list = reallocarray(old, capacity, sizeof *list);
    if (list == NULL)
        return -ENOMEM;
    if (old == NULL)
        memcpy(list, keys->few, sizeof keys->few);
    keys->list = list;
    keys->capacity = capacity;
    return 0;
}

int keys_push(struct keys *keys, struct key key)
{
    if (keys->count == keys->capacity && grow(keys) < 0)
        return -ENOMEM;
    keys->list[keys->count++] = key;
    return 0;
}

static int compare(const void *left, const void *right, void *bytes)
{
    const struct key *a = left, *b = right;
    const uint8_t *base = bytes;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return memcmp(base + a->at, base + b->at, a->size);
}

static const struct key *find_in_pairs(const struct key *list, size_t count,
                                       const uint8_t *bytes)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (list[i].size == list[j].size &&
                memcmp(bytes + list[i].at, bytes + list[j].at, list[i].size) ==
                    0)
                return &list[i];
    return NULL;
}

const struct key *keys_find_duplicate(struct keys *keys, size_t first,
                                      const uint8_t *bytes)
{
    struct key *list = keys->list + first;
    size_t count = keys->count - first;
    if (count <= KEYS_FEW)
        return find_in_pairs(list, count, bytes);
    /* qsort_r() hands its context on without const. */
    qsort_r(list, count, sizeof *list, compare, (void *)(uintptr_t)bytes);
    for (size_t i = 1; i < count; i++)
        if (compare(&list[i - 1], &list[i], (void *)(uintptr_t)bytes) == 0)
            return &list[i];
    return NULL;
}

void keys_drop(struct keys *keys, size_t first)
{
    keys->count = first;
}
