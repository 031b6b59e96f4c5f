/* The steps of opening a store, for whoever makes one, too. */
#ifndef STORE_OPEN_H
#define STORE_OPEN_H

#include "store/state.h"

/* A store that is nothing yet; NULL: no memory. */
struct store *store_allocate(void);

/* FOLDER is absolute and has no symbolic links. Returns 0 or -ENOMEM. */
int store_set_folder(struct store *store, const char *folder,
                     struct drover_error *err);

/* Open the record in store->folder, whose lock we have. Returns as
 * store_open(). */
int store_open_locked(struct store *store, struct drover_error *err);

/* Close without committing. Takes NULL. */
void store_discard(struct store *store);

#endif
