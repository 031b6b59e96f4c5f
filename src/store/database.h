/* The database in a store's folder: making it, opening it, closing it. */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <stdbool.h>

#include <drover/error.h>

struct store;

/* Make run.db in store->folder, with what store->about says, and make it last.
 * It is not open then. Returns 0 or a negative errno. */
int database_create(struct store *store, struct drover_error *err);

/* Open it, and check it: all of it when it was not closed in good order.
 * Returns as store_open(). */
int database_open(struct store *store, struct drover_error *err);

/* Close it; with TIDY what is in the write-ahead log goes where it belongs,
 * otherwise everything stays as it is. */
void database_close(struct store *store, bool tidy);

#endif
