/* Stages have numbers in the record: their names stand there once. */
#ifndef STORE_STAGES_H
#define STORE_STAGES_H

#include <stdint.h>

#include <drover/error.h>

struct store;

/* Read all names. Returns 0 or a negative errno. */
int stages_read(struct store *store, struct drover_error *err);
void stages_clear(struct store *store);

/* The number of the stage NAME; 0: it has none yet. */
int64_t stages_find(struct store *store, const char *name);

/* The same; it is given one. A transaction must be under way. Returns 0 with
 * *NUMBER, or a negative errno. */
int stages_get(struct store *store, const char *name, int64_t *number,
               struct drover_error *err);

/* The name with that number, borrowed until the store is closed; NULL: there is
 * none. */
const char *stages_name(const struct store *store, int64_t number);

#endif
