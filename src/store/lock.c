#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

int lock_open(const char *folder, const char *name, int flags)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX)
        return -ENAMETOOLONG;
    int lock = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0)
        return -errno;
    int status = descriptor_move_up(&lock);
    return status < 0 ? status : lock;
}

int lock_whole(int file)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fcntl(file, F_OFD_SETLK, &whole) == 0)
        return 0;
    return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

/* Whoever removes a store has its lock; we may have waited at a file that is
 * in no folder any more. */
static bool is_current(const char *folder, int lock)
{
    char path[PATH_MAX];
    struct stat ours, there;
    snprintf(path, sizeof path, "%s/lock", folder);
    return fstat(lock, &ours) == 0 && lstat(path, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* A full disk is no reason: the lock is what counts, not who says so. */
static void write_owner(int lock)
{
    char text[32];
    int size = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(lock, 0) == 0)
        (void)!pwrite(lock, text, (size_t)size, 0);
}

static pid_t read_owner(int lock)
{
    char text[32];
    ssize_t size = pread(lock, text, sizeof text - 1, 0);
    text[size < 0 ? 0 : size] = '\0';
    long pid = strtol(text, NULL, 10);
    /* Who was killed has left its number behind. */
    if (pid <= 0 || pid > INT_MAX ||
        (kill((pid_t)pid, 0) < 0 && errno == ESRCH))
        return -1;
    return (pid_t)pid;
}

static int refuse_busy(const char *folder, struct drover_error *err)
{
    pid_t owner = lock_owner(folder);
    if (owner > 0)
        return error_set(err, EBUSY, "store %s is in use by process %ld",
                         folder, (long)owner);
    return error_set(err, EBUSY, "store %s is in use by another process",
                     folder);
}

int lock_take(const char *folder, struct drover_error *err)
{
    int lock = lock_open(folder, "lock", O_RDWR | O_CREAT);
    if (lock < 0)
        return error_set(err, -lock, "cannot open %s/lock: %s", folder,
                         strerror(-lock));
    int status = lock_whole(lock);
    if (status == 0 && !is_current(folder, lock))
        status = -ENOENT;
    if (status == 0) {
        write_owner(lock);
        return lock;
    }
    descriptor_close(&lock);
    if (status == -EBUSY)
        return refuse_busy(folder, err);
    return error_set(err, -status, "cannot lock %s/lock: %s", folder,
                     strerror(-status));
}

pid_t lock_owner(const char *folder)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int lock = lock_open(folder, "lock", O_RDONLY);
    if (lock < 0)
        return lock == -ENOENT ? 0 : -1;
    pid_t owner = -1;
    if (fcntl(lock, F_OFD_GETLK, &whole) == 0)
        owner = whole.l_type == F_UNLCK ? 0 : read_owner(lock);
    descriptor_close(&lock);
    return owner;
}
