/* An exchange of one call, in a process that was forked for it: what channels
 * and background calls are made of. */
#ifndef EXCHANGE_SINGLE_H
#define EXCHANGE_SINGLE_H

#include <drover/exchange.h>

#include "process/fork.h"

/* Whether ARGS are a map or an empty view, as a call's have to be: 0, or
 * -EINVAL. */
int single_check_args(struct drover_value args, struct drover_error *err);

/* CHILD, which was forked and waits for its call, gets it, and belongs to the
 * exchange. The exchange is a continuous queue, the call has index 0. Returns
 * NULL when out of memory or descriptors, and the child is gone. */
struct drover_exchange *single_create(const struct forked *child,
                                      struct drover_value args,
                                      struct drover_error *err);

/* Can be read when drover_exchange_next() may have something new. */
int single_descriptor(const struct drover_exchange *exchange);

/* How many bytes of what was sent to the call its process has not taken. */
size_t single_untaken(const struct drover_exchange *exchange);

/* Kill the process, unless the call has ended: its outcome is
 * DROVER_CANCELLED. */
void single_cancel(struct drover_exchange *exchange);

/* [forked child] Be the process of a call that has no task: go on from here,
 * with a channel to the parent. SOCKET is taken. Ends the process when out of
 * memory. */
struct drover_channel *single_become(int socket);

/* [forked child] Wait until the call has come. Ends the process when it never
 * will. */
void single_await_call(int socket);

#endif
