#include "shell/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "shell/utf8.h"

int capture_open(struct capture *capture)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    struct capture opened = { .reading = ends[0], .writing = ends[1] };
    opened.bytes = malloc(CAPTURE_MAX_BYTES);
    if (opened.bytes == NULL || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
        int code = errno;
        capture_clear(&opened);
        return -code;
    }
    *capture = opened;
    return 0;
}

void capture_close_writing(struct capture *capture)
{
    if (capture->writing >= 0)
        close(capture->writing);
    capture->writing = -1;
}

void capture_clear(struct capture *capture)
{
    capture_close_writing(capture);
    if (capture->reading >= 0)
        close(capture->reading);
    capture->reading = -1;
    free(capture->bytes);
    capture->bytes = NULL;
}

bool capture_read(struct capture *capture)
{
    char surplus[4096];
    char *target = surplus;
    size_t room = sizeof surplus;
    bool is_full = capture->size == CAPTURE_MAX_BYTES;
    if (!is_full) {
        target = capture->bytes + capture->size;
        room = CAPTURE_MAX_BYTES - capture->size;
    }
    ssize_t size;
    do
        size = read(capture->reading, target, room);
    while (size < 0 && errno == EINTR);
    if (size <= 0)
        return false;
    if (is_full)
        capture->cut = true;
    else
        capture->size += (size_t)size;
    return true;
}

char *capture_text(const struct capture *capture, size_t *size)
{
    size_t whole = capture->size;
    if (capture->cut)
        whole = utf8_whole_characters(capture->bytes, whole);
    return utf8_repair(capture->bytes, whole, size);
}
