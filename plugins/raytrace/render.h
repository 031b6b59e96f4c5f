/* From the scene to pixels. */
#ifndef RAYTRACE_RENDER_H
#define RAYTRACE_RENDER_H

#include <stdint.h>

/* A picture to be: its size in pixels, and how many rays make a pixel. */
struct frame {
    uint32_t width;
    uint32_t height;
    uint32_t samples;
};

/* Render row Y (0: the top one) to OUT: width times red, green and blue, in
 * sRGB. The same frame gives the same bytes in every process. */
void render_row(const struct frame *frame, uint32_t y, uint8_t *out);

#endif
