/* The ray tracer: what its rays meet, and that its rows do not change. */
#include <stdlib.h>
#include <string.h>

#include "raytrace/light.h"
#include "raytrace/render.h"
#include "raytrace/sky.h"
#include "unit.h"

#define ASSERT_NEAR(actual, expected) ASSERT(fabs((actual) - (expected)) < 1e-9)

static void a_mirrored_direction_keeps_its_length_and_turns_upwards(void)
{
    struct vector up = { 0, 1, 0 };
    struct vector back = vector_reflect((struct vector){ 0.6, -0.8, 0 }, up);
    ASSERT_NEAR(back.x, 0.6);
    ASSERT_NEAR(back.y, 0.8);
    ASSERT_NEAR(back.z, 0);
}

static void a_cross_product_stands_on_both(void)
{
    struct vector a = { 1, 2, 3 }, b = { -2, 0.5, 4 };
    struct vector c = vector_cross(a, b);
    ASSERT_NEAR(vector_dot(a, c), 0);
    ASSERT_NEAR(vector_dot(b, c), 0);
    ASSERT_NEAR(vector_dot(vector_unit(c), vector_unit(c)), 1);
}

static void a_ray_straight_down_meets_the_floor_there(void)
{
    struct ray ray = { { 40.5, 3, 40.5 }, { 0, -1, 0 } };
    struct hit hit;
    ASSERT(scene_hit(&ray, &hit));
    ASSERT_NEAR(hit.distance, 3);
    ASSERT_NEAR(hit.point.y, 0);
    ASSERT_NEAR(hit.normal.y, 1);
}

static void the_floor_is_chequered(void)
{
    struct ray here = { { 40.5, 1, 40.5 }, { 0, -1, 0 } };
    struct ray beside = { { 41.5, 1, 40.5 }, { 0, -1, 0 } };
    struct ray diagonal = { { 41.5, 1, 41.5 }, { 0, -1, 0 } };
    struct hit first, second, third;
    ASSERT(scene_hit(&here, &first));
    ASSERT(scene_hit(&beside, &second));
    ASSERT(scene_hit(&diagonal, &third));
    ASSERT(first.material.color.x != second.material.color.x);
    ASSERT_NEAR(first.material.color.x, third.material.color.x);
}

static void a_ray_upwards_meets_the_sky(void)
{
    struct ray ray = { { 40, 1, 40 }, { 0, 1, 0 } };
    struct hit hit;
    memset(&hit, 0x55, sizeof hit);
    struct hit before = hit;
    ASSERT(!scene_hit(&ray, &hit));
    ASSERT(memcmp(&hit, &before, sizeof hit) == 0);
}

/* The ray from the camera to the middle of the mirror ball. */
static void the_nearest_thing_is_met_with_its_normal_towards_the_ray(void)
{
    struct vector eye = { -1.55, 1.30, 9 };
    struct ray ray = { eye, { 0, 0, -1 } };
    struct hit hit;
    ASSERT(scene_hit(&ray, &hit));
    ASSERT_INT(hit.material.surface, SURFACE_METAL);
    ASSERT_NEAR(hit.distance, 9 - (-0.70 + 1.30));
    ASSERT_NEAR(vector_dot(hit.normal, ray.direction), -1);
}

static void a_ball_throws_a_shadow_and_glass_lets_light_through(void)
{
    struct ray open = { { 40, 0, 40 }, sky_sun_direction };
    ASSERT_NEAR(scene_shadow(&open).x, 1);
    struct ray under_mirror = { { -1.55, 0, -0.70 }, sky_sun_direction };
    ASSERT_NEAR(scene_shadow(&under_mirror).x, 0);
    struct ray behind_glass = { { 0.62, 0.78, 1.25 }, sky_sun_direction };
    ASSERT(scene_shadow(&behind_glass).x > 0);
}

static void the_sun_is_of_length_one_and_brighter_than_its_sky(void)
{
    struct vector sun = sky_sun_direction;
    ASSERT(fabs(vector_dot(sun, sun) - 1) < 1e-3);
    struct vector beside = { -sun.x, sun.y, sun.z };
    ASSERT(sky_light(sun).x > 5 * sky_light(beside).x);
}

static void the_samples_of_a_pixel_are_spread_over_it(void)
{
    unsigned quarters[4] = { 0 };
    for (uint32_t i = 0; i < 64; i++) {
        struct sample sample = sample_at(17, 4, i);
        ASSERT(sample.pixel.x >= 0 && sample.pixel.x < 1);
        ASSERT(sample.pixel.y >= 0 && sample.pixel.y < 1);
        quarters[(sample.pixel.x >= 0.5) + 2 * (sample.pixel.y >= 0.5)]++;
    }
    for (size_t i = 0; i < 4; i++)
        ASSERT(quarters[i] >= 12 && quarters[i] <= 20);
}

static void a_disc_holds_what_the_square_is_moved_to(void)
{
    for (double x = 0; x < 1; x += 0.125)
        for (double y = 0; y < 1; y += 0.125) {
            struct point on = sample_disc((struct point){ x, y });
            ASSERT(on.x * on.x + on.y * on.y < 1);
        }
}

static void a_row_is_the_same_whatever_was_rendered_before(void)
{
    enum { WIDTH = 32, HEIGHT = 18 };
    struct frame frame = { WIDTH, HEIGHT, 4 };
    uint8_t first[WIDTH * 3], other[WIDTH * 3], again[WIDTH * 3];
    memset(first, 0x00, sizeof first);
    memset(again, 0xff, sizeof again);
    render_row(&frame, 9, first);
    render_row(&frame, 3, other);
    render_row(&frame, 9, again);
    ASSERT(memcmp(first, again, sizeof first) == 0);
    ASSERT(memcmp(first, other, sizeof first) != 0);
}

UNIT_CASES(CASE(a_mirrored_direction_keeps_its_length_and_turns_upwards),
           CASE(a_cross_product_stands_on_both),
           CASE(a_ray_straight_down_meets_the_floor_there),
           CASE(the_floor_is_chequered), CASE(a_ray_upwards_meets_the_sky),
           CASE(the_nearest_thing_is_met_with_its_normal_towards_the_ray),
           CASE(a_ball_throws_a_shadow_and_glass_lets_light_through),
           CASE(the_sun_is_of_length_one_and_brighter_than_its_sky),
           CASE(the_samples_of_a_pixel_are_spread_over_it),
           CASE(a_disc_holds_what_the_square_is_moved_to),
           CASE(a_row_is_the_same_whatever_was_rendered_before))
