/* What the record says of calls: their outcomes, and the values that came of
 * them. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <drover/outcome.h>
#include <drover/value.h>

#include "store/store.h"

enum { RECORD_KEY_BYTES = 16 };

/* A call, identified by its stage and its key; of equal calls in one stage each
 * is a record of its own.
 *
 * stage  the stage's name
 * index  in its stage, when it was made
 * key    RECORD_KEY_BYTES bytes, see plugin/call_key.h
 * args   a map, or an empty view */
struct record_call {
    const char *stage;
    uint64_t index;
    const uint8_t *key;
    struct drover_value args;
};

/* How it ended, see struct outcome in dispatch/outcome.h.
 *
 * attempts    how often it was run; 0: never
 * printed     the last it printed; cut: there was more */
struct record_outcome {
    enum drover_cause cause;
    const char *text;
    int number;
    uint64_t attempts;
    uint64_t elapsed_ns;
    uint64_t cpu_us;
    uint64_t memory_kib;
    const char *printed;
    size_t printed_size;
    bool printed_cut;
};

/* A call as it was found.
 *
 * id       of the record
 * ended    it has an outcome; cause, text and printed are of that, and borrowed
 *          until the next use of the store
 * printed  the last it printed, unless its cause is ok
 * values   how many values of it are recorded */
struct record_found {
    int64_t id;
    bool ended;
    enum drover_cause cause;
    const char *text;
    const char *printed;
    size_t printed_size;
    uint64_t attempts;
    uint64_t values;
};

/* Begin the record of a call that goes on, before its first value. Calls that
 * end without having sent values need not be begun. Returns 0 with *ID. */
int record_begin(struct store *store, const struct record_call *call,
                 int64_t *id, struct drover_error *err);

/* A value of the call ID, its NUMBERth (0 is the first).
 *
 * last     it is what the call returned, not sent ahead
 * offered  to collectors; else it is kept for a resumed run alone */
struct record_value {
    uint64_t number;
    struct drover_value value;
    bool last;
    bool offered;
};

/* One that is recorded already stays as it is: what a call gave before its run
 * was killed is not given again with other bytes.
 *
 * Returns 0; *ITEM (may be NULL) is then the item's number for collectors, see
 * store/delivery.h, or 0 when it is not offered, or not
 * any more. */
int record_add_value(struct store *store, int64_t id,
                     const struct record_value *value, uint64_t *item,
                     struct drover_error *err);

/* The call has ended. A record that was begun, or found, ends (*ID > 0), or one
 * is made (*ID == 0; CALL says of what). An earlier outcome of it is replaced,
 * and what of that was offered and not acknowledged is withdrawn.
 *
 * offered  an outcome that is not ok is offered to collectors */
int record_end(struct store *store, int64_t *id, const struct record_call *call,
               const struct record_outcome *outcome, bool offered,
               struct drover_error *err);

/* The first record of a call of STAGE with this KEY whose id is above AFTER.
 * Returns 1 with *OUT, 0: there is none. */
int record_find(struct store *store, const char *stage, const uint8_t *key,
                int64_t after, struct record_found *out,
                struct drover_error *err);

/* A value as it was found. acknowledged: nobody is to get it any more. */
struct record_stored {
    struct record_value value;
    uint64_t item;
    bool acknowledged;
};

/* Give the values of the call ID to TAKE, in their order, as long as it returns
 * 0; each is checked against its checksum. TAKE must not use the store. Returns
 * 0, what TAKE returned, or an error. */
int record_read_values(struct store *store, int64_t id,
                       int (*take)(void *context,
                                   const struct record_stored *stored),
                       void *context, struct drover_error *err);

/* Forget the calls that could not even be made, those whose key is all zeros,
 * and what was offered of them and not acknowledged: a resumed run makes them
 * again. */
int record_forget_unmade(struct store *store, struct drover_error *err);

/* Give all outcomes that are not ok to TAKE, the oldest first. */
int record_read_failures(struct store *store,
                         int (*take)(void *context,
                                     const struct record_call *call,
                                     const struct record_outcome *outcome),
                         void *context, struct drover_error *err);

#endif
