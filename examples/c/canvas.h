/* What the programs that render the scene of the plugin raytrace have in
 * common: a picture to be filled row by row. */
#ifndef CANVAS_H
#define CANVAS_H

#include <stdint.h>

#include <drover.h>

#include "raytrace/render.h"

/* path     where the picture is to be written
 * pixels   height times width times red, green and blue
 * missing  rows that were not put there */
struct canvas {
    struct frame frame;
    const char *path;
    uint8_t *pixels;
    uint32_t missing;
};

/* Make an empty one as the program's arguments say: FILE [WIDTH HEIGHT
 * SAMPLES]. Returns 0, or what main is to return, and says why. */
int canvas_open(struct canvas *canvas, int argc, char **argv);

/* Where row Y is to be rendered to, for those who do it themselves. */
uint8_t *canvas_row(struct canvas *canvas, uint32_t y);

/* The task that renders row `y`; its context is a struct frame. */
int canvas_render(struct drover_call *call);

/* Put what canvas_render() returned into row Y. */
void canvas_put(struct canvas *canvas, uint64_t y, struct drover_value row);

/* Put the row of a call into its place, or say what became of it. */
void canvas_put_outcome(struct canvas *canvas,
                        const struct drover_outcome *outcome);

/* Write the picture if it is complete. ERR is what went wrong before, or NULL;
 * it is said. Returns what main is to return. */
int canvas_close(struct canvas *canvas, const struct drover_error *err);

#endif
