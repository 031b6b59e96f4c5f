#include "raytrace/sample.h"

#include <math.h>

enum { SAMPLE_NUMBERS = 8 };

/* Steps of an additive recurrence in eight dimensions, the powers of 1 / g for
 * the root g = 1.0757660660868371 of g^9 = g + 1. Source: the generalised
 * golden ratio of Roberts, "The unreasonable effectiveness of quasirandom
 * sequences". */
static const double steps[SAMPLE_NUMBERS] = {
    0.9295701286650213, 0.8641006241081818, 0.8032421283372867,
    0.7466698889230934, 0.6940920250459461, 0.6452072130267064,
    0.5997653544310461, 0.5575240574855463,
};

double sample_noise(uint32_t x, uint32_t y, uint32_t salt)
{
    uint64_t hash = ((uint64_t)x << 32 | y) + salt * 0x9e3779b97f4a7c15u;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    hash ^= hash >> 31;
    return (double)(hash >> 11) * 0x1p-53;
}

static double fraction(double number)
{
    return number - floor(number);
}

struct sample sample_at(uint32_t x, uint32_t y, uint32_t number)
{
    double numbers[SAMPLE_NUMBERS];
    for (uint32_t i = 0; i < SAMPLE_NUMBERS; i++)
        numbers[i] = fraction(sample_noise(x, y, i) + number * steps[i]);
    return (struct sample){
        .pixel = { numbers[0], numbers[1] },
        .lens = { numbers[2], numbers[3] },
        .sun = { numbers[4], numbers[5] },
        .mirror = { numbers[6], numbers[7] },
    };
}

struct point sample_turn(struct point point, unsigned depth)
{
    return (struct point){
        fraction(point.x + depth * 0.6180339887498949),
        fraction(point.y + depth * 0.4142135623730951),
    };
}

struct point sample_disc(struct point point)
{
    double radius = sqrt(point.x);
    double angle = 2 * M_PI * point.y;
    struct point on_disc = { radius * cos(angle), radius * sin(angle) };
    return on_disc;
}
