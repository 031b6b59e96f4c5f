/* What there is to see under the sky: balls on a chequered plain. Lengths are
 * metres, y points upwards, the floor is y = 0. The scene is constant. */
#ifndef RAYTRACE_SCENE_H
#define RAYTRACE_SCENE_H

#include <stdbool.h>

#include "raytrace/vector.h"

enum surface { SURFACE_MATT, SURFACE_METAL, SURFACE_GLASS };

/* color      matt: what it throws back of the light; metal: of a reflection;
 *            glass: what one metre of it lets through
 * shine      matt: strength of the varnish, 0..1
 * roughness  of varnish and metal, 0: a perfect mirror */
struct material {
    enum surface surface;
    struct vector color;
    double shine;
    double roughness;
};

/* direction is a unit vector. */
struct ray {
    struct vector origin;
    struct vector direction;
};

/* normal  unit vector out of the object, whichever side was hit */
struct hit {
    double distance;
    struct vector point;
    struct vector normal;
    struct material material;
};

/* The first thing that RAY meets. Returns false for the sky, with *HIT
 * untouched. */
bool scene_hit(const struct ray *ray, struct hit *hit);

/* How much of the sun's light comes along RAY, which points to the sun: none,
 * all, or what glass lets through. */
struct vector scene_shadow(const struct ray *ray);

/* The light of the sky at a point: from all sides, less what stands in the
 * way, plus what the balls nearby throw back. NORMAL is a unit vector. */
struct vector scene_ambient(struct vector point, struct vector normal);

#endif
