#include "text/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024 };

/* file    -1: it is not there yet
 * bytes   what was read, size of them, of which `used` have been given out */
struct tail {
    const char *path;
    int file;
    char *bytes;
    size_t capacity;
    size_t size;
    size_t used;
};

struct tail *tail_create(const char *path)
{
    struct tail *tail = calloc(1, sizeof *tail);
    if (tail != NULL)
        *tail = (struct tail){ .path = path, .file = -1 };
    return tail;
}

static void leave_file(struct tail *tail)
{
    if (tail->file >= 0)
        close(tail->file);
    tail->file = -1;
    tail->size = tail->used = 0;
}

void tail_destroy(struct tail *tail)
{
    if (tail == NULL)
        return;
    leave_file(tail);
    free(tail->bytes);
    free(tail);
}

/* Returns 1 when the file is open, 0 when there is none, or -errno. */
static int open_file(struct tail *tail)
{
    if (tail->file < 0)
        tail->file = open(tail->path, O_RDONLY | O_CLOEXEC);
    if (tail->file >= 0)
        return 1;
    return errno == ENOENT ? 0 : -errno;
}

/* What was given out makes room, then there is as much more as is needed. */
static int make_room(struct tail *tail)
{
    tail->size -= tail->used;
    if (tail->size > 0)
        memmove(tail->bytes, tail->bytes + tail->used, tail->size);
    tail->used = 0;
    if (tail->capacity - tail->size >= CHUNK_BYTES)
        return 0;
    if (tail->size > TAIL_LINE_MAX_BYTES)
        return -EMSGSIZE;
    size_t capacity = 2 * tail->capacity + CHUNK_BYTES;
    char *bytes = realloc(tail->bytes, capacity);
    if (bytes == NULL)
        return -ENOMEM;
    tail->bytes = bytes;
    tail->capacity = capacity;
    return 0;
}

/* Returns 1, 0 at the present end, or -errno. */
static int read_on(struct tail *tail)
{
    ssize_t got;
    int status = make_room(tail);
    if (status < 0)
        return status;
    do
        got = read(tail->file, tail->bytes + tail->size, CHUNK_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    tail->size += (size_t)got;
    return got > 0;
}

/* At its end: whether the file is another one now, or shorter than what was
 * read of it. */
static bool begins_anew(const struct tail *tail)
{
    struct stat read_file, named;
    if (fstat(tail->file, &read_file) < 0)
        return false;
    if (read_file.st_size < lseek(tail->file, 0, SEEK_CUR))
        return true;
    return stat(tail->path, &named) == 0 && (named.st_ino != read_file.st_ino ||
                                             named.st_dev != read_file.st_dev);
}

static bool take_line(struct tail *tail, const char **line, size_t *size)
{
    char *begin = tail->bytes + tail->used;
    size_t left = tail->size - tail->used;
    const char *newline = left == 0 ? NULL : memchr(begin, '\n', left);
    if (newline == NULL)
        return false;
    *line = begin;
    *size = (size_t)(newline - begin);
    tail->used += *size + 1;
    if (*size > 0 && newline[-1] == '\r')
        --*size;
    return true;
}

int tail_next(struct tail *tail, const char **line, size_t *size)
{
    int status = open_file(tail);
    while (status > 0) {
        if (take_line(tail, line, size))
            return *size > TAIL_LINE_MAX_BYTES ? -EMSGSIZE : 1;
        status = read_on(tail);
        if (status == 0 && begins_anew(tail)) {
            leave_file(tail);
            status = open_file(tail);
        }
    }
    return status;
}
