/* The key of a call: a hash of what it is, the same on every machine, whoever
 * runs it and in whatever order. */
#ifndef PLUGIN_CALL_KEY_H
#define PLUGIN_CALL_KEY_H

#include <stdint.h>

#include <drover/value.h>

enum { CALL_KEY_BYTES = 16 };

struct call_key {
    uint8_t bytes[CALL_KEY_BYTES];
};

/* The key of a call of a plugin's task: XXH3-128 of the plugin's build id (see
 * struct declaration), the name of the task, and the arguments as they are
 * encoded, in the order of the declaration. */
struct call_key call_key_of_task(const char *build_id, const char *task,
                                 struct drover_value args);

/* The key of a call of a C program, which has no build id: of its index in its
 * exchange, and the arguments. */
struct call_key call_key_of_index(uint64_t index, struct drover_value args);

/* The seed of the call with this key, in a run with RUN_SEED. */
uint64_t call_key_seed(const struct call_key *key, uint64_t run_seed);

#endif
