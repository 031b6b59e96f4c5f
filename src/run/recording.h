/* [host] What a run writes into its store: each value and each outcome, at
 * once, and all of it committed together, soon. Nothing leaves the run before
 * it is committed. */
#ifndef RUN_RECORDING_H
#define RUN_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "background/serving.h"
#include "base/buffer.h"
#include "plugin/call_key.h"
#include "store/matching.h"
#include "store/record.h"

/* serving   the store and who is served from it; NULL: the run has no store
 * due_ms    when what was added is to be committed; 0: nothing was
 * unproven  items that were given to the sink, and not acknowledged because
 * they are not written yet: struct unproven known     by id of the record:
 * whether it was found for a call already; bits last_key  of the call that was
 * looked for last, and the record found for it */
struct recording {
    struct serving *serving;
    int64_t due_ms;
    struct buffer unproven;
    struct matching matching;
};

/* A value that an earlier attempt of a call has recorded. */
struct known_value {
    uint64_t item;
    bool acknowledged;
};

/* What is kept of a call whose record was begun before its end.
 *
 * values    how many it gave in this attempt
 * known     those that an earlier attempt gave: they are not recorded again
 * attempts  the earlier ones */
struct call_record {
    int64_t id;
    uint64_t values;
    struct known_value *known;
    uint64_t known_count;
    uint64_t attempts;
};

/* An item that somebody was given before: it is not to be printed. */
#define RECORDING_DELIVERED UINT64_MAX

#endif
