/* Whether a store may be removed, and removing it. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/error.h>

/* What there is to be known of a store for that.
 *
 * open        a process has it open: it stays
 * unreadable  it is damaged, or of another version; error says how
 * killed      its run has not ended, but nobody carries it on
 * resumable   "drover resume" could carry it on
 * expired     its time is over, see struct store_run
 * left        results that nobody has collected
 * age_ms      since its run ended, or it was last written to */
struct verdict {
    bool open;
    bool unreadable;
    bool killed;
    bool resumable;
    bool expired;
    uint64_t left;
    int64_t age_ms;
    struct drover_error error;
};

struct verdict verdict_of(const char *folder);

/* Remove the store, and what its address has left. Returns 0, or as
 * store_remove(). */
int verdict_carry_out(const char *folder, struct drover_error *err);

#endif
