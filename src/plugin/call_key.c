#include "plugin/call_key.h"

#include <stddef.h>
#include <string.h>

/* As in plugin/load.c. */
#define XXH_INLINE_ALL
#include <xxhash.h>

/* The two kinds of keys differ in their first byte, and parts cannot run into
 * each other: texts go in with the NUL at their end, arguments are last. */
enum { OF_TASK = 't', OF_INDEX = 'i' };

static void begin(XXH3_state_t *state, char kind)
{
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, &kind, 1);
}

static void add_text(XXH3_state_t *state, const char *text)
{
    XXH3_128bits_update(state, text, strlen(text) + 1);
}

/* The highest byte first, whatever this machine's order is. */
static void put_number(uint8_t bytes[8], uint64_t number)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (56 - 8 * i));
}

static struct call_key finish(XXH3_state_t *state, struct drover_value args)
{
    struct call_key key;
    XXH128_canonical_t digest;
    if (args.size > 0)
        XXH3_128bits_update(state, args.data, args.size);
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(state));
    memcpy(key.bytes, digest.digest, sizeof key.bytes);
    return key;
}

struct call_key call_key_of_task(const char *build_id, const char *task,
                                 struct drover_value args)
{
    XXH3_state_t state;
    begin(&state, OF_TASK);
    add_text(&state, build_id);
    add_text(&state, task);
    return finish(&state, args);
}

struct call_key call_key_of_index(uint64_t index, struct drover_value args)
{
    XXH3_state_t state;
    uint8_t bytes[8];
    begin(&state, OF_INDEX);
    put_number(bytes, index);
    XXH3_128bits_update(&state, bytes, sizeof bytes);
    return finish(&state, args);
}

uint64_t call_key_seed(const struct call_key *key, uint64_t run_seed)
{
    uint8_t bytes[8 + CALL_KEY_BYTES];
    put_number(bytes, run_seed);
    memcpy(bytes + 8, key->bytes, CALL_KEY_BYTES);
    return XXH3_64bits(bytes, sizeof bytes);
}
