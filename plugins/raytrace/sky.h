/* What is far away: the sky, a low sun, hills in the haze. */
#ifndef RAYTRACE_SKY_H
#define RAYTRACE_SKY_H

#include "raytrace/vector.h"

/* The sun: the unit vector to its middle, how wide it looks (the radius at
 * distance 1) and its light. */
extern const struct vector sky_sun_direction;
extern const double sky_sun_radius;
extern const struct vector sky_sun_light;

/* The light from a direction, a unit vector; hills and sun included. */
struct vector sky_light(struct vector direction);

/* LIGHT seen in a direction over a distance, with the haze between. */
struct vector sky_haze(struct vector light, struct vector direction,
                       double distance);

#endif
