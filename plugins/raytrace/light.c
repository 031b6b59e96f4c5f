#include "raytrace/light.h"

#include "raytrace/sky.h"

enum { DEPTH_MAX = 7 };

static const double glass_index = 1.5;

/* A ray that contributes less than this is not followed. */
static const double faint = 0.004;

/* A ray on its way.
 *
 * weight  which part of the pixel's light it brings
 * depth   how many surfaces it has met */
struct path {
    struct ray ray;
    const struct sample *sample;
    double weight;
    unsigned depth;
};

static struct vector follow(const struct path *path);

/* Go on from HIT in another direction. */
static struct vector follow_on(const struct path *path, const struct hit *hit,
                               struct vector direction, double share)
{
    struct path next = {
        .ray = { hit->point, direction },
        .sample = path->sample,
        .weight = path->weight * share,
        .depth = path->depth + 1,
    };
    if (next.weight < faint || next.depth >= DEPTH_MAX)
        return (struct vector){ 0, 0, 0 };
    return follow(&next);
}

/* DIRECTION moved aside: by OFFSET across it, where 1 is 45 degrees. */
static struct vector deviate(struct vector direction, struct point offset)
{
    struct vector helper = { 0, 1, 0 };
    if (fabs(direction.y) > 0.9)
        helper = (struct vector){ 1, 0, 0 };
    struct vector side = vector_unit(vector_cross(direction, helper));
    struct vector up = vector_cross(side, direction);
    return vector_unit(
        vector_add(direction, vector_add(vector_scale(side, offset.x),
                                         vector_scale(up, offset.y))));
}

/* A point of the unit disc, made RADIUS wide, for the path's present depth. */
static struct point disc(struct point point, unsigned depth, double radius)
{
    struct point on = sample_disc(sample_turn(point, depth));
    return (struct point){ on.x * radius, on.y * radius };
}

static struct vector mirrored(const struct path *path, const struct hit *hit)
{
    struct vector direction = vector_reflect(path->ray.direction, hit->normal);
    double roughness = hit->material.roughness;
    if (roughness > 0)
        direction = deviate(direction,
                            disc(path->sample->mirror, path->depth, roughness));
    /* A rough surface must not throw light into itself. */
    if (vector_dot(direction, hit->normal) <= 0)
        direction = vector_reflect(direction, hit->normal);
    return direction;
}

/* How much a surface reflects that reflects BASE when seen from straight
 * above. Source: Schlick's approximation of Fresnel's equations. */
static double reflectance(double base, double cosine)
{
    double slant = 1 - cosine;
    double square = slant * slant;
    return base + (1 - base) * square * square * slant;
}

/* Sunlight on a matt surface. */
static struct vector sunlight(const struct path *path, const struct hit *hit)
{
    struct vector direction =
        deviate(sky_sun_direction,
                disc(path->sample->sun, path->depth, sky_sun_radius));
    double facing = vector_dot(direction, hit->normal);
    if (facing <= 0)
        return (struct vector){ 0, 0, 0 };
    struct ray ray = { hit->point, direction };
    return vector_scale(vector_multiply(sky_sun_light, scene_shadow(&ray)),
                        facing);
}

static struct vector matt(const struct path *path, const struct hit *hit)
{
    struct vector light =
        vector_add(sunlight(path, hit), scene_ambient(hit->point, hit->normal));
    struct vector own = vector_multiply(light, hit->material.color);
    double cosine = -vector_dot(path->ray.direction, hit->normal);
    double share = hit->material.shine * reflectance(0.04, cosine);
    if (share <= 0)
        return own;
    struct vector direction = mirrored(path, hit);
    return vector_mix(own, follow_on(path, hit, direction, share), share);
}

static struct vector metal(const struct path *path, const struct hit *hit)
{
    static const struct vector white = { 1, 1, 1 };
    double cosine = -vector_dot(path->ray.direction, hit->normal);
    struct vector color =
        vector_mix(hit->material.color, white, reflectance(0, cosine));
    struct vector direction = mirrored(path, hit);
    return vector_multiply(follow_on(path, hit, direction, 1), color);
}

/* Where glass lets a ray go on.
 *
 * share  what it reflects; 1 when nothing goes through */
struct bend {
    double share;
    struct vector direction;
};

/* NORMAL points against DIRECTION; RATIO is the index before the surface by
 * that behind it. Source: Snell's law, Schlick's approximation. */
static struct bend refract(struct vector direction, struct vector normal,
                           double ratio)
{
    double cosine = -vector_dot(direction, normal);
    double inner = 1 - ratio * ratio * (1 - cosine * cosine);
    if (inner <= 0)
        return (struct bend){ .share = 1 };
    double bent = sqrt(inner);
    double base = (1 - ratio) / (1 + ratio);
    return (struct bend){
        .share = reflectance(base * base, ratio > 1 ? bent : cosine),
        .direction = vector_add(vector_scale(direction, ratio),
                                vector_scale(normal, ratio * cosine - bent)),
    };
}

/* What is left of LIGHT after DISTANCE within glass. */
static struct vector absorb(struct vector light, struct vector color,
                            double distance)
{
    struct vector left = { pow(color.x, distance), pow(color.y, distance),
                           pow(color.z, distance) };
    return vector_multiply(light, left);
}

static struct vector glass(const struct path *path, const struct hit *hit)
{
    bool is_inside = vector_dot(path->ray.direction, hit->normal) > 0;
    struct vector normal = hit->normal;
    if (is_inside)
        normal = vector_scale(normal, -1);
    struct bend bend = refract(path->ray.direction, normal,
                               is_inside ? glass_index : 1 / glass_index);
    struct vector back = vector_reflect(path->ray.direction, normal);
    struct vector light =
        vector_scale(follow_on(path, hit, back, bend.share), bend.share);
    if (bend.share < 1) {
        struct vector through =
            follow_on(path, hit, bend.direction, 1 - bend.share);
        light = vector_add(light, vector_scale(through, 1 - bend.share));
    }
    return is_inside ? absorb(light, hit->material.color, hit->distance)
                     : light;
}

static struct vector follow(const struct path *path)
{
    struct hit hit;
    if (!scene_hit(&path->ray, &hit))
        return sky_light(path->ray.direction);
    struct vector light;
    switch (hit.material.surface) {
    case SURFACE_METAL:
        light = metal(path, &hit);
        break;
    case SURFACE_GLASS:
        light = glass(path, &hit);
        break;
    default:
        light = matt(path, &hit);
        break;
    }
    return sky_haze(light, path->ray.direction, hit.distance);
}

struct vector light_along(const struct ray *ray, const struct sample *sample)
{
    struct path path = { .ray = *ray, .sample = sample, .weight = 1 };
    return follow(&path);
}
