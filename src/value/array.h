/* Typed arrays (RFC 8746): from their tags and their shape to what C sees. */
#ifndef VALUE_ARRAY_H
#define VALUE_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#include <drover/value.h>

/* An array value as it lies in the bytes.
 *
 * tag           of the elements, 64..87
 * element_size  bytes
 * size          bytes of the whole value, its tags included */
struct array_item {
    unsigned tag;
    size_t element_size;
    size_t dimensions;
    size_t shape[DROVER_ARRAY_DIMENSIONS_MAX];
    size_t count;
    const void *data;
    size_t size;
};

/* Read the array at the front of SIZE bytes, which begin with a tag.
 *
 * Returns 0, or -EPROTO with *REASON, a part of a sentence, when the tag is
 * none of an array or the shape does not fit the elements. */
int array_read(const uint8_t *bytes, size_t size, struct array_item *out,
               const char **reason);

/* The tag of elements in this machine's byte order. */
unsigned array_tag(enum drover_element element);

/* The number of elements. Returns 0 or -EINVAL (dimensions, or a product that
 * no size_t holds). */
int array_count(size_t dimensions, const size_t *shape, size_t *count);

enum { ARRAY_TAG_SHAPED = 40 };

#endif
