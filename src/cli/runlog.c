#include "cli/runlog.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "cli/interrupt.h"
#include "store/store.h"

enum { COPY_BYTES = 32 * 1024 };

/* --- Opening -----------------------------------------------------------------
 */

static int open_file(const char *folder, struct drover_error *err)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/log", folder) >= PATH_MAX)
        return error_set(err, ENAMETOOLONG, "the path %s/log is too long",
                         folder);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file >= 0)
        return file;
    if (errno == ENOENT)
        return error_set(
            err, ENODATA,
            "it has no log: a run in the foreground says what it has "
            "to say where it runs");
    return error_set(err, errno, "cannot open %s: %s", path, strerror(errno));
}

/* Who has the store open may have ended between two looks. */
static int open_process(const char *folder)
{
    pid_t pid = store_owner(folder);
    return pid <= 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
}

int runlog_open(struct runlog *log, const char *folder,
                struct drover_error *err)
{
    int process = open_process(folder);
    int file = open_file(folder, err);
    if (file < 0) {
        descriptor_close(&process);
        return file;
    }
    *log = (struct runlog){ .file = file, .process = process };
    return 0;
}

void runlog_close(struct runlog *log)
{
    descriptor_close(&log->file);
    descriptor_close(&log->process);
}

/* --- Reading -----------------------------------------------------------------
 */

/* Where the line begins that ends at END: behind the newline before. */
static off_t find_line(int file, off_t end)
{
    char bytes[COPY_BYTES];
    off_t limit = end - 1; /* its own newline does not count */
    while (limit > 0) {
        off_t from = limit > COPY_BYTES ? limit - COPY_BYTES : 0;
        ssize_t got = pread(file, bytes, (size_t)(limit - from), from);
        if (got <= 0)
            return 0;
        const char *newline = memrchr(bytes, '\n', (size_t)got);
        if (newline != NULL)
            return from + (newline - bytes) + 1;
        limit = from;
    }
    return 0;
}

void runlog_skip(struct runlog *log, unsigned lines)
{
    off_t place = lseek(log->file, 0, SEEK_END);
    for (unsigned i = 0; i < lines && place > 0; i++)
        place = find_line(log->file, place);
    if (place >= 0)
        lseek(log->file, place, SEEK_SET);
}

static int write_all(int out, const char *bytes, size_t size)
{
    while (size > 0) {
        if (interrupt_signal() != 0)
            return -EINTR;
        ssize_t wrote = write(out, bytes, size);
        struct pollfd room = { .fd = out, .events = POLLOUT };
        if (wrote < 0 && errno == EAGAIN)
            poll(&room, 1, INTERRUPT_LOOK_MS);
        else if (wrote < 0 && errno != EINTR)
            return -errno;
        if (wrote > 0) {
            bytes += wrote;
            size -= (size_t)wrote;
        }
    }
    return 0;
}

bool runlog_is_empty(const struct runlog *log)
{
    struct stat file;
    return fstat(log->file, &file) == 0 && file.st_size == 0;
}

int runlog_copy(struct runlog *log, int out)
{
    char bytes[COPY_BYTES];
    for (;;) {
        ssize_t got = read(log->file, bytes, sizeof bytes);
        if (got == 0)
            return 0;
        if (got < 0 && errno != EINTR)
            return -errno;
        int status = got < 0 ? 0 : write_all(out, bytes, (size_t)got);
        if (status < 0)
            return status;
    }
}

bool runlog_wait(const struct runlog *log, int patience_ms)
{
    struct pollfd end = { .fd = log->process, .events = POLLIN };
    return log->process >= 0 && poll(&end, 1, patience_ms) <= 0;
}
