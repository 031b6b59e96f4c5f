#include "value/array.h"

#include <errno.h>
#include <string.h>

#include "value/item.h"

/* The bits of a tag (RFC 8746 section 2.1): 0b010fsell. */
enum {
    TAG_FIRST = 64,
    TAG_LAST = 87,
    TAG_RESERVED = 76,
    TAG_FLOAT = 16,
    TAG_SIGNED = 8,
    TAG_LITTLE = 4,
    TAG_LENGTH = 3,
};

static const struct {
    unsigned char size;
    unsigned char big_endian_tag;
} elements[] = {
    [DROVER_UINT8] = { 1, 64 },   [DROVER_UINT16] = { 2, 65 },
    [DROVER_UINT32] = { 4, 66 },  [DROVER_UINT64] = { 8, 67 },
    [DROVER_INT8] = { 1, 72 },    [DROVER_INT16] = { 2, 73 },
    [DROVER_INT32] = { 4, 74 },   [DROVER_INT64] = { 8, 75 },
    [DROVER_FLOAT32] = { 4, 81 }, [DROVER_FLOAT64] = { 8, 82 },
};

static const bool machine_is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

size_t drover_element_size(enum drover_element element)
{
    return elements[element].size;
}

unsigned array_tag(enum drover_element element)
{
    unsigned tag = elements[element].big_endian_tag;
    /* For single bytes the bit has another meaning. */
    bool little = machine_is_little && elements[element].size > 1;
    return little ? tag | TAG_LITTLE : tag;
}

int array_count(size_t dimensions, const size_t *shape, size_t *count)
{
    size_t product = 1;
    if (dimensions < 1 || dimensions > DROVER_ARRAY_DIMENSIONS_MAX)
        return -EINVAL;
    for (size_t i = 0; i < dimensions; i++)
        if (__builtin_mul_overflow(product, shape[i], &product))
            return -EINVAL;
    *count = product;
    return 0;
}

/* Where an array is being read. */
struct reader {
    const uint8_t *at;
    const uint8_t *end;
    const char *reason;
};

static int refuse(struct reader *reader, const char *reason)
{
    reader->reason = reason;
    return -EPROTO;
}

static int read_item(struct reader *reader, enum item_kind kind,
                     const char *otherwise, uint64_t *number)
{
    struct item item;
    size_t left = (size_t)(reader->end - reader->at);
    if (item_read(reader->at, left, &item) < 0)
        return refuse(reader, item.reason);
    if (item.kind != kind)
        return refuse(reader, otherwise);
    reader->at += item.size;
    *number = item.number;
    return 0;
}

static int read_shape(struct reader *reader, struct array_item *out)
{
    static const char no_pair[] = "tag 40 is not on a shape and an array";
    static const char no_size[] = "a dimension is no unsigned integer";
    uint64_t count;
    if (read_item(reader, ITEM_LIST, no_pair, &count) < 0)
        return -EPROTO;
    if (count != 2)
        return refuse(reader, no_pair);
    if (read_item(reader, ITEM_LIST, no_pair, &count) < 0)
        return -EPROTO;
    if (count < 1 || count > DROVER_ARRAY_DIMENSIONS_MAX)
        return refuse(reader, "an array has 1 to 8 dimensions");
    out->dimensions = count;
    for (size_t i = 0; i < out->dimensions; i++) {
        uint64_t size;
        if (read_item(reader, ITEM_UINT, no_size, &size) < 0)
            return -EPROTO;
        out->shape[i] = size;
    }
    return 0;
}

static int read_elements(struct reader *reader, uint64_t tag,
                         struct array_item *out)
{
    static const char no_array[] = "tags other than arrays' are not accepted";
    uint64_t size;
    if (tag < TAG_FIRST || tag > TAG_LAST || tag == TAG_RESERVED)
        return refuse(reader, no_array);
    if (read_item(reader, ITEM_BYTES, "an array's elements are no bytes",
                  &size) < 0)
        return -EPROTO;
    out->tag = (unsigned)tag;
    unsigned shift = (tag & TAG_LENGTH) + (tag & TAG_FLOAT ? 1 : 0);
    out->element_size = (size_t)1 << shift;
    out->count = size / out->element_size;
    out->data = reader->at - size;
    if (size % out->element_size != 0)
        return refuse(reader, "an array ends within an element");
    return 0;
}

static int read_array(struct reader *reader, struct array_item *out)
{
    uint64_t tag;
    if (read_item(reader, ITEM_TAG, "no tag", &tag) < 0)
        return -EPROTO;
    bool shaped = tag == ARRAY_TAG_SHAPED;
    if (shaped &&
        (read_shape(reader, out) < 0 ||
         read_item(reader, ITEM_TAG, "tag 40 is on no typed array", &tag) < 0))
        return -EPROTO;
    if (read_elements(reader, tag, out) < 0)
        return -EPROTO;
    if (!shaped) {
        out->dimensions = 1;
        out->shape[0] = out->count;
    }
    size_t count;
    if (array_count(out->dimensions, out->shape, &count) < 0 ||
        count != out->count)
        return refuse(reader, "an array's shape does not fit its elements");
    return 0;
}

int array_read(const uint8_t *bytes, size_t size, struct array_item *out,
               const char **reason)
{
    struct reader reader = { .at = bytes, .end = bytes + size };
    if (read_array(&reader, out) < 0) {
        *reason = reader.reason;
        return -EPROTO;
    }
    out->size = (size_t)(reader.at - bytes);
    return 0;
}

static int find_element(unsigned tag, enum drover_element *element)
{
    enum { UINT8_CLAMPED = 68 };
    if (tag == UINT8_CLAMPED)
        tag = elements[DROVER_UINT8].big_endian_tag;
    for (unsigned i = 0; i < sizeof elements / sizeof elements[0]; i++)
        if (elements[i].big_endian_tag == (tag & ~(unsigned)TAG_LITTLE)) {
            *element = (enum drover_element)i;
            return 0;
        }
    return -ENOTSUP;
}

int drover_value_get_array(struct drover_value value, struct drover_array *out)
{
    struct array_item item;
    const char *reason;
    if (drover_value_type(value) != DROVER_ARRAY ||
        array_read(value.data, value.size, &item, &reason) < 0)
        return -EINVAL;
    struct drover_array array = {
        .dimensions = item.dimensions,
        .count = item.count,
        .data = item.data,
    };
    if (find_element(item.tag, &array.element) < 0)
        return -ENOTSUP;
    for (size_t i = 0; i < item.dimensions; i++)
        array.shape[i] = item.shape[i];
    bool little = (item.tag & TAG_LITTLE) != 0;
    array.foreign_order = item.element_size > 1 && little != machine_is_little;
    *out = array;
    return 0;
}

void drover_array_copy(const struct drover_array *array, void *out)
{
    size_t size = drover_element_size(array->element);
    size_t total = array->count * size;
    const uint8_t *from = array->data;
    uint8_t *to = out;
    if (total == 0)
        return;
    if (!array->foreign_order) {
        memcpy(to, from, total);
        return;
    }
    for (size_t at = 0; at < total; at += size)
        for (size_t i = 0; i < size; i++)
            to[at + i] = from[at + size - 1 - i];
}
