/* [host] Slots whose workers are made by a keeper: this executable started
 * again, with the plugins loaded. */
#ifndef RUN_KEEPER_SLOT_H
#define RUN_KEEPER_SLOT_H

#include <stddef.h>
#include <stdint.h>

#include <drover/error.h>

#include "dispatch/slot.h"
#include "plugin/declaration.h"

/* How long a keeper that is told to end may take to do so, and how long it may
 * take to load each plugin; after how long it is said that what a dead one has
 * left does not end. */
enum {
    KEEPER_END_MS = 2000,
    KEEPER_LOAD_MS = 10 * 1000,
    KEEPER_LINGER_MS = 3000,
};

/* The material of such a slot.
 *
 * files  the plugins' files; absolute where FOLDER is another one
 * names  of the plugins, for messages; NULL: these name none
 * seed   of the run
 * folder that the keeper, and so the tasks, run in; NULL: this process's own
 * held   a descriptor above 2 that keepers and workers have open as long as
 * they live, see keeper_slot_hold(); less: none */
struct keeper_material {
    const char *const *files;
    const char *const *names;
    size_t count;
    uint64_t seed;
    const char *folder;
    int held;
};

extern const struct slot_maker keeper_slot_maker;

/* Open SLOT (initialised, not open) and learn what its plugins declare. Waits.
 *
 * declarations  one for each file, to be destroyed by the caller
 * refused       on -EINVAL: which of the files could not be loaded
 *
 * Returns 0 with the slot ready to make workers; -EINVAL when a plugin cannot
 * be loaded (ERR holds the sentence); or what kept the keeper from starting. On
 * failure the slot is closed. */
int keeper_slot_load(struct slot *slot, struct declaration **declarations,
                     size_t *refused, struct drover_error *err);

/* Have the keeper of a slot that has made no worker yet keep a duplicate of
 * DESCRIPTOR open as long as it lives, and each worker as long as that lives:
 * a lock of the open file description is held as long as any of them is alive.
 * Workers pass it on to whatever they start.
 *
 * Returns 0, also when the keeper is dead or does not read, which is noticed as
 * ever, with no worker made; or what kept the descriptor from being sent. */
int keeper_slot_hold(struct slot *slot, int descriptor,
                     struct drover_error *err);

/* Kill the keeper, and with it its workers: SLOT_DEAD follows. */
void keeper_slot_kill(struct slot *slot);

#endif
