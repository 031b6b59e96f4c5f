/* Lives of workers that have a plugin of their program's own. */
#ifndef LIFE_TASKS_H
#define LIFE_TASKS_H

#include <stdbool.h>

#include "life.h"

/* Its tasks; each takes an int n.
 *
 * INCREASE  returns n + 1
 * SHOUT     prints "n is %d\nand"
 * GIVE_UP   fails: "no more"
 * POUR      sends three texts that are larger than the outbox, and does not
 *           return one
 * LEAVE     changes the working folder
 * DIE       is killed
 * ADD_UP    answers each value by the sum so far, n included, until no more
 *           come
 * TRICKLE   sends n, and then waits for its host to end
 * HIDE      returns n, and then nothing */
enum {
    INCREASE,
    SHOUT,
    GIVE_UP,
    POUR,
    LEAVE,
    DIE,
    ADD_UP,
    TRICKLE,
    HIDE,
    TASK_COUNT
};

/* The texts of POUR have so many bytes. */
enum { LARGE = 100 * 1000 };

/* How the worker is:
 *
 * refusing  its worker_start() returns 5
 * hookless  its plugin is too old to have hooks; else worker_stop() prints
 *           "goodbye\n" */
struct manner {
    bool refusing;
    bool hookless;
    bool reused;
    bool two_way;
};

/* Begin it; borrows MANNER during the call. */
void life_begin_as(struct life *life, const struct manner *manner);
void life_begin_forked(struct life *life);
void life_begin_reused(struct life *life);

#endif
