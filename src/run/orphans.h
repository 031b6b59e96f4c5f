/* [host] What keepers leave behind that die before they have cleaned up. This
 * process inherits it, as long as it watches, and kills it: it has no other way
 * to know that the attempts of calls that ran there are over (I4).
 *
 * Not ours, and left alone: keepers that live, children that were there before
 * the first keeper was started, and whoever is in this process's own session,
 * for keepers and all that they start are in others. So is who has become
 * another user's, whom we may not kill. */
#ifndef RUN_ORPHANS_H
#define RUN_ORPHANS_H

#include <stdint.h>
#include <sys/types.h>

#include <drover/error.h>

/* Inherit what a keeper may leave, which is then started, and no longer: one
 * for each keeper. Unless all watch no more they leave this process alone. */
int orphans_watch(struct drover_error *err);
void orphans_unwatch(void);

/* The keeper that was watched for has been started as KEEPER; it has been
 * reaped. */
void orphans_spare(pid_t keeper);
void orphans_forget(pid_t keeper);

/* Kill what was inherited, without waiting. Returns 0 when nothing is left; or
 * who is, -ENOMEM when that cannot be told: call it again a little later. */
pid_t orphans_kill(void);

/* The same, but waits until nothing is left, or until DEADLINE_MS (monotonic
 * clock). */
void orphans_kill_until(int64_t deadline_ms);

#endif
