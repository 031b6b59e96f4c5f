/* How many commits are known to have succeeded: a file beside the record.
 * SQLite takes a log whose end is damaged for one that never had more, and what
 * was committed there would be lost without a word. */
#ifndef STORE_WITNESS_H
#define STORE_WITNESS_H

#include <drover/error.h>

struct store;

/* Begin it in a new store. Returns 0 or a negative errno. */
int witness_create(const char *folder, struct drover_error *err);

/* Open it, and hear it against what the record says. Returns 0; -EUCLEAN: the
 * record lacks commits, or there is no witness; or another errno. */
int witness_open(struct store *store, struct drover_error *err);

/* One commit more has succeeded. What cannot be written is left: then less is
 * known, but nothing false. */
void witness_note(const struct store *store);

#endif
