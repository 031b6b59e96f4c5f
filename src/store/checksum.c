#include "store/checksum.h"

#include <stddef.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* The same bytes at another place are not the same value. */
static uint64_t seed_of(int64_t id, uint64_t number)
{
    return (uint64_t)id * 0x9e3779b97f4a7c15u + number;
}

int64_t checksum_of(struct drover_value value, int64_t id, uint64_t number)
{
    return (int64_t)XXH3_64bits_withSeed(value.data, value.size,
                                         seed_of(id, number));
}
