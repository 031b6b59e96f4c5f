/* One CBOR item at a time: the only place that reads heads. */
#ifndef VALUE_ITEM_H
#define VALUE_ITEM_H

#include <stddef.h>
#include <stdint.h>

#include <drover/value.h>

enum item_kind {
    ITEM_REFUSED,
    ITEM_UINT,   /* number */
    ITEM_NEGINT, /* -1 - number */
    ITEM_FLOAT,  /* real */
    ITEM_BOOL,   /* number */
    ITEM_NULL,
    ITEM_TEXT,  /* content, number bytes */
    ITEM_BYTES, /* content, number bytes */
    ITEM_LIST,  /* number elements follow */
    ITEM_MAP,   /* number pairs follow */
    ITEM_TAG,   /* number; the tagged item follows */
};

/* What a head says; of the fields only those named beside the kind are set.
 *
 * size    bytes of the head, and of a text or bytes also of its content
 * reason  of ITEM_REFUSED: why, a part of a sentence */
struct item {
    enum item_kind kind;
    size_t size;
    uint64_t number;
    double real;
    const void *content;
    const char *reason;
};

/* Read the item at the front of SIZE bytes. Texts are not checked to be UTF-8,
 * numbers of elements not to be plausible.
 *
 * Returns 0, or -EPROTO with kind ITEM_REFUSED: the bytes end too early, or
 * begin with something that is no part of a value.
 * Source: RFC 8949 section 3. */
int item_read(const uint8_t *bytes, size_t size, struct item *item);

/* The size of the first whole item in VALUE, whatever comes behind it; 0 when
 * the bytes end too early or are no item. Work is bounded by VALUE's size. */
size_t value_item_size(struct drover_value value);

#endif
