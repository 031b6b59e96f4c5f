/* Stores for tests, in a folder of their own. */
#ifndef STORES_H
#define STORES_H

#include <stdint.h>

#include "store/record.h"
#include "store/store.h"

/* All stores are in a folder of scratch.h from now on; none is any more. */
void stores_begin(void);
void stores_end(void);

/* A file in a store's folder; valid until the next use. */
const char *stores_file(const char *folder, const char *name);

/* A new store, for a run that is in the background. */
struct store *stores_create(void);

/* Commit, close, open again. */
struct store *stores_reopen(struct store *store);

/* An error to be told with ASSERT_TEXT(), of the last of these functions or of
 * whoever else is given it. */
extern struct drover_error stores_error;

/* Record that the call INDEX of STAGE has ended, and give its id. Its key is
 * made of INDEX, its arguments are {"i": INDEX}. */
int64_t stores_end_call(struct store *store, const char *stage, uint64_t index,
                        enum drover_cause cause);
int64_t stores_begin_call(struct store *store, const char *stage,
                          uint64_t index);

/* End the call ID, which was begun or found. */
void stores_end_begun(struct store *store, int64_t id, enum drover_cause cause);

/* Add an int to the call ID, offered to collectors. Returns the item. */
uint64_t stores_add_int(struct store *store, int64_t id, uint64_t number,
                        uint64_t i, bool last);

/* A call that returned its index: both of the above. */
int64_t stores_return_int(struct store *store, const char *stage,
                          uint64_t index);

/* The key that such a call has. */
const uint8_t *stores_key(uint64_t index);

/* The int that VALUE is. */
uint64_t stores_int(struct drover_value value);

#endif
