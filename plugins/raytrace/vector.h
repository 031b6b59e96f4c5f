/* Vectors of three: points, directions, and colours as light (red, green and
 * blue, linear, without an upper end). */
#ifndef RAYTRACE_VECTOR_H
#define RAYTRACE_VECTOR_H

#include <math.h>

struct vector {
    double x, y, z;
};

static inline struct vector vector_add(struct vector a, struct vector b)
{
    return (struct vector){ a.x + b.x, a.y + b.y, a.z + b.z };
}

static inline struct vector vector_subtract(struct vector a, struct vector b)
{
    return (struct vector){ a.x - b.x, a.y - b.y, a.z - b.z };
}

static inline struct vector vector_scale(struct vector a, double factor)
{
    return (struct vector){ a.x * factor, a.y * factor, a.z * factor };
}

/* Each number by its counterpart: light by the colour that it falls on. */
static inline struct vector vector_multiply(struct vector a, struct vector b)
{
    return (struct vector){ a.x * b.x, a.y * b.y, a.z * b.z };
}

/* From A (0) to B (1). */
static inline struct vector vector_mix(struct vector a, struct vector b,
                                       double part)
{
    return vector_add(vector_scale(a, 1 - part), vector_scale(b, part));
}

static inline double vector_dot(struct vector a, struct vector b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline struct vector vector_cross(struct vector a, struct vector b)
{
    return (struct vector){ a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
                            a.x * b.y - a.y * b.x };
}

static inline struct vector vector_unit(struct vector a)
{
    return vector_scale(a, 1 / sqrt(vector_dot(a, a)));
}

/* DIRECTION thrown back by a surface with the unit vector NORMAL. */
static inline struct vector vector_reflect(struct vector direction,
                                           struct vector normal)
{
    double along = vector_dot(direction, normal);
    return vector_subtract(direction, vector_scale(normal, 2 * along));
}

#endif
