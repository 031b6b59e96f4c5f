/* Outcomes: how calls end. Every call has exactly one. */
#ifndef DROVER_OUTCOME_H
#define DROVER_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/export.h>
#include <drover/value.h>

#ifdef __cplusplus
extern "C" {
#endif

struct drover_channel;

enum drover_cause {
    DROVER_OK,
    DROVER_ERROR,     /* the task said so, or the call could not be made */
    DROVER_EXIT,      /* the task ended its process */
    DROVER_SIGNAL,    /* its process was killed */
    DROVER_CANCELLED, /* by the user */
    DROVER_SKIPPED,   /* something it needs has failed */
    DROVER_LOST,      /* its worker vanished without a trace */
    DROVER_LOAD,      /* its plugin or worker could not be started */
    DROVER_PROTOCOL,  /* its worker sent what nobody can read */
};

#define DROVER_CAUSES 9

/* The cause's word, as it stands in messages and records: "ok", "signal". */
DROVER_PUBLIC const char *drover_cause_name(enum drover_cause cause);

/* What became of a call, or, with `ended` false, what a call that goes on has
 * sent ahead (see drover_send); then only index, args, value and channel mean
 * something, and cause is DROVER_OK.
 *
 * index       of the call in its exchange: 0 for the one started first
 * args        a map; an empty view when there are none
 * value       what it returned; an empty view when it returned nothing, because
 *             it failed or has sent its values ahead
 * text        what happened, in a sentence; "" for DROVER_OK
 * number      the exit status of DROVER_EXIT, the signal of DROVER_SIGNAL,
 *             else 0
 * elapsed_ns  from the task's beginning to its end, 0 unless it came to that
 * cpu_us      user and system time of a process that ended within the call, and
 * memory_kib  its greatest resident size; both 0 for calls that have returned
 * channel     the channel that it came from, when that was added to the
 *             exchange; NULL for calls
 *
 * Who gives an outcome says for how long its pointers and views are valid. */
struct drover_outcome {
    enum drover_cause cause;
    bool ended;
    uint64_t index;
    struct drover_value args;
    struct drover_value value;
    const char *text;
    int number;
    uint64_t elapsed_ns;
    uint64_t cpu_us;
    uint64_t memory_kib;
    struct drover_channel *channel;
};

/* The outcome in one line for people, such as
 *
 *     call 3 {"i":1,"j":2}: killed by signal 11 (SIGSEGV)
 *
 * written to OUT, at most SIZE bytes with the final NUL, cut beyond. Returns
 * OUT. */
DROVER_PUBLIC char *drover_outcome_format(const struct drover_outcome *outcome,
                                          char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
