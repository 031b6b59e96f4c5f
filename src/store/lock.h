/* The lock of a store: whoever has the store open holds it, as a lock of an
 * open file description (see fcntl(2)): it ends with its process, forks that
 * closed it do not matter, and others can look without touching it. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <sys/types.h>

#include <drover/error.h>

/* Take the lock of the store in FOLDER, and write our process id into it.
 *
 * Returns the descriptor; -EBUSY when somebody has it (ERR says who), -ENOENT
 * when the folder goes or has gone, or what open(2) says. */
int lock_take(const char *folder, struct drover_error *err);

/* Open the file NAME in FOLDER, which is to be locked, with the FLAGS of
 * open(2). Returns a descriptor above 2, or a negative errno. */
int lock_open(const char *folder, const char *name, int flags);

/* Lock FILE for its open file description alone. Returns 0; -EBUSY when another
 * one has it locked; or what fcntl(2) says. */
int lock_whole(int file);

/* Who has the lock: a process id; 0: nobody; -1: somebody, who has not said. */
pid_t lock_owner(const char *folder);

#endif
