/* Slots whose workers are forks of the caller. */
#ifndef EXCHANGE_FORK_SLOT_H
#define EXCHANGE_FORK_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatch/slot.h"
#include "plugin/call.h"
#include "process/fork.h"

/* The material of such a slot.
 *
 * seed   of the calls' random numbers
 * ready  a child that has been forked already, to be the first worker; its pid
 *        is 0: there is none, or it has become one */
struct fork_material {
    uint64_t seed;
    struct forked *ready;
};

/* [worker] In a process that was just forked: serve until there is nothing more
 * to do, and end.
 *
 * slate  NULL: one call is served
 * task   what its call calls; NULL: the message that brings it says so */
_Noreturn void fork_slot_serve(int socket, struct slate *slate, uint64_t seed,
                               const struct worker_task *task);

extern const struct slot_maker fork_slot_maker;

/* What a call calls, in the message that brings it: the memory of a worker is a
 * copy of ours from when it was forked, and TASK was there then. */
static inline uint64_t fork_slot_task(const struct worker_task *task)
{
    return (uint64_t)(uintptr_t)task;
}

#endif
