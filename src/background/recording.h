/* [background process] Recording what the call of an exchange gives. */
#ifndef BACKGROUND_RECORDING_H
#define BACKGROUND_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/error.h>
#include <drover/outcome.h>

#include "store/store.h"

/* stage   its name, borrowed
 * id      of the call's record; 0: it has not begun
 * values  how many are recorded
 * ended   the call's outcome is recorded, and was this `cause` */
struct recording {
    struct store *store;
    const char *stage;
    int64_t id;
    uint64_t values;
    bool ended;
    enum drover_cause cause;
};

/* Record ITEM, a value or the outcome; it is not committed. Returns 0 or the
 * error of the store. */
int recording_add(struct recording *recording,
                  const struct drover_outcome *item, struct drover_error *err);

#endif
