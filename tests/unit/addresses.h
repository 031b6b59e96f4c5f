/* Owning addresses in tests. */
#ifndef ADDRESSES_H
#define ADDRESSES_H

#include <stdbool.h>
#include <sys/types.h>

#include "background/address.h"

/* Own the address PATH for the store /store; the case fails when that does. */
struct address *own_address(const char *path);

/* Assert that it fails with the errno number CODE and a sentence with WHY. */
void expect_refused_address(const char *path, int code, const char *why);

/* Connect, be accepted, and send a byte. */
void expect_served_address(struct address *address);

/* What the lock file says. */
void expect_address_owner(const char *path, pid_t pid, bool alive,
                          const char *store);

/* A file of this TYPE (S_IFSOCK, S_IFREG), 0600; or none. */
void expect_mode(const char *path, mode_t type);
void expect_missing(const char *path);

/* Close the writing end; return when the other processes' are closed, too. */
void await_end_of_pipe(const int pipe_ends[2]);

#endif
