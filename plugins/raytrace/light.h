/* Following a ray through the scene. */
#ifndef RAYTRACE_LIGHT_H
#define RAYTRACE_LIGHT_H

#include "raytrace/sample.h"
#include "raytrace/scene.h"

/* The light that comes back along RAY, whose chances SAMPLE decides. */
struct vector light_along(const struct ray *ray, const struct sample *sample);

#endif
