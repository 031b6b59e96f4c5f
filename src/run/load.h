/* [host] Learning what plugins offer, through a keeper that loads them. */
#ifndef RUN_LOAD_H
#define RUN_LOAD_H

#include <stddef.h>

#include <drover/error.h>

#include "plugin/declaration.h"
#include "run/slot.h"

enum { LOAD_LIMIT_MS = 10 * 1000 }; /* for each plugin */

/* Open SLOT (initialised, without a keeper) with the plugin FILES and learn
 * their declarations. Waits.
 *
 * declarations  one for each file, to be destroyed by the caller
 * refused       on -EINVAL: which of the files could not be loaded
 *
 * Returns 0 with the slot ready to make workers; -EINVAL when a plugin cannot
 * be loaded (ERR holds the sentence, without the plugin's name); or what kept
 * the keeper from starting. On failure the slot is closed. */
int load_plugins(struct slot *slot, const char *const *files, size_t count,
                 struct declaration **declarations, size_t *refused,
                 struct drover_error *err);

/* Why a keeper died with WAIT_STATUS while it loaded a plugin: a sentence. */
void load_explain_death(int wait_status, struct drover_error *err);

/* That it took longer than LOAD_LIMIT_MS: a sentence. Returns -EINVAL. */
int load_explain_delay(struct drover_error *err);

#endif
