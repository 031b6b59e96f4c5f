/* Starting this executable again, as another of its roles. */
#ifndef PROCESS_SPAWN_H
#define PROCESS_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <drover/error.h>

/* The child's descriptor numbers are the indexes of this list. */
enum { SPAWN_DESCRIPTORS_MAX = 8 };

/* Run the executable of this process in a session of its own, with clean
 * signal dispositions.
 *
 * argv         ended by NULL; argv[0] is only for show
 * descriptors  what the child gets as 0, 1, 2, ...; it gets no other, not even
 *              those that this process inherited
 *
 * Returns 0 with *PID to be waited for, or a negative errno value. */
int spawn_self(const char *const argv[], const int *descriptors, size_t count,
               pid_t *pid, struct drover_error *err);

/* Wait for the end of the child PID, but not beyond DEADLINE_MS (monotonic
 * clock): then it is killed. Returns its wait status. */
int spawn_reap(pid_t pid, int64_t deadline_ms);

#endif
