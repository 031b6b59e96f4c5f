#include "cli/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "cli/interrupt.h"
#include "store/folder.h"

enum {
    /* A pipe is given a part of what its reader has taken: so much more than
     * it wants it gets at most. */
    LINES_ONE_BY_ONE = 100,
    LINES_PART = 4,
    LINES_AT_ONCE = 4096,
    /* A reader that lets so much time pass is not one that takes lines as they
     * come; perhaps it waits for our end before it begins. */
    READER_PATIENCE_MS = 1000,
    LOCK_PATIENCE_MS = 1000,
    LOCK_LOOK_MS = 10,
    LOOK_MIN_NS = 20 * 1000,
    LOOK_MAX_NS = 2 * 1000 * 1000,
    CUT_STEP_BYTES = 4096,
};

static const char *name_of(const struct outlet *outlet)
{
    return outlet->path == NULL ? "standard output" : outlet->path;
}

static int fail(const struct outlet *outlet, int code, struct drover_error *err)
{
    return error_set(err, code, "cannot write to %s: %s", name_of(outlet),
                     strerror(code));
}

/* --- Opening -----------------------------------------------------------------
 */

/* Where the last whole line of the file ends; negative: an error. */
static off_t find_end_of_lines(int file, off_t size)
{
    char bytes[CUT_STEP_BYTES];
    while (size > 0) {
        off_t from = size > CUT_STEP_BYTES ? size - CUT_STEP_BYTES : 0;
        ssize_t got = pread(file, bytes, (size_t)(size - from), from);
        if (got <= 0)
            return -1;
        const char *newline = memrchr(bytes, '\n', (size_t)got);
        if (newline != NULL)
            return from + (newline - bytes) + 1;
        size = from;
    }
    return 0;
}

static int cut_half_line(struct outlet *outlet, off_t size, size_t *cut)
{
    off_t end = find_end_of_lines(outlet->descriptor, size);
    if (end < 0 || (end < size && ftruncate(outlet->descriptor, end) < 0))
        return -errno;
    *cut = (size_t)(size - end);
    return 0;
}

/* What is written to a new file lasts only when its name does. */
static int sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder =
        slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    int status = folder == NULL ? -ENOMEM : folder_sync(folder, NULL);
    free(folder);
    return status;
}

/* Two collectors would take each other's half lines for dead ones. One that was
 * just killed may need a moment to be gone. */
static int lock_file(int file)
{
    int64_t until_ms = clock_now_ms() + LOCK_PATIENCE_MS;
    while (flock(file, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return -errno;
        if (clock_now_ms() >= until_ms)
            return -EBUSY;
        (void)poll(NULL, 0, LOCK_LOOK_MS);
    }
    return 0;
}

/* What is in the file is looked at when nobody adds to it any more. */
static int take_file(struct outlet *outlet, size_t *cut)
{
    struct stat found;
    int status = lock_file(outlet->descriptor);
    if (status < 0)
        return status;
    if (fstat(outlet->descriptor, &found) < 0)
        return -errno;
    status = cut_half_line(outlet, found.st_size, cut);
    return status == 0 && found.st_size == 0 ? sync_folder(outlet->path)
                                             : status;
}

static int look_at(struct outlet *outlet, size_t *cut)
{
    struct stat found;
    if (fstat(outlet->descriptor, &found) < 0)
        return -errno;
    outlet->pipe = S_ISFIFO(found.st_mode);
    outlet->own = outlet->path != NULL && S_ISREG(found.st_mode);
    return outlet->own ? take_file(outlet, cut) : 0;
}

int outlet_open(struct outlet *outlet, const char *path, size_t *cut,
                struct drover_error *err)
{
    *outlet = (struct outlet){ .path = path, .descriptor = STDOUT_FILENO };
    *cut = 0;
    if (path != NULL)
        outlet->descriptor =
            open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    int status = outlet->descriptor < 0 ? -errno : look_at(outlet, cut);
    if (status == 0)
        return 0;
    outlet_close(outlet);
    if (status == -EBUSY)
        return error_set(err, EBUSY, "another process is collecting to %s",
                         path);
    return error_set(err, -status, "cannot open %s: %s", name_of(outlet),
                     strerror(-status));
}

void outlet_close(struct outlet *outlet)
{
    if (outlet->path != NULL)
        descriptor_close(&outlet->descriptor);
}

/* --- Writing -----------------------------------------------------------------
 */

size_t outlet_appetite(const struct outlet *outlet)
{
    if (outlet->pipe && outlet->written < LINES_ONE_BY_ONE)
        return 1;
    if (outlet->pipe && outlet->written / LINES_PART < LINES_AT_ONCE)
        return outlet->written / LINES_PART;
    return LINES_AT_ONCE;
}

bool outlet_is_deserted(const struct outlet *outlet)
{
    struct pollfd look = { .fd = outlet->descriptor };
    return outlet->pipe && poll(&look, 1, 0) > 0 && (look.revents & POLLERR);
}

/* Somebody may have made standard output non-blocking for us. */
static void await_room(const struct outlet *outlet)
{
    struct pollfd room = { .fd = outlet->descriptor, .events = POLLOUT };
    poll(&room, 1, INTERRUPT_LOOK_MS);
}

static int write_all(const struct outlet *outlet, const struct buffer *lines)
{
    const uint8_t *bytes = buffer_bytes(lines);
    size_t left = buffer_size(lines);
    while (left > 0) {
        if (interrupt_signal() != 0)
            return -EINTR;
        ssize_t wrote = write(outlet->descriptor, bytes, left);
        if (wrote < 0 && errno == EAGAIN)
            await_room(outlet);
        else if (wrote < 0 && errno != EINTR)
            return -errno;
        if (wrote > 0) {
            bytes += wrote;
            left -= (size_t)wrote;
        }
    }
    return 0;
}

static bool is_unread(const struct outlet *outlet)
{
    int bytes = 0;
    return ioctl(outlet->descriptor, FIONREAD, &bytes) == 0 && bytes > 0;
}

/* Wait until the reader has taken what is in the pipe. */
static int await_reader(struct outlet *outlet)
{
    struct timespec pause = { .tv_nsec = LOOK_MIN_NS };
    int64_t until_ms = clock_now_ms() + READER_PATIENCE_MS;
    while (is_unread(outlet)) {
        if (outlet_is_deserted(outlet))
            return -EPIPE;
        if (interrupt_signal() != 0)
            return -EINTR;
        if (clock_now_ms() >= until_ms) {
            outlet->pipe = false;
            return 0;
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < LOOK_MAX_NS)
            pause.tv_nsec *= 2;
    }
    return 0;
}

int outlet_write(struct outlet *outlet, const struct buffer *lines,
                 size_t count, struct drover_error *err)
{
    int status = write_all(outlet, lines);
    if (status == 0 && outlet->own && fdatasync(outlet->descriptor) < 0)
        status = -errno;
    if (status == 0 && outlet->pipe)
        status = await_reader(outlet);
    if (status < 0)
        return fail(outlet, -status, err);
    outlet->written += count;
    return 0;
}
