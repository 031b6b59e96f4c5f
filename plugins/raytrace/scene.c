#include "raytrace/scene.h"

#include <stddef.h>

/* A ray starts this far off the surface that it leaves. */
static const double nearest = 1e-6;

struct sphere {
    struct vector center;
    double radius;
    struct material material;
};

#define CORAL 0.86, 0.23, 0.16
#define AMBER 0.93, 0.58, 0.13
#define TEAL 0.06, 0.40, 0.42
#define NAVY 0.07, 0.13, 0.30
#define IVORY 0.88, 0.83, 0.74
#define PLUM 0.36, 0.10, 0.26
#define SILVER 0.93, 0.94, 0.95
#define GOLD 0.98, 0.74, 0.38
#define COPPER 0.95, 0.60, 0.46
#define CLEAR 0.95, 0.98, 0.97
#define SEA 0.40, 0.82, 0.80
#define ROSE 0.95, 0.50, 0.55

#define BALL(x, z, r, look)                                                    \
    {                                                                          \
        { x, r, z }, r, look                                                   \
    }
#define VARNISH(color)                                                         \
    {                                                                          \
        SURFACE_MATT, { color }, 1, 0                                          \
    }
#define METAL(color, roughness)                                                \
    {                                                                          \
        SURFACE_METAL, { color }, 1, roughness                                 \
    }
#define GLASS(color)                                                           \
    {                                                                          \
        SURFACE_GLASS, { color }, 1, 0                                         \
    }

static const struct sphere spheres[] = {
    /* The three that the picture is about. */
    BALL(-1.55, -0.70, 1.30, METAL(SILVER, 0)),
    BALL(1.95, -1.15, 1.05, VARNISH(CORAL)),
    BALL(0.62, 1.25, 0.78, GLASS(CLEAR)),
    /* Around them. */
    BALL(-0.62, 1.75, 0.34, VARNISH(AMBER)),
    BALL(2.42, 0.95, 0.46, METAL(GOLD, 0.06)),
    BALL(-2.75, 1.15, 0.42, VARNISH(TEAL)),
    BALL(0.28, -1.55, 0.62, VARNISH(NAVY)),
    BALL(-1.52, 2.35, 0.22, GLASS(SEA)),
    BALL(1.62, 2.35, 0.24, VARNISH(IVORY)),
    BALL(3.55, -0.15, 0.40, VARNISH(TEAL)),
    BALL(-3.55, -0.65, 0.50, METAL(COPPER, 0.12)),
    BALL(0.10, 2.75, 0.16, VARNISH(CORAL)),
    BALL(2.35, 2.70, 0.14, GLASS(ROSE)),
    BALL(-2.35, 2.55, 0.15, VARNISH(PLUM)),
    BALL(-0.15, 0.30, 0.26, VARNISH(IVORY)),
    BALL(3.25, 1.75, 0.19, VARNISH(NAVY)),
    BALL(0.95, 3.05, 0.11, METAL(GOLD, 0)),
    BALL(-0.80, 3.10, 0.10, VARNISH(TEAL)),
    /* The distance. */
    BALL(-4.70, -3.60, 0.55, VARNISH(AMBER)),
    BALL(4.60, -3.90, 0.75, VARNISH(IVORY)),
    BALL(0.35, -5.40, 0.60, VARNISH(TEAL)),
    BALL(-3.90, -8.20, 0.60, VARNISH(CORAL)),
    BALL(2.60, -9.40, 0.65, METAL(SILVER, 0.02)),
    BALL(-8.30, -9.60, 0.80, VARNISH(NAVY)),
    BALL(8.40, -10.20, 0.80, VARNISH(PLUM)),
};

enum { SPHERE_COUNT = sizeof spheres / sizeof spheres[0] };

static const struct vector floor_light = { 0.70, 0.65, 0.58 };
static const struct vector floor_dark = { 0.19, 0.26, 0.31 };

/* Where RAY meets SPHERE, nearer than LIMIT; 0: nowhere. */
static double meet_sphere(const struct sphere *sphere, const struct ray *ray,
                          double limit)
{
    struct vector to = vector_subtract(sphere->center, ray->origin);
    double along = vector_dot(to, ray->direction);
    double gap = vector_dot(to, to) - sphere->radius * sphere->radius;
    double inside = along * along - gap;
    if (inside < 0 || (along < 0 && gap > 0))
        return 0;
    double half = sqrt(inside);
    double distance = along - half > nearest ? along - half : along + half;
    return distance > nearest && distance < limit ? distance : 0;
}

static double meet_floor(const struct ray *ray)
{
    if (ray->direction.y >= -nearest)
        return 0;
    double distance = -ray->origin.y / ray->direction.y;
    return distance > nearest ? distance : 0;
}

static struct material floor_material(struct vector point)
{
    bool is_dark = ((long)floor(point.x) + (long)floor(point.z)) % 2 != 0;
    return (struct material){
        .surface = SURFACE_MATT,
        .color = is_dark ? floor_dark : floor_light,
        .shine = 0.55,
        .roughness = 0.015,
    };
}

static struct vector point_at(const struct ray *ray, double distance)
{
    return vector_add(ray->origin, vector_scale(ray->direction, distance));
}

bool scene_hit(const struct ray *ray, struct hit *hit)
{
    double distance = meet_floor(ray);
    const struct sphere *sphere = NULL;
    for (size_t i = 0; i < SPHERE_COUNT; i++) {
        double limit = distance > 0 ? distance : INFINITY;
        double candidate = meet_sphere(&spheres[i], ray, limit);
        if (candidate > 0) {
            distance = candidate;
            sphere = &spheres[i];
        }
    }
    if (distance <= 0)
        return false;
    hit->distance = distance;
    hit->point = point_at(ray, distance);
    if (sphere == NULL) {
        hit->normal = (struct vector){ 0, 1, 0 };
        hit->material = floor_material(hit->point);
    } else {
        struct vector out = vector_subtract(hit->point, sphere->center);
        hit->normal = vector_scale(out, 1 / sphere->radius);
        hit->material = sphere->material;
    }
    return true;
}

/* Glass bends light towards the middle of its shadow: more than all of it
 * there, less at the rim. */
static struct vector light_through(const struct sphere *glass,
                                   const struct ray *ray, double distance)
{
    struct vector out = vector_subtract(point_at(ray, distance), glass->center);
    double facing = fabs(vector_dot(out, ray->direction)) / glass->radius;
    return vector_scale(glass->material.color, 0.22 + 1.75 * pow(facing, 7));
}

struct vector scene_shadow(const struct ray *ray)
{
    struct vector light = { 1, 1, 1 };
    for (size_t i = 0; i < SPHERE_COUNT; i++) {
        double distance = meet_sphere(&spheres[i], ray, INFINITY);
        if (distance <= 0)
            continue;
        if (spheres[i].material.surface != SURFACE_GLASS)
            return (struct vector){ 0, 0, 0 };
        struct vector through = light_through(&spheres[i], ray, distance);
        light = vector_multiply(light, through);
    }
    return light;
}

/* The light from all sides on an empty plain. */
static struct vector open_ambient(struct vector point, struct vector normal)
{
    static const struct vector above = { 0.20, 0.26, 0.40 };
    static const struct vector below = { 0.30, 0.23, 0.17 };
    double up = 0.5 + 0.5 * normal.y;
    /* An object's own shadow darkens the floor under it. */
    double open = 1 - exp(-1.8 * point.y);
    return vector_mix(vector_scale(below, open), above, up);
}

struct vector scene_ambient(struct vector point, struct vector normal)
{
    double open = 1;
    struct vector bounced = { 0, 0, 0 };
    for (size_t i = 0; i < SPHERE_COUNT; i++) {
        struct vector to = vector_subtract(spheres[i].center, point);
        double facing = vector_dot(to, normal);
        if (facing <= 0)
            continue;
        /* The share of the half space that the ball covers, by its cosine. */
        double square = vector_dot(to, to);
        double radius = spheres[i].radius;
        double share = facing * radius * radius / (square * sqrt(square));
        if (spheres[i].material.surface == SURFACE_GLASS)
            share *= 0.3;
        open *= 1 - (share < 1 ? share : 1);
        bounced = vector_add(
            bounced, vector_scale(spheres[i].material.color, 0.35 * share));
    }
    struct vector light = open_ambient(point, normal);
    return vector_add(vector_scale(light, open), bounced);
}
