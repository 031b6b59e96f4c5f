/* Values for tests, written as hex. */
#ifndef VALUE_BYTES_H
#define VALUE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <drover/value.h>

#include "unit.h"

enum { BYTES_MAX = 1024 };

/* Storage for one value. */
struct bytes {
    uint8_t data[BYTES_MAX];
};

static inline unsigned digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c == '\0' ? NULL : strchr(digits, c);
    ASSERT(found != NULL);
    return (unsigned)(found - digits);
}

/* The value that HEX writes; blanks in it mean nothing. */
static inline struct drover_value value_of_hex(struct bytes *bytes,
                                               const char *hex)
{
    size_t size = 0;
    for (; *hex != '\0'; hex++) {
        if (*hex == ' ')
            continue;
        ASSERT(size < BYTES_MAX && hex[1] != '\0');
        bytes->data[size] = (uint8_t)(digit_of(hex[0]) * 16 + digit_of(hex[1]));
        size++;
        hex++;
    }
    return (struct drover_value){ .data = bytes->data, .size = size };
}

#endif
