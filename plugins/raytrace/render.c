#include "raytrace/render.h"

#include "raytrace/light.h"

/* The camera: a thin lens.
 *
 * slope     of the rays through the upper edge of the picture
 * aperture  radius of the lens
 * focus     distance of what is sharp */
static const struct vector eye = { 0.20, 2.15, 9.0 };
static const struct vector target = { 0.12, 0.93, 0 };
static const double slope = 0.262;
static const double aperture = 0.045;
static const double focus = 8.2;

static const double exposure = 0.62;

/* A sun in the mirror would outshine its whole pixel, jagged at its edge. */
static const double brightest = 12;

static struct ray camera_ray(double across, double up, struct point lens)
{
    struct vector upwards = { 0, 1, 0 };
    struct vector forward = vector_unit(vector_subtract(target, eye));
    struct vector right = vector_unit(vector_cross(forward, upwards));
    struct vector top = vector_cross(right, forward);
    struct vector to =
        vector_add(forward, vector_add(vector_scale(right, across * slope),
                                       vector_scale(top, up * slope)));
    struct point on = sample_disc(lens);
    struct vector shift = vector_add(vector_scale(right, on.x * aperture),
                                     vector_scale(top, on.y * aperture));
    struct vector sharp = vector_scale(to, focus);
    return (struct ray){ vector_add(eye, shift),
                         vector_unit(vector_subtract(sharp, shift)) };
}

static double limit(double light)
{
    return light < brightest ? light : brightest;
}

static struct vector render_pixel(const struct frame *frame, uint32_t x,
                                  uint32_t y)
{
    struct vector sum = { 0, 0, 0 };
    double half = frame->height / 2.0;
    for (uint32_t i = 0; i < frame->samples; i++) {
        struct sample sample = sample_at(x, y, i);
        double across = (x + sample.pixel.x - frame->width / 2.0) / half;
        double up = (half - y - sample.pixel.y) / half;
        struct ray ray = camera_ray(across, up, sample.lens);
        struct vector light = light_along(&ray, &sample);
        light =
            (struct vector){ limit(light.x), limit(light.y), limit(light.z) };
        sum = vector_add(sum, light);
    }
    return vector_scale(sum, 1.0 / frame->samples);
}

/* Bring light without an upper end to 0..1, as film does: deep shadows, soft
 * highlights. Source: Narkowicz's curve, fitted to the ACES transform. */
static double tone(double light)
{
    double x = light * exposure;
    double mapped = x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14);
    return mapped < 1 ? mapped : 1;
}

/* Source: IEC 61966-2-1. */
static double encode_srgb(double linear)
{
    return linear <= 0.0031308 ? linear * 12.92
                               : 1.055 * pow(linear, 1 / 2.4) - 0.055;
}

/* NOISE rounds up or down by chance, so that the sky shows no bands. */
static uint8_t to_byte(double light, double noise)
{
    double level = encode_srgb(tone(light)) * 255 + noise;
    return (uint8_t)(level < 255 ? level : 255);
}

void render_row(const struct frame *frame, uint32_t y, uint8_t *out)
{
    for (uint32_t x = 0; x < frame->width; x++) {
        struct vector light = render_pixel(frame, x, y);
        double noise = sample_noise(x, y, UINT32_MAX);
        *out++ = to_byte(light.x, noise);
        *out++ = to_byte(light.y, noise);
        *out++ = to_byte(light.z, noise);
    }
}
