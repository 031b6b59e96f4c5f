/* What a command writes to one of its streams, up to a limit. */
#ifndef SHELL_CAPTURE_H
#define SHELL_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

enum { CAPTURE_MAX_BYTES = 1024 * 1024 };

/* reading  our end of the pipe, does not block; -1: closed
 * writing  the command's end; -1: closed
 * bytes    the first CAPTURE_MAX_BYTES, size of them are there
 * cut      there was more, which is lost */
struct capture {
    int reading;
    int writing;
    char *bytes;
    size_t size;
    bool cut;
};

/* Nothing to clear yet. */
#define CAPTURE_INIT                                                           \
    {                                                                          \
        .reading = -1, .writing = -1                                           \
    }

/* Make the pipe, both ends close-on-exec. Returns 0, -ENOMEM, or the negative
 * errno of pipe(2). */
int capture_open(struct capture *capture);
void capture_clear(struct capture *capture);

/* Close our copy of the command's end, so that its end can be seen. */
void capture_close_writing(struct capture *capture);

/* Take what is there, at most one chunk. Returns false when nothing was. */
bool capture_read(struct capture *capture);

/* The bytes as text, terminated by NUL, for the caller to free(): what is not
 * valid UTF-8 becomes U+FFFD, a character that was cut in two is left out.
 * Returns NULL when there is no memory. */
char *capture_text(const struct capture *capture, size_t *size);

#endif
