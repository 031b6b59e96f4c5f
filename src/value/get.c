#include <errno.h>
#include <string.h>

#include <drover/value.h>

#include "value/item.h"

const char *drover_type_name(enum drover_type type)
{
    static const char *const names[] = {
        [DROVER_ANY] = "any",     [DROVER_NULL] = "null",
        [DROVER_BOOL] = "bool",   [DROVER_INT] = "int",
        [DROVER_FLOAT] = "float", [DROVER_TEXT] = "text",
        [DROVER_BYTES] = "bytes", [DROVER_LIST] = "list",
        [DROVER_MAP] = "map",     [DROVER_ARRAY] = "array",
    };
    if ((unsigned)type >= sizeof names / sizeof names[0])
        return "unknown";
    return names[type];
}

/* Of a well-formed value the first byte says it all. */
enum drover_type drover_value_type(struct drover_value value)
{
    static const enum drover_type by_major[] = {
        DROVER_INT,  DROVER_INT, DROVER_BYTES, DROVER_TEXT,
        DROVER_LIST, DROVER_MAP, DROVER_ARRAY,
    };
    enum { SIMPLE = 7, FALSE = 0xf4, TRUE = 0xf5, NIL = 0xf6 };
    if (value.size == 0)
        return DROVER_ANY;
    unsigned first = *(const uint8_t *)value.data;
    if (first >> 5 != SIMPLE)
        return by_major[first >> 5];
    if (first == FALSE || first == TRUE)
        return DROVER_BOOL;
    return first == NIL ? DROVER_NULL : DROVER_FLOAT;
}

static int read_any(struct drover_value value, struct item *item)
{
    if (item_read(value.data, value.size, item) < 0)
        return -EINVAL;
    return 0;
}

static int read_kind(struct drover_value value, enum item_kind kind,
                     struct item *item)
{
    if (read_any(value, item) < 0 || item->kind != kind)
        return -EINVAL;
    return 0;
}

int drover_value_get_bool(struct drover_value value, bool *out)
{
    struct item item;
    if (read_kind(value, ITEM_BOOL, &item) < 0)
        return -EINVAL;
    *out = item.number != 0;
    return 0;
}

int drover_value_get_int(struct drover_value value, int64_t *out)
{
    struct item item;
    if (read_any(value, &item) < 0 ||
        (item.kind != ITEM_UINT && item.kind != ITEM_NEGINT))
        return -EINVAL;
    if (item.number > INT64_MAX)
        return -ERANGE;
    int64_t number = (int64_t)item.number;
    *out = item.kind == ITEM_UINT ? number : -1 - number;
    return 0;
}

int drover_value_get_uint(struct drover_value value, uint64_t *out)
{
    struct item item;
    if (read_any(value, &item) < 0 ||
        (item.kind != ITEM_UINT && item.kind != ITEM_NEGINT))
        return -EINVAL;
    if (item.kind == ITEM_NEGINT)
        return -ERANGE;
    *out = item.number;
    return 0;
}

int drover_value_get_float(struct drover_value value, double *out)
{
    struct item item;
    if (read_any(value, &item) < 0)
        return -EINVAL;
    switch (item.kind) {
    case ITEM_FLOAT:
        *out = item.real;
        return 0;
    case ITEM_UINT:
        *out = (double)item.number;
        return 0;
    case ITEM_NEGINT:
        if (item.number > INT64_MAX)
            return -ERANGE;
        *out = (double)(-1 - (int64_t)item.number);
        return 0;
    default:
        return -EINVAL;
    }
}

int drover_value_get_text(struct drover_value value, const char **text,
                          size_t *size_bytes)
{
    struct item item;
    if (read_kind(value, ITEM_TEXT, &item) < 0)
        return -EINVAL;
    *text = item.content;
    *size_bytes = item.number;
    return 0;
}

int drover_value_get_bytes(struct drover_value value, const void **bytes,
                           size_t *size_bytes)
{
    struct item item;
    if (read_kind(value, ITEM_BYTES, &item) < 0)
        return -EINVAL;
    *bytes = item.content;
    *size_bytes = item.number;
    return 0;
}

bool drover_value_is_text(struct drover_value value, const char *text)
{
    struct item item;
    return read_kind(value, ITEM_TEXT, &item) == 0 &&
           item.number == strlen(text) &&
           memcmp(item.content, text, item.number) == 0;
}

bool drover_value_equal(struct drover_value a, struct drover_value b)
{
    return a.size == b.size &&
           (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}
