/* Random numbers: those of the published generators. */
#include "plugin/generator.h"
#include "unit.h"

static void expect_numbers(struct generator *generator,
                           const uint64_t *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ASSERT_INT(generator_next(generator), expected[i]);
}

/* From the authors' C code, begun with this state. */
static void the_numbers_are_those_of_xoshiro256(void)
{
    static const uint64_t expected[] = {
        11520,
        0,
        1509978240,
        1215971899390074240,
        1216172134540287360,
        607988272756665600,
        16172922978634559625u,
        8476171486693032832,
        10595114339597558777u,
        2904607092377533576,
    };
    struct generator generator = { { 1, 2, 3, 4 } };
    expect_numbers(&generator, expected, sizeof expected / sizeof expected[0]);
}

/* The first four numbers of SplitMix64 with this seed are well known. */
static void the_state_comes_from_split_mix_64(void)
{
    static const uint64_t expected[] = {
        6457827717110365317,
        3203168211198807973,
        9817491932198370423u,
        4593380528125082431,
    };
    struct generator generator;
    generator_init(&generator, 1234567);
    for (int i = 0; i < 4; i++)
        ASSERT_INT(generator.state[i], expected[i]);
}

static void no_seed_makes_an_empty_state(void)
{
    static const uint64_t seeds[] = { 0, 1, UINT64_MAX, 0x61c8864680b583eb };
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        struct generator generator;
        generator_init(&generator, seeds[i]);
        ASSERT((generator.state[0] | generator.state[1]) != 0);
    }
}

UNIT_CASES(CASE(the_numbers_are_those_of_xoshiro256),
           CASE(the_state_comes_from_split_mix_64),
           CASE(no_seed_makes_an_empty_state))
