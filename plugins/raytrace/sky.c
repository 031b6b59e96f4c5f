#include "raytrace/sky.h"

const struct vector sky_sun_direction = { -0.7789, 0.6150, 0.1230 };
const double sky_sun_radius = 0.075;
const struct vector sky_sun_light = { 2.75, 2.12, 1.48 };

static const struct vector horizon = { 1.25, 0.74, 0.46 };
static const struct vector middle = { 0.62, 0.58, 0.72 };
static const struct vector zenith = { 0.09, 0.21, 0.50 };
static const struct vector ridge_shade = { 0.12, 0.16, 0.36 };

enum { RIDGES = 3 };

static double clamp(double number)
{
    return number < 0 ? 0 : number > 1 ? 1 : number;
}

static double smooth(double from, double to, double number)
{
    double part = clamp((number - from) / (to - from));
    return part * part * (3 - 2 * part);
}

/* How high ridge I stands at an angle, as the y of a direction. */
static double ridge_height(int i, double angle)
{
    double base = 0.050 - 0.013 * i;
    double stretch = 1 + 0.8 * i;
    return base + 0.022 * sin(angle * 3.1 * stretch + 1.3 + 2.1 * i) +
           0.010 * sin(angle * 7.7 * stretch + 0.4 + 1.7 * i) +
           0.004 * sin(angle * 19.0 * stretch + 5.1 * i);
}

static struct vector air(double height)
{
    double up = height < 0 ? 0 : height;
    struct vector low = vector_mix(horizon, middle, smooth(0, 0.17, up));
    return vector_mix(low, zenith, smooth(0.06, 0.50, up));
}

struct vector sky_light(struct vector direction)
{
    struct vector light = air(direction.y);
    double angle = atan2(direction.x, -direction.z);
    /* From the farthest, which the haze has nearly taken, to the nearest. */
    for (int i = 0; i < RIDGES; i++) {
        double top = ridge_height(i, angle);
        struct vector shade =
            vector_mix(ridge_shade, air(0.02), 0.66 - 0.22 * i);
        light = vector_mix(shade, light,
                           smooth(top - 0.0008, top + 0.0008, direction.y));
    }
    double off = vector_dot(direction, sky_sun_direction);
    double disc = cos(sky_sun_radius);
    struct vector sun = vector_scale(sky_sun_light, 6);
    struct vector glow = vector_scale(sky_sun_light, 0.10);
    light = vector_add(light, vector_scale(glow, pow(clamp(off), 24)));
    return vector_mix(light, sun, smooth(disc - 0.0012, disc + 0.0006, off));
}

struct vector sky_haze(struct vector light, struct vector direction,
                       double distance)
{
    struct vector flat = { direction.x, 0.004, direction.z };
    double part = 1 - exp(-pow(distance / 55, 1.6));
    return vector_mix(light, air(vector_unit(flat).y), part);
}
