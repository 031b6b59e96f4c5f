/* A connection to a server, for those who ask, or end a run, and wait for the
 * answer; collectors go on with its channel by themselves. */
#ifndef BACKGROUND_LINK_H
#define BACKGROUND_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/error.h>
#include <drover/value.h>

#include "background/reference.h"
#include "wire/channel.h"

/* run: the name of the run that is served */
struct link {
    struct channel channel;
    char *run;
};

/* Connect to who serves the address PATH, and be welcomed, waiting until
 * DEADLINE_MS (monotonic clock) at most.
 *
 * Returns 0; the errors of address_connect(), among them -ENOENT and
 * -ECONNREFUSED when nobody serves it, or it ended just now; -EPROTONOSUPPORT:
 * another version of drover does; -EPROTO: something else does; -EBUSY: to too
 * many others; -ETIMEDOUT, -ENOMEM. */
int link_open(struct link *link, const char *path, int64_t deadline_ms,
              struct drover_error *err);

/* The same for the run that REFERENCE names; -ECONNREFUSED also when another
 * run is served where that one was, or it has no address. */
int link_reach(struct link *link, const struct reference *reference,
               int64_t deadline_ms, struct drover_error *err);

void link_close(struct link *link);

/* How the run stands: a map, see background/standing.h, borrowed until the next
 * use of the link.
 *
 * ended  wait until the run has ended
 *
 * Returns 0, -ETIMEDOUT, -ECONNRESET, -EPROTO, or what the server says when it
 * does not go on. */
int link_ask(struct link *link, bool ended, int64_t deadline_ms,
             struct drover_value *standing, struct drover_error *err);

/* Have the run cancelled. Returns 0 when the server has heard that, with how
 * the run stands now; else as link_ask(). */
int link_cancel(struct link *link, int64_t deadline_ms,
                struct drover_value *standing, struct drover_error *err);

/* What the server says when it does not go on: a message of the type
 * MESSAGE_UNSERVED. Returns a negative errno. */
int link_judge_refusal(const struct message *message, struct drover_error *err);

#endif
