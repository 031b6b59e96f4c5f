#include "background/address_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"

enum {
    TEXT_BYTES = PATH_MAX + 16, /* a process id, a path */
    PATIENCE_MS = 1000, /* for an owner that has not yet said who it is */
    STEP_MS = 2,
};

/* The byte that an owner has locked, and that which it locks when it has said
 * who it is: before that, the file says what the owner before it was. */
enum part { PART_OWNED, PART_SAID };

static void name_lock(const struct address_place *place,
                      char name[NAME_MAX + 1])
{
    snprintf(name, NAME_MAX + 1, ".%s.lock", place->name);
}

/* --- Opening ---------------------------------------------------------------
 */

/* What is not a file of ours alone could be anybody's idea of who owns it; one
 * with another name somewhere could be a victim. */
static int check_file(const struct address_place *place, int file,
                      struct drover_error *err)
{
    struct stat status;
    if (fstat(file, &status) < 0)
        return error_set(err, errno, "cannot look at the lock of %.400s: %s",
                         place->path, strerror(errno));
    if (status.st_uid != geteuid())
        return error_set(err, EPERM, "%.400s belongs to another user (%u)",
                         place->path, (unsigned)status.st_uid);
    if (!S_ISREG(status.st_mode) || status.st_nlink > 1 ||
        (status.st_mode & (S_IWGRP | S_IWOTH)))
        return error_set(err, EPERM,
                         "the lock file of %.400s, .%.200s.lock beside it, is "
                         "not a file of yours alone",
                         place->path, place->name);
    return 0;
}

static int open_lock(const struct address_place *place, int flags,
                     struct drover_error *err)
{
    char name[NAME_MAX + 1];
    name_lock(place, name);
    int file =
        openat(place->folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
               S_IRUSR | S_IWUSR);
    if (file < 0)
        return error_set(err, errno, "cannot open the lock file of %.400s: %s",
                         place->path, strerror(errno));
    int status = check_file(place, file, err);
    if (status < 0) {
        close(file);
        return status;
    }
    return file;
}

bool address_lock_is_there(const struct address_place *place, int lock)
{
    char name[NAME_MAX + 1];
    struct stat there, locked;
    name_lock(place, name);
    return fstatat(place->folder, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstat(lock, &locked) == 0 && there.st_dev == locked.st_dev &&
           there.st_ino == locked.st_ino;
}

/* --- Locking ---------------------------------------------------------------
 */

static struct flock lock_of(enum part part)
{
    return (struct flock){
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = part, .l_len = 1
    };
}

static bool try_lock(int file, enum part part)
{
    struct flock lock = lock_of(part);
    return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

static bool is_locked(int file, enum part part)
{
    struct flock lock = lock_of(part);
    return fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* Say who has it; -EAGAIN when nobody has it any more. */
static int refuse(const struct address_place *place, struct drover_error *err)
{
    struct address_owner owner;
    int status = address_lock_look(place, &owner, err);
    if (status == -ENOENT)
        return -EAGAIN;
    if (status < 0)
        return status;
    if (!owner.alive)
        status = -EAGAIN;
    else if (owner.pid == 0)
        status = error_set(err, EADDRINUSE,
                           "%.400s is in use by a process that does not say "
                           "who it is",
                           place->path);
    else
        status = error_set(err, EADDRINUSE,
                           "%.200s is in use: process %d serves the run in "
                           "%.200s there",
                           place->path, (int)owner.pid, owner.store);
    free(owner.store);
    return status;
}

/* Returns the descriptor, locked; -EAGAIN: to be tried again. */
static int open_and_lock(const struct address_place *place,
                         struct drover_error *err)
{
    int file = open_lock(place, O_RDWR | O_CREAT, err);
    if (file < 0)
        return file;
    bool locked = try_lock(file, PART_OWNED);
    /* It may have been removed after we opened it, by who had it. */
    if (locked && address_lock_is_there(place, file))
        return file;
    close(file);
    return locked ? -EAGAIN : refuse(place, err);
}

int address_lock_acquire(const struct address_place *place,
                         struct drover_error *err)
{
    int file;
    do {
        file = open_and_lock(place, err);
    } while (file == -EAGAIN);
    return file;
}

int address_lock_is_held(const struct address_place *place,
                         struct drover_error *err)
{
    int file = open_lock(place, O_RDONLY, err);
    if (file < 0)
        return file;
    bool held = is_locked(file, PART_OWNED);
    close(file);
    return held;
}

void address_lock_remove(const struct address_place *place, int lock)
{
    char name[NAME_MAX + 1];
    name_lock(place, name);
    if (address_lock_is_there(place, lock))
        unlinkat(place->folder, name, 0);
}

void address_lock_give_up(const struct address_place *place, int *lock)
{
    struct stat file;
    if (*lock >= 0 && fstat(*lock, &file) == 0 && file.st_size == 0)
        address_lock_remove(place, *lock);
    descriptor_close(lock);
}

/* --- What it says ----------------------------------------------------------
 */

/* "4711 /path/of/store" and a newline, without which it is not complete. */
int address_lock_write(int lock, const char *store, struct drover_error *err)
{
    char text[TEXT_BYTES];
    int size = snprintf(text, sizeof text, "%d %s\n", (int)getpid(), store);
    if (size < 0 || (size_t)size >= sizeof text)
        return error_set(err, ENAMETOOLONG,
                         "the path of the store is too long");
    ssize_t written = -1;
    if (ftruncate(lock, 0) == 0)
        written = pwrite(lock, text, (size_t)size, 0);
    if (written == size && fsync(lock) == 0 && try_lock(lock, PART_SAID))
        return 0;
    int code = written < 0 || written == size ? errno : ENOSPC;
    /* Who reads it must not take it for an owner's. */
    (void)!ftruncate(lock, 0);
    return error_set(err, code, "cannot write the lock file: %s",
                     strerror(code));
}

/* Returns whether the file says who owns it: then *PID, and the store in TEXT.
 */
static bool read_text(int file, pid_t *pid, char text[TEXT_BYTES])
{
    char *end;
    ssize_t size = pread(file, text, TEXT_BYTES - 1, 0);
    if (size <= 0 || text[size - 1] != '\n' ||
        memchr(text, '\0', (size_t)size) != NULL)
        return false;
    text[size - 1] = '\0';
    long number = strtol(text, &end, 10);
    if (number <= 0 || number > INT_MAX || end[0] != ' ' || end[1] != '/')
        return false;
    *pid = (pid_t)number;
    /* The store moves to the front; valgrind takes memmove(3) for memcpy(3). */
    for (const char *from = end + 1; (*text++ = *from) != '\0'; from++)
        continue;
    return true;
}

static bool await_text(int file, pid_t *pid, char text[TEXT_BYTES], bool *alive)
{
    int64_t deadline_ms = clock_now_ms() + PATIENCE_MS;
    for (;;) {
        *alive = is_locked(file, PART_OWNED);
        bool said = is_locked(file, PART_SAID);
        if ((said || !*alive) && read_text(file, pid, text))
            return true;
        if (!*alive || clock_now_ms() >= deadline_ms)
            return false;
        clock_pause_ms(STEP_MS);
    }
}

int address_lock_look(const struct address_place *place,
                      struct address_owner *out, struct drover_error *err)
{
    char text[TEXT_BYTES];
    struct address_owner owner = { .pid = 0 };
    int file = open_lock(place, O_RDONLY, err);
    if (file < 0)
        return file;
    bool complete = await_text(file, &owner.pid, text, &owner.alive);
    close(file);
    if (!complete)
        owner.pid = 0;
    owner.store = strdup(complete ? text : "");
    if (owner.store == NULL)
        return error_no_memory(err);
    *out = owner;
    return 0;
}
