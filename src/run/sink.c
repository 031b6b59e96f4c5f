/* [host] */
#include "run/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "value/json.h"

enum { FILE_WRITE_BYTES = 256 * 1024, KEPT_BYTES = 2 * SINK_FULL_BYTES };

/* A terminal with room for one byte says that it takes more, and lets whoever
 * writes more wait; its flags are shared with others. */
static int open_terminal(int descriptor)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    return open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

void sink_init(struct sink *sink, int descriptor, unsigned json_flags)
{
    struct stat file;
    bool terminal = isatty(descriptor);
    *sink = (struct sink){ .descriptor = descriptor,
                           .own = terminal ? open_terminal(descriptor) : -1,
                           .json_flags = json_flags };
    if (sink->own >= 0)
        sink->descriptor = sink->own;
    buffer_init(&sink->buffer, SIZE_MAX);
    /* Files and /dev/null always take all. */
    sink->pollable =
        terminal || (fstat(descriptor, &file) == 0 &&
                     (S_ISFIFO(file.st_mode) || S_ISSOCK(file.st_mode)));
}

void sink_clear(struct sink *sink)
{
    buffer_clear(&sink->buffer);
    descriptor_close(&sink->own);
}

/* What was added since the buffer had BEFORE bytes is not released. */
static void hold_added(struct sink *sink, size_t before)
{
    if (sink->gated)
        sink->held += buffer_size(&sink->buffer) - before;
}

int sink_add(struct sink *sink, struct drover_value value)
{
    if (sink->closed)
        return 0;
    size_t before = buffer_size(&sink->buffer);
    int status = sink->plain
                     ? value_print_plain(&sink->buffer, value, sink->json_flags)
                     : value_print_json(&sink->buffer, value, sink->json_flags);
    if (status == 0)
        status = buffer_append(&sink->buffer, "\n", 1);
    hold_added(sink, before);
    return status;
}

int sink_add_lines(struct sink *sink, const char *lines, size_t size)
{
    return sink->closed ? 0 : buffer_append(&sink->buffer, lines, size);
}

/* Whether a write will not block. A pipe that says so takes PIPE_BUF bytes, so
 * there is no need to change flags that others share. */
static bool takes_more(const struct sink *sink)
{
    struct pollfd polled = { .fd = sink->descriptor, .events = POLLOUT };
    if (!sink->pollable)
        return true;
    int ready;
    do
        ready = poll(&polled, 1, 0);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

void sink_give_up(struct sink *sink, int error)
{
    sink->closed = true;
    sink->error = error == EPIPE ? 0 : error;
    sink->held = 0;
    buffer_reset(&sink->buffer);
}

/* How much to write at once. */
static size_t choose_size(const struct sink *sink)
{
    size_t size = buffer_size(&sink->buffer) - sink->held;
    size_t most = sink->pollable ? PIPE_BUF : FILE_WRITE_BYTES;
    const uint8_t *bytes = buffer_bytes(&sink->buffer);
    if (size <= most || bytes == NULL)
        return size;
    const uint8_t *newline = memrchr(bytes, '\n', most);
    return newline == NULL ? most : (size_t)(newline - bytes) + 1;
}

void sink_flush(struct sink *sink)
{
    while (sink_has_unwritten(sink) && takes_more(sink)) {
        ssize_t written = write(sink->descriptor, buffer_bytes(&sink->buffer),
                                choose_size(sink));
        if (written < 0 && errno == EAGAIN)
            return;
        if (written < 0 && errno != EINTR) {
            sink_give_up(sink, errno);
            return;
        }
        if (written > 0) {
            buffer_consume(&sink->buffer, (size_t)written);
            sink->written += (uint64_t)written;
        }
    }
    buffer_shrink(&sink->buffer, KEPT_BYTES);
}
