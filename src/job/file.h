/* Reading the files that users write. */
#ifndef JOB_FILE_H
#define JOB_FILE_H

#include <drover/error.h>

#include "base/buffer.h"

/* Fill TEXT, an empty buffer, from the file or pipe PATH ("-": standard input),
 * up to the buffer's limit: one byte more than a file may have shows one that
 * is too large. Returns 0, -ENOMEM, or why it could not be read: -ENOENT,
 * -EACCES, -EISDIR, ...; TEXT then holds nothing of use. */
int file_read(const char *path, struct buffer *text, struct drover_error *err);

#endif
