/* What the schedule wants of the world is done, and the schedule told of it. */
#ifndef WORLD_ACT_H
#define WORLD_ACT_H

#include "world.h"

/* Everything that can be done without an event, in a bounded number of
 * actions: each call is given out at most a few times. What must always hold is
 * looked at after each. */
void act(void);

/* CALL has its outcome; its stage may feed others with that. */
void settle(struct call *call, bool succeeded);

/* Take the first of the COUNT CALLS out. */
struct call *shift(struct call **calls, size_t *count);

/* The last COUNT calls of the queue go to the front of the line. */
void give_back(struct seat *seat, size_t count);

#endif
