/* A picture file. */
#ifndef RAYTRACE_PICTURE_H
#define RAYTRACE_PICTURE_H

#include <stdint.h>

#include <drover/error.h>

/* PIXELS are height times width times red, green and blue, in sRGB. */
struct picture {
    uint32_t width;
    uint32_t height;
    const uint8_t *pixels;
};

/* Write PICTURE to PATH as PNG, by way of a temporary file beside it: whoever
 * looks finds the old file or the whole new one. On success *SIZE_BYTES is the
 * size of the file. Returns 0, or negative with the reason in ERR. */
int picture_write(const struct picture *picture, const char *path,
                  int64_t *size_bytes, struct drover_error *err);

#endif
