/* Indexes are made when they are first needed: a run that is not resumed never
 * looks for a call, and adds calls faster without. */
#ifndef STORE_INDEXES_H
#define STORE_INDEXES_H

#include <drover/error.h>

#include "store/schema.h"

struct store;

/* Make sure that INDEX is there. Returns 0 or a negative errno. */
int indexes_need(struct store *store, enum schema_index index,
                 struct drover_error *err);

#endif
