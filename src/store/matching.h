/* Which records stand for which calls: those of the same stage and key, and of
 * equal calls each has a record of its own. */
#ifndef STORE_MATCHING_H
#define STORE_MATCHING_H

#include "base/buffer.h"
#include "store/record.h"

/* store  borrowed
 * taken  by id of the record: whether it stands for a call already; bits
 * lasts  calls that were looked for, by a byte of their key, and the record
 * that was found for each last: all of its equals up to that one are taken */
struct matching {
    struct store *store;
    struct buffer taken;
    struct matching_last {
        int64_t stage;
        uint8_t key[RECORD_KEY_BYTES];
        int64_t id;
    } lasts[256];
};

void matching_init(struct matching *matching, struct store *store);
void matching_clear(struct matching *matching);

/* The first record of a call of STAGE with this KEY that was found for no other
 * call. Returns 1 with *OUT, as record_find() gives it; 0: there is none; or an
 * error. */
int matching_find(struct matching *matching, const char *stage,
                  const uint8_t *key, struct record_found *out,
                  struct drover_error *err);

#endif
