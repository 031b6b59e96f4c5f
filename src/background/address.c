#include "background/address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background/address_lock.h"
#include "background/address_peer.h"
#include "background/address_place.h"
#include "background/socket_path.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "plugin/trust.h"

/* lock          held for as long as we own the address
 * device, file  which the socket has in the file system
 * spare         to be closed when there is no other descriptor left */
struct address {
    char *path;
    char *store;
    int lock;
    int listener;
    int spare;
    dev_t device;
    ino_t file;
};

/* What is taken to become the owner, or again when something of it was lost;
 * -1: nothing. */
struct taken {
    int lock;
    int listener;
    struct stat socket;
};

/* --- The socket ------------------------------------------------------------
 */

static int look_at_socket(const struct address_place *place, struct stat *out)
{
    return fstatat(place->folder, place->name, out, AT_SYMLINK_NOFOLLOW) < 0
               ? -errno
               : 0;
}

static bool is_socket_there(const struct address *address,
                            const struct address_place *place)
{
    struct stat there;
    return address->listener >= 0 && look_at_socket(place, &there) == 0 &&
           there.st_dev == address->device && there.st_ino == address->file;
}

/* Whether somebody listens at the socket of the file FILE, although nobody has
 * the lock: it is not a run's, or the lock file was removed. */
static int check_unserved(const struct address_place *place, int file,
                          struct drover_error *err)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return error_set(err, errno, "cannot make a socket: %s",
                         strerror(errno));
    int status = socket_path_connect(probe, file);
    close(probe);
    if (status == -ECONNREFUSED)
        return 0;
    return error_set(err, EADDRINUSE,
                     "%.400s is in use: somebody else listens there",
                     place->path);
}

/* Remove the socket of one who was killed, and nothing else. */
static int clear_way(const struct address_place *place,
                     struct drover_error *err)
{
    struct stat there;
    int file =
        openat(place->folder, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return 0;
    int status = file < 0 || fstat(file, &there) < 0 ? -errno : 0;
    if (status < 0)
        error_set(err, -status, "cannot look at %.400s: %s", place->path,
                  strerror(-status));
    else if (!S_ISSOCK(there.st_mode))
        status = error_set(err, EEXIST, "%.400s is there, and is no socket",
                           place->path);
    else if (there.st_uid != geteuid())
        status = error_set(err, EPERM, "%.400s belongs to another user (%u)",
                           place->path, (unsigned)there.st_uid);
    else
        status = check_unserved(place, file, err);
    if (status == 0 && unlinkat(place->folder, place->name, 0) < 0)
        status =
            error_set(err, errno, "cannot remove the old socket %.400s: %s",
                      place->path, strerror(errno));
    descriptor_close(&file);
    return status;
}

/* A name beside the lock file which only its owner uses. */
static void name_temporary(int lock, char name[32])
{
    struct stat file;
    if (fstat(lock, &file) < 0)
        file.st_ino = 0;
    snprintf(name, 32, ".%llu.new", (unsigned long long)file.st_ino);
}

static int bind_and_listen(const struct address_place *place, int lock,
                           struct taken *taken)
{
    char temporary[32];
    name_temporary(lock, temporary);
    int status = socket_path_bind(taken->listener, place->path, place->folder,
                                  temporary);
    if (status < 0)
        return status;
    if (listen(taken->listener, SOMAXCONN) < 0)
        status = -errno;
    else
        status = look_at_socket(place, &taken->socket);
    if (status < 0)
        unlinkat(place->folder, place->name, 0);
    return status;
}

static int open_listener(const struct address_place *place, int lock,
                         struct taken *taken, struct drover_error *err)
{
    int status = clear_way(place, err);
    if (status < 0)
        return status;
    taken->listener =
        socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (taken->listener < 0)
        status = -errno;
    else
        status = descriptor_move_up(&taken->listener);
    if (status == 0)
        status = bind_and_listen(place, lock, taken);
    if (status == 0)
        return 0;
    descriptor_close(&taken->listener);
    return error_set(err, -status, "cannot listen at %.400s: %s", place->path,
                     strerror(-status));
}

/* --- Taking ----------------------------------------------------------------
 */

/* Take what of the address is not, or no longer, ours. */
static int take_missing(const struct address *address,
                        const struct address_place *place, struct taken *taken,
                        struct drover_error *err)
{
    bool has_lock =
        address->lock >= 0 && address_lock_is_there(place, address->lock);
    int status = trust_check_folder(place->folder_path, err);
    if (status == 0 && !has_lock) {
        taken->lock = address_lock_acquire(place, err);
        status = taken->lock < 0 ? taken->lock : 0;
    }
    if (status == 0 && !is_socket_there(address, place))
        status = open_listener(place, has_lock ? address->lock : taken->lock,
                               taken, err);
    /* Only now: what is in it may be all that is known of a run before. */
    if (status == 0 && !has_lock)
        status = address_lock_write(taken->lock, address->store, err);
    return status;
}

static void give_back(const struct address_place *place, struct taken *taken)
{
    if (taken->listener >= 0)
        unlinkat(place->folder, place->name, 0);
    descriptor_close(&taken->listener);
    address_lock_give_up(place, &taken->lock);
}

static void keep(struct address *address, const struct taken *taken)
{
    if (taken->lock >= 0) {
        descriptor_close(&address->lock);
        address->lock = taken->lock;
    }
    if (taken->listener >= 0) {
        descriptor_close(&address->listener);
        address->listener = taken->listener;
        address->device = taken->socket.st_dev;
        address->file = taken->socket.st_ino;
    }
}

/* Returns 1 when the listener is a new one. */
static int take(struct address *address, struct drover_error *err)
{
    struct address_place place;
    struct taken taken = { .lock = -1, .listener = -1 };
    int status = address_place_open(address->path, &place, err);
    if (status < 0)
        return status;
    status = take_missing(address, &place, &taken, err);
    if (status == 0) {
        keep(address, &taken);
        status = taken.listener >= 0;
    } else {
        give_back(&place, &taken);
    }
    address_place_close(&place);
    return status;
}

/* --- Owning ----------------------------------------------------------------
 */

static int open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static struct address *create(const char *path, const char *store)
{
    struct address *address = calloc(1, sizeof *address);
    if (address == NULL)
        return NULL;
    address->lock = address->listener = -1;
    address->path = strdup(path);
    address->store = strdup(store);
    address->spare = open_spare();
    if (address->path != NULL && address->store != NULL)
        return address;
    address_abandon(address);
    return NULL;
}

int address_own(const char *path, const char *store, struct address **out,
                struct drover_error *err)
{
    struct address *address = create(path, store);
    if (address == NULL)
        return error_no_memory(err);
    int status = take(address, err);
    if (status < 0) {
        address_abandon(address);
        return status;
    }
    *out = address;
    return 0;
}

int address_restore(struct address *address, struct drover_error *err)
{
    struct address_place place;
    if (address_place_open(address->path, &place, NULL) == 0) {
        bool whole = is_socket_there(address, &place) &&
                     address_lock_is_there(&place, address->lock);
        address_place_close(&place);
        if (whole)
            return 0;
    }
    int status = address_place_make(address->path, err);
    return status < 0 ? status : take(address, err);
}

void address_release(struct address *address, bool forget)
{
    struct address_place place;
    if (address == NULL)
        return;
    if (address_place_open(address->path, &place, NULL) == 0) {
        if (is_socket_there(address, &place))
            unlinkat(place.folder, place.name, 0);
        if (forget)
            address_lock_remove(&place, address->lock);
        address_place_close(&place);
    }
    address_abandon(address);
}

void address_forget(const char *path, const char *store)
{
    struct address_owner owner;
    struct address *address = NULL;
    if (address_look(path, &owner, NULL) < 0)
        return;
    bool is_left =
        !owner.alive && owner.store != NULL && strcmp(owner.store, store) == 0;
    free(owner.store);
    if (is_left && address_own(path, store, &address, NULL) == 0)
        address_release(address, true);
}

void address_abandon(struct address *address)
{
    descriptor_close(&address->listener);
    descriptor_close(&address->lock);
    descriptor_close(&address->spare);
    free(address->path);
    free(address->store);
    free(address);
}

const char *address_path(const struct address *address)
{
    return address->path;
}

int address_descriptor(const struct address *address)
{
    return address->listener;
}

/* --- Accepting -------------------------------------------------------------
 */

static int accept_next(struct address *address)
{
    int socket =
        accept4(address->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return socket < 0 ? -errno : socket;
}

/* It would stay in the line, and the listener readable. Returns CODE; -EAGAIN
 * when there was none: accept(2) looks for descriptors first. */
static int turn_away(struct address *address, int code)
{
    descriptor_close(&address->spare);
    int socket = accept_next(address);
    if (socket >= 0)
        close(socket);
    address->spare = open_spare();
    return socket == -EAGAIN ? -EAGAIN : code;
}

int address_accept(struct address *address)
{
    int socket = accept_next(address);
    if (socket == -EMFILE || socket == -ENFILE)
        return turn_away(address, socket);
    if (socket == -EINTR || socket == -ECONNABORTED)
        return -EAGAIN;
    if (socket < 0)
        return socket;
    int status = address_check_peer(socket, NULL);
    if (status == 0)
        status = descriptor_move_up(&socket);
    if (status == 0)
        return socket;
    descriptor_close(&socket);
    return status;
}
