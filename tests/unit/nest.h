/* A folder for tests that start background processes: addresses and stores are
 * in it, and so is the test while it lasts. What is started there does not
 * survive the test, whether that ends well or not. */
#ifndef NEST_H
#define NEST_H

#include <sys/types.h>

/* Make a fresh one and go there; one that is left from a case that failed goes
 * before. */
void nest_enter(void);

/* End the background processes that own an address in it, and remove it with
 * all that is in it. */
void nest_leave(void);

/* The process that owns the address NAME, or 0. */
pid_t nest_owner(const char *name);

/* Wait until nobody owns the address NAME; the case fails when that takes too
 * long. */
void nest_expect_gone(const char *name);

/* Kill -9 its owner, and wait until it is gone. */
void nest_kill(const char *name);

/* How many stores there are. */
int nest_count_stores(void);

/* The path of the folder. */
const char *nest_folder(void);

#endif
