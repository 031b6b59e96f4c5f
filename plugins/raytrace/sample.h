/* The points at which a pixel is sampled. They follow from the pixel and the
 * sample's number alone, so a picture does not depend on who renders what. */
#ifndef RAYTRACE_SAMPLE_H
#define RAYTRACE_SAMPLE_H

#include <stdint.h>

/* Both 0 <= x < 1. */
struct point {
    double x, y;
};

/* Where one ray of a pixel goes through the pixel and the lens, to which point
 * of the sun it looks, and how a rough mirror turns it. */
struct sample {
    struct point pixel;
    struct point lens;
    struct point sun;
    struct point mirror;
};

/* Sample NUMBER (from 0) of the pixel in column X and row Y. The samples of a
 * pixel are spread evenly, those of its neighbours differently. */
struct sample sample_at(uint32_t x, uint32_t y, uint32_t number);

/* A number 0 <= n < 1 that looks like chance. */
double sample_noise(uint32_t x, uint32_t y, uint32_t salt);

/* Another point of the same sequence, for the ray's next surface. */
struct point sample_turn(struct point point, unsigned depth);

/* POINT of the unit square moved to the unit disc, evenly. */
struct point sample_disc(struct point point);

#endif
