/* Forking this process, as it is. */
#ifndef PROCESS_FORK_H
#define PROCESS_FORK_H

#include <sys/types.h>

#include <drover/error.h>

/* What both sides of a fork have of each other.
 *
 * pid     of the child; 0 in the child
 * socket  to the other side: not blocking in the parent, blocking in the child
 * pidfd   in the parent: can be read when the child has ended; -1 where the
 *         kernel has no such */
struct forked {
    pid_t pid;
    int socket;
    int pidfd;
};

/* Fork. The child dies with its parent, has nothing in its stdio that the
 * parent might write, too, and has to end by _exit(2).
 *
 * Returns 0, in the parent and in the child; -EDEADLK when other threads run;
 * -EAGAIN, -ENOMEM or what else fork(2) or socketpair(2) say. */
int fork_process(struct forked *out, struct drover_error *err);

/* [parent] Kill the child and forget it. */
void fork_abandon(const struct forked *child);

/* Whether this process may fork: 0, or -EDEADLK with how many threads there are
 * and what to do. */
int fork_check_threads(struct drover_error *err);

#endif
