/* Starting this executable again, as another of its roles. */
#ifndef PROCESS_SPAWN_H
#define PROCESS_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <drover/error.h>

/* The child's descriptor numbers are the indexes of this list. */
enum { SPAWN_DESCRIPTORS_MAX = 8 };

/* What is to be started.
 *
 * argv         ended by NULL, at most 7; argv[0] is only for show
 * folder       in which it is to run; NULL: in that of this process
 * descriptors  what it gets as 0, 1, 2, ..., COUNT of them; it gets no other,
 *              not even those that this process inherited */
struct spawn_request {
    const char *const *argv;
    const char *folder;
    const int *descriptors;
    size_t count;
};

/* Run the executable of this process in a session of its own, with clean
 * signal dispositions.
 *
 * Returns 0 with *PID to be waited for, or a negative errno value: that of
 * chdir(2) when it cannot run in that folder. */
int spawn_self(const struct spawn_request *request, pid_t *pid,
               struct drover_error *err);

/* Wait for the end of the child PID, but not beyond DEADLINE_MS (monotonic
 * clock): then it is killed. Returns its wait status. */
int spawn_reap(pid_t pid, int64_t deadline_ms);

#endif
