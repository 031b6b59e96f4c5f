/* Reaching runs by what users call them: asking who serves them, or else
 * reading their stores. */
#ifndef CLI_REACH_H
#define CLI_REACH_H

#include <stdint.h>

#include <drover/error.h>

#include "background/reference.h"
#include "base/buffer.h"
#include "store/store.h"

/* How long commands wait for an answer from who serves a run. */
enum { REACH_PATIENCE_MS = 5000 };

/* Append how the run stands to OUT: a map, see background/standing.h, with the
 * states "running" and "busy" also for runs that a process has open and does
 * not serve, of which little more can be told: those in the foreground, and
 * those that somebody collects from.
 *
 * patience_ms  how long to wait for who serves it
 *
 * Returns 0; -ENOENT: it is not served, and there is no store; -EUCLEAN;
 * -ETIMEDOUT; what else link_reach() and store_open() say. */
int reach_standing(const struct reference *reference, int64_t patience_ms,
                   struct buffer *out, struct drover_error *err);

/* Open the store in FOLDER. Whoever has just served the run, or looked at it,
 * is about to let go, and is waited for. Returns as store_open(). */
int reach_store(const char *folder, struct store **out,
                struct drover_error *err);

/* Wait until the run has ended, or nobody carries it out any more, and append
 * how it stands then.
 *
 * deadline_ms  monotonic clock; -1: for ever
 *
 * Returns as reach_standing(). */
int reach_end(const struct reference *reference, int64_t deadline_ms,
              struct buffer *out, struct drover_error *err);

/* Say what went wrong with the run that the user calls TEXT, unless ERR says
 * its name. Returns the exit status for it. */
int reach_complain(const char *text, const struct drover_error *err);

/* The exit status for an error about an address, by its positive errno. */
int reach_exit_status(int code);

#endif
