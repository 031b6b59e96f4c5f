/* Addresses: paths of UNIX-domain sockets at which background runs are reached.
 *
 * Who owns an address is decided by a lock (flock) on a file beside the socket,
 * `.NAME.lock`, never by whether the socket exists; the file says who owns it,
 * and where the run's store is, also when nobody does any more. Both are only
 * for this user, and what is not this user's is refused. Paths may be longer
 * than a socket's name can be. */
#ifndef BACKGROUND_ADDRESS_H
#define BACKGROUND_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <drover/error.h>

struct address;

/* PATH from the working folder on, made absolute; to be freed. Returns 0,
 * -EINVAL ("" or one that ends in '/'), -ENAMETOOLONG, -ENOMEM, -ENOENT when
 * its folder does not exist. */
int address_resolve(const char *path, char **out, struct drover_error *err);

/* The address of a run that was given none: RUN.socket in
 * $XDG_RUNTIME_DIR/drover, or, without that, in a folder of ours in /tmp. The
 * folder is made, 0700; one that is not ours alone is refused (-EPERM). */
int address_choose(const char *run, char **out, struct drover_error *err);

/* Become the owner of the address PATH (absolute), take away what socket is
 * left there, and listen. What is there and no socket is not touched.
 *
 * store  the folder of the run's store, written into the lock file
 *
 * Returns 0 with *OUT; -EADDRINUSE when somebody owns it (ERR says which
 * process and store), -EEXIST when something else is in the way, -ENOENT,
 * -EACCES, -EPERM when another user could interfere. */
int address_own(const char *path, const char *store, struct address **out,
                struct drover_error *err);

/* Close, remove the socket. With FORGET the lock file goes, too: nothing is
 * left to come back for. Takes NULL. */
void address_release(struct address *address, bool forget);

/* [forked child] Close what is open, and leave everything in its place. */
void address_abandon(struct address *address);

const char *address_path(const struct address *address);

/* Can be read when somebody connects. It may change with
 * address_restore(). */
int address_descriptor(const struct address *address);

/* Take the next connection, not blocking, close-on-exec. Returns its
 * descriptor; -EAGAIN: there is none; -EPERM: one of another user was refused;
 * -EMFILE and the like: it was turned away with the help of a descriptor kept
 * for this, so that it does not stay in the line. */
int address_accept(struct address *address);

/* Look whether the socket's file is still there and ours, and bind it again
 * when not: to be called now and then. Returns 1 when the descriptor is a new
 * one, 0, or a negative errno. */
int address_restore(struct address *address, struct drover_error *err);

/* Connect to the owner of the address PATH, waiting until DEADLINE_MS
 * (monotonic clock) for one that begins or is slow. The peer must be this
 * user's (or root's) process.
 *
 * Returns the socket, not blocking; -ENOENT or -ECONNREFUSED when nobody owns
 * it, -EPERM, -ETIMEDOUT. */
int address_connect(const char *path, int64_t deadline_ms,
                    struct drover_error *err);

/* What the lock file of the address PATH says: who wrote it last, whether that
 * one still owns it, and its store (to be freed). Returns 0, -ENOENT, -EPERM.
 */
struct address_owner {
    pid_t pid;
    bool alive;
    char *store;
};
int address_look(const char *path, struct address_owner *out,
                 struct drover_error *err);

#endif
