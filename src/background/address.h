/* Addresses: paths of UNIX-domain sockets at which background runs are reached.
 *
 * Who owns an address is decided by a lock on a file beside the socket,
 * `.NAME.lock`, never by whether the socket exists; the file says who owns it,
 * and where the run's store is, also when nobody does any more. Both are only
 * for this user, and what is not this user's is refused. Paths may be longer
 * than a socket's name can be: up to PATH_MAX - 7 bytes, the name up to 249. */
#ifndef BACKGROUND_ADDRESS_H
#define BACKGROUND_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <drover/error.h>

struct address;

/* PATH from the working folder on, made absolute, without symbolic links among
 * its folders, so that an address has one path only; to be freed. Returns 0,
 * -EINVAL ("" or one that names a folder), -ENAMETOOLONG, -ENOMEM, -ENOENT when
 * its folder does not exist. */
int address_resolve(const char *path, char **out, struct drover_error *err);

/* The address of a run that was given none: RUN.socket in
 * $XDG_RUNTIME_DIR/drover, or, without that or when it is another user's, in
 * /tmp/drover-UID. The folder is made, 0700; one that is not ours alone is
 * refused (-EPERM). */
int address_choose(const char *run, char **out, struct drover_error *err);

/* Become the owner of the address PATH (absolute), take away what socket is
 * left there, and listen. What is there and no socket is not touched.
 *
 * store  the folder of the run's store, written into the lock file
 *
 * Returns 0 with *OUT; -EADDRINUSE when somebody owns it (ERR says which
 * process and store) or another program listens there, -EEXIST when something
 * else is in the way, -ENOENT, -EACCES, -EPERM when another user could
 * interfere. */
int address_own(const char *path, const char *store, struct address **out,
                struct drover_error *err);

/* Close, remove the socket. With FORGET the lock file goes, too: nothing is
 * left to come back for. Takes NULL. */
void address_release(struct address *address, bool forget);

/* Remove what a killed owner has left of the address PATH, socket and lock
 * file. Nothing is done when somebody owns it, or it was that of another STORE.
 */
void address_forget(const char *path, const char *store);

/* [forked child] Close what is open, and leave everything in its place. */
void address_abandon(struct address *address);

const char *address_path(const struct address *address);

/* Can be read when somebody connects. It may change with
 * address_restore(). */
int address_descriptor(const struct address *address);

/* Take the next connection, not blocking, close-on-exec. Returns its
 * descriptor; -EAGAIN: there is none; -EPERM: one of another user was refused;
 * -EMFILE, -ENFILE: it was turned away with the help of a descriptor kept for
 * this, so that it does not stay in the line. After the last three there may be
 * more. */
int address_accept(struct address *address);

/* Look whether the socket's and the lock file are still there and ours, and
 * make them again when not; also their folder when it is one that
 * address_choose() makes: to be called now and then, after all that wait were
 * accepted. Returns 1 when the descriptor is a new one, 0, or a negative errno:
 * then nothing has changed, and it may succeed another time (-EADDRINUSE:
 * somebody else has become the owner). */
int address_restore(struct address *address, struct drover_error *err);

/* Connect to the owner of the address PATH, waiting until DEADLINE_MS
 * (monotonic clock) for one that begins or is slow. The peer must be this
 * user's (or root's) process.
 *
 * Returns the socket, not blocking; at once -ENOENT (there is nothing) or
 * -ECONNREFUSED (something is left) when nobody owns it; -ENOTSOCK, -EPERM,
 * -EACCES, -ETIMEDOUT. */
int address_connect(const char *path, int64_t deadline_ms,
                    struct drover_error *err);

/* What the lock file of the address PATH says: who owned it last, whether
 * anybody still does, and the store (to be freed); pid is 0 and store "" when
 * it says nothing, as of one who was killed while it wrote. An owner that has
 * only just begun is waited for, a second at most. Returns 0, -ENOENT, -EPERM.
 */
struct address_owner {
    pid_t pid;
    bool alive;
    char *store;
};
int address_look(const char *path, struct address_owner *out,
                 struct drover_error *err);

#endif
