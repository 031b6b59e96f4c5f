/* A generator of random numbers: xoshiro256**, seeded by SplitMix64. Small,
 * fast, of period 2^256 - 1; not for secrets.
 *
 * Sources: D. Blackman and S. Vigna, "Scrambled Linear Pseudorandom Number
 * Generators", ACM Transactions on Mathematical Software 47 (2021);
 * G. Steele, D. Lea and C. Flood, "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014. */
#ifndef PLUGIN_GENERATOR_H
#define PLUGIN_GENERATOR_H

#include <stdint.h>

/* Not all of it is 0. */
struct generator {
    uint64_t state[4];
};

void generator_init(struct generator *generator, uint64_t seed);

/* The next number, all of its 64 bits random. */
uint64_t generator_next(struct generator *generator);

#endif
