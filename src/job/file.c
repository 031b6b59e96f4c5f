#include "job/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

enum { CHUNK_BYTES = 64 * 1024 };

static int read_all(int descriptor, struct buffer *text)
{
    for (;;) {
        size_t left = text->limit - buffer_size(text);
        size_t wanted = left < CHUNK_BYTES ? left : CHUNK_BYTES;
        if (wanted == 0)
            return 0;
        int status = buffer_reserve(text, wanted);
        if (status < 0)
            return status;
        ssize_t size = read(descriptor, buffer_tail(text), wanted);
        if (size == 0)
            return 0;
        if (size > 0)
            buffer_extend(text, (size_t)size);
        else if (errno != EINTR)
            return -errno;
    }
}

int file_read(const char *path, struct buffer *text, struct drover_error *err)
{
    if (strcmp(path, "-") == 0) {
        int status = read_all(STDIN_FILENO, text);
        if (status < 0)
            error_set(err, -status, "cannot read standard input: %s",
                      strerror(-status));
        return status;
    }
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int status = opened < 0 ? -errno : read_all(opened, text);
    if (status < 0)
        error_set(err, -status, "cannot read %s: %s", path, strerror(-status));
    descriptor_close(&opened);
    return status;
}
