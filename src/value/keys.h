/* The keys of the maps that are open, to find one that comes twice. */
#ifndef VALUE_KEYS_H
#define VALUE_KEYS_H

#include <stddef.h>
#include <stdint.h>

enum { KEYS_FEW = 16 };

/* Where a key's text lies, counted from the front of all bytes. */
struct key {
    size_t at;
    size_t size;
};

/* A stack: the keys of a map lie above those of the map around it. Up to
 * KEYS_FEW take no memory from the heap, but lie in the struct itself, which
 * must stay where it is. */
struct keys {
    struct key *list;
    size_t count;
    size_t capacity;
    struct key few[KEYS_FEW];
};

void keys_init(struct keys *keys);
void keys_clear(struct keys *keys);

/* Forget all keys, keep the memory. */
void keys_reset(struct keys *keys);

/* Add a key. Returns 0 or -ENOMEM. */
int keys_push(struct keys *keys, struct key key);

/* A key among those from number FIRST on that is there twice, or NULL. The
 * order of these keys is lost. Takes n log n steps for n keys.
 *
 * bytes  what the places of the keys are counted from */
const struct key *keys_find_duplicate(struct keys *keys, size_t first,
                                      const uint8_t *bytes);

/* Drop the keys from number FIRST on. */
void keys_drop(struct keys *keys, size_t first);

#endif
