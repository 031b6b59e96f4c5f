#include "job/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "base/text.h"

enum { CHUNK_BYTES = 64 * 1024 };

/* file    what is read; opened here unless BORROWED
 * buffer  read and not yet used up; the current line stands at its front
 * taken   bytes of the current line, its newline included
 * looked  bytes at the front in which there is no newline
 * too_long  the beginning of the line has been dropped
 * ended   the end of the file has been read */
struct lines {
    int file;
    bool borrowed;
    struct buffer buffer;
    size_t taken;
    size_t looked;
    bool too_long;
    bool ended;
};

/* A named pipe is opened without waiting for somebody to write into it; until
 * then it says, when it is polled, that there is nothing to read. */
static int open_file(int folder, const char *path, struct drover_error *err)
{
    int file = openat(folder, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat about;
    if (file < 0)
        return error_set(err, errno, "cannot open \"%s\": %s", path,
                         strerror(errno));
    if (fstat(file, &about) == 0 && S_ISDIR(about.st_mode)) {
        descriptor_close(&file);
        return error_set(err, EISDIR, "cannot read \"%s\": %s", path,
                         strerror(EISDIR));
    }
    return file;
}

static int open_in_folder(const struct source *source, struct drover_error *err)
{
    int folder;
    int file = source_open_folder(source, &folder, err);
    if (file < 0)
        return file;
    file = open_file(folder, source->each->pattern, err);
    descriptor_close(&folder);
    return file;
}

static int lines_open(struct source *source, struct drover_error *err)
{
    bool borrowed = strcmp(source->each->pattern, "-") == 0;
    int file = borrowed ? STDIN_FILENO : open_in_folder(source, err);
    if (file < 0)
        return file;
    struct lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL) {
        if (!borrowed)
            descriptor_close(&file);
        return error_no_memory(err);
    }
    lines->file = file;
    lines->borrowed = borrowed;
    buffer_init(&lines->buffer, SOURCE_LIMIT_LINE_BYTES + CHUNK_BYTES + 3);
    source->own = lines;
    source->count = UINT64_MAX;
    source->waits_for = file;
    return 0;
}

static void lines_close(struct source *source)
{
    struct lines *lines = source->own;
    if (!lines->borrowed)
        descriptor_close(&lines->file);
    buffer_clear(&lines->buffer);
    free(lines);
}

static int lines_rewind(struct source *source, struct drover_error *err)
{
    struct lines *lines = source->own;
    if (lseek(lines->file, 0, SEEK_SET) < 0)
        return error_set(err, errno, "cannot read \"%s\" a second time: %s",
                         source->each->pattern, strerror(errno));
    buffer_reset(&lines->buffer);
    lines->taken = lines->looked = 0;
    lines->too_long = lines->ended = false;
    return 0;
}

/* Whether reading would have to wait: a pipe or a terminal may be slow, and
 * there is other work to do. */
static bool must_wait(const struct lines *lines)
{
    struct pollfd polled = { .fd = lines->file, .events = POLLIN };
    return poll(&polled, 1, 0) == 0;
}

/* Read on; leaves room for the NUL behind a last line without a newline. */
static int read_on(struct source *source, struct drover_error *err)
{
    struct lines *lines = source->own;
    ssize_t got;
    if (must_wait(lines))
        return -EAGAIN;
    if (buffer_reserve(&lines->buffer, CHUNK_BYTES + 1) < 0)
        return error_no_memory(err);
    do
        got = read(lines->file, buffer_tail(&lines->buffer), CHUNK_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        return -EAGAIN;
    if (got < 0)
        return error_set(err, errno, "cannot read on in \"%s\": %s",
                         source->each->pattern, strerror(errno));
    buffer_extend(&lines->buffer, (size_t)got);
    lines->ended = got == 0;
    return 0;
}

/* Have a line, or its end when it is too long, at the front of the buffer.
 * Returns 1, 0 at the end of the file, or a negative errno value; after -EAGAIN
 * it goes on where it was. */
static int find_line(struct source *source, struct drover_error *err)
{
    struct lines *lines = source->own;
    struct buffer *buffer = &lines->buffer;
    for (;;) {
        size_t size = buffer_size(buffer);
        const uint8_t *newline = NULL;
        if (size > lines->looked)
            newline = memchr(buffer_bytes(buffer) + lines->looked, '\n',
                             size - lines->looked);
        if (newline != NULL) {
            lines->taken = (size_t)(newline - buffer_bytes(buffer)) + 1;
            return 1;
        }
        if (lines->ended) {
            lines->taken = size;
            return size > 0 || lines->too_long;
        }
        lines->looked = size;
        /* One more than the limit: a '\r' may follow. */
        if (size > SOURCE_LIMIT_LINE_BYTES + 1) {
            lines->too_long = true;
            buffer_reset(buffer);
            lines->looked = 0;
        }
        int status = read_on(source, err);
        if (status < 0)
            return status;
    }
}

/* The line at the front of the buffer is the current value. */
static void take_line(struct source *source)
{
    struct lines *lines = source->own;
    char *line = (char *)buffer_bytes(&lines->buffer);
    size_t size = lines->taken;
    if (size > 0 && line[size - 1] == '\n') {
        size--;
        if (size > 0 && line[size - 1] == '\r')
            size--;
    }
    line[size] = '\0';
    source->text = line;
    source->size = size;
    source->defect = SOURCE_FINE;
    if (lines->too_long || size > SOURCE_LIMIT_LINE_BYTES)
        source->defect = SOURCE_TOO_LONG;
    else if (text_utf8_valid(line, size) < size)
        source->defect = SOURCE_NOT_UTF8;
}

static int lines_next(struct source *source, struct drover_error *err)
{
    struct lines *lines = source->own;
    buffer_consume(&lines->buffer, lines->taken);
    lines->taken = 0;
    int status = find_line(source, err);
    if (status == 1)
        take_line(source);
    if (status != -EAGAIN) {
        lines->looked = 0;
        lines->too_long = false;
    }
    /* So that the loops outside of this one are not gone through in vain. */
    if (status == 0 && source->index == 0)
        source->count = 0;
    return status;
}

const struct source_kind source_lines = {
    .open = lines_open,
    .next = lines_next,
    .rewind = lines_rewind,
    .close = lines_close,
};
