/* Checksums of values, so that whoever is given one can trust every byte of
 * it. */
#ifndef STORE_CHECKSUM_H
#define STORE_CHECKSUM_H

#include <stdint.h>

#include <drover/value.h>

/* XXH3-64 of VALUE, the NUMBERth of the call ID. */
int64_t checksum_of(struct drover_value value, int64_t id, uint64_t number);

#endif
