#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background/address.h"
#include "background/address_lock.h"
#include "background/address_peer.h"
#include "background/address_place.h"
#include "background/socket_path.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"

enum { PAUSE_MS_MAX = 50 };

/* --- Whom to trust ---------------------------------------------------------
 */

static bool is_trusted(uid_t user)
{
    return user == 0 || user == geteuid();
}

int address_check_peer(int socket, struct drover_error *err)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return error_set(err, errno, "cannot tell whose process that is: %s",
                         strerror(errno));
    if (!is_trusted(peer.uid))
        return error_set(err, EPERM, "process %d belongs to another user (%u)",
                         (int)peer.pid, (unsigned)peer.uid);
    return 0;
}

/* --- One attempt -----------------------------------------------------------
 */

static int refuse_file(const struct address_place *place,
                       const struct stat *file, struct drover_error *err)
{
    if (!S_ISSOCK(file->st_mode))
        return error_set(err, ENOTSOCK, "%.400s is no socket", place->path);
    if (!is_trusted(file->st_uid))
        return error_set(err, EPERM, "%.400s belongs to another user (%u)",
                         place->path, (unsigned)file->st_uid);
    return 0;
}

static int open_file(const struct address_place *place,
                     struct drover_error *err)
{
    struct stat status;
    int file =
        openat(place->folder, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return error_set(err, errno, "cannot find %.400s: %s", place->path,
                         strerror(errno));
    int refused = fstat(file, &status) < 0
                      ? error_set(err, errno, "cannot look at %.400s: %s",
                                  place->path, strerror(errno))
                      : refuse_file(place, &status, err);
    if (refused == 0)
        return file;
    close(file);
    return refused;
}

static int connect_to(const struct address_place *place, int file,
                      struct drover_error *err)
{
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int status = made < 0 ? -errno : descriptor_move_up(&made);
    if (status == 0)
        status = socket_path_connect(made, file);
    if (status < 0)
        error_set(err, -status, "cannot connect to %.400s: %s", place->path,
                  strerror(-status));
    else
        status = address_check_peer(made, err);
    if (status == 0)
        return made;
    descriptor_close(&made);
    return status;
}

static int try_once(const struct address_place *place, struct drover_error *err)
{
    int file = open_file(place, err);
    if (file < 0)
        return file;
    int status = connect_to(place, file, err);
    close(file);
    return status;
}

/* --- Until it succeeds -----------------------------------------------------
 */

/* Of one who has the lock, but no socket yet, the socket will come. */
static bool is_worth_waiting(const struct address_place *place, int status)
{
    if (status == -EAGAIN)
        return true;
    if (status != -ENOENT && status != -ECONNREFUSED)
        return false;
    return address_lock_is_held(place, NULL) == 1;
}

/* Nobody has the address: did anybody have it? */
static int explain_absence(const struct address_place *place, int status,
                           struct drover_error *err)
{
    if (status == -ENOENT && address_lock_is_held(place, NULL) < 0)
        return error_set(err, ENOENT, "there is no run at %.400s", place->path);
    return error_set(err, ECONNREFUSED, "nobody serves %.400s any more",
                     place->path);
}

static int connect_until(const struct address_place *place, int64_t deadline_ms,
                         struct drover_error *err)
{
    for (int pause_ms = 1;; pause_ms *= 2) {
        int status = try_once(place, err);
        if (status >= 0)
            return status;
        if (!is_worth_waiting(place, status))
            return status == -ENOENT || status == -ECONNREFUSED
                       ? explain_absence(place, status, err)
                       : status;
        if (clock_now_ms() >= deadline_ms)
            return error_set(err, ETIMEDOUT,
                             "whoever serves %.400s is too slow to answer",
                             place->path);
        if (pause_ms > PAUSE_MS_MAX)
            pause_ms = PAUSE_MS_MAX;
        clock_pause_ms(pause_ms);
    }
}

int address_connect(const char *path, int64_t deadline_ms,
                    struct drover_error *err)
{
    struct address_place place;
    int status = address_place_open(path, &place, err);
    if (status < 0)
        return status;
    int made = connect_until(&place, deadline_ms, err);
    address_place_close(&place);
    return made;
}

int address_look(const char *path, struct address_owner *out,
                 struct drover_error *err)
{
    struct address_place place;
    int status = address_place_open(path, &place, err);
    if (status < 0)
        return status;
    status = address_lock_look(&place, out, err);
    address_place_close(&place);
    return status;
}
