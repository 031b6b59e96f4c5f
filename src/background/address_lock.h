/* The lock file of an address, `.NAME.lock` beside the socket: whoever holds it
 * owns the address. The lock is one of an open file description (F_OFD_SETLK in
 * fcntl(2)): as with flock(2) it lasts until all descriptors of that are
 * closed, those in forked children, too; but whether it is held can be seen
 * without taking it, which would keep others from taking it just then. */
#ifndef BACKGROUND_ADDRESS_LOCK_H
#define BACKGROUND_ADDRESS_LOCK_H

#include <stdbool.h>

#include <drover/error.h>

#include "background/address.h"
#include "background/address_place.h"

enum {
    ADDRESS_LOCK_EXTRA =
        sizeof "..lock" - 1, /* longer than the socket's name */
};

/* Make the lock file if there is none, and lock it. Returns its descriptor;
 * -EADDRINUSE when another process has it (ERR says which); -EPERM when it is
 * not this user's; what else open(2) says. */
int address_lock_acquire(const struct address_place *place,
                         struct drover_error *err);

/* Whether the file that LOCK is a descriptor of is still at PLACE. */
bool address_lock_is_there(const struct address_place *place, int lock);

/* Write down that this process owns the address, and STORE, durably. When that
 * fails, the file is empty. */
int address_lock_write(int lock, const char *store, struct drover_error *err);

/* Remove the lock file, if it is still that of LOCK, which must be held. */
void address_lock_remove(const struct address_place *place, int lock);

/* Remove it if nothing was ever written into it, and close. Takes -1. */
void address_lock_give_up(const struct address_place *place, int *lock);

/* Whether anybody holds the lock: 1 or 0; -ENOENT, -EPERM. */
int address_lock_is_held(const struct address_place *place,
                         struct drover_error *err);

/* As address_look(). */
int address_lock_look(const struct address_place *place,
                      struct address_owner *out, struct drover_error *err);

#endif
