#include "plugin/generator.h"

static uint64_t rotate_left(uint64_t number, int bits)
{
    return number << bits | number >> (64 - bits);
}

static uint64_t split_mix_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* Two numbers of SplitMix64 in a row are never both 0. */
void generator_init(struct generator *generator, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        generator->state[i] = split_mix_next(&seed);
}

uint64_t generator_next(struct generator *generator)
{
    uint64_t *s = generator->state;
    uint64_t next = rotate_left(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return next;
}
