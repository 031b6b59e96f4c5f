#include <errno.h>

#include <drover/value.h>

#include "value/item.h"

static struct item read_container(struct drover_value value)
{
    struct item item;
    if (item_read(value.data, value.size, &item) < 0 ||
        (item.kind != ITEM_LIST && item.kind != ITEM_MAP))
        item.kind = ITEM_REFUSED;
    return item;
}

size_t drover_value_count(struct drover_value value)
{
    struct item item = read_container(value);
    return item.kind == ITEM_REFUSED ? 0 : item.number;
}

struct drover_iterator drover_iterate(struct drover_value value)
{
    struct item item = read_container(value);
    if (item.kind == ITEM_REFUSED)
        return (struct drover_iterator){ .left = 0 };
    const uint8_t *bytes = value.data;
    struct drover_iterator iterator = {
        .next = bytes + item.size,
        .end = bytes + value.size,
        .left = item.number,
    };
    /* In a map, a key counts as one. A number so large that this wraps is
     * none that the bytes could hold. */
    if (item.kind == ITEM_MAP)
        iterator.left *= 2;
    return iterator;
}

bool drover_next(struct drover_iterator *iterator, struct drover_value *item)
{
    if (iterator->left == 0)
        return false;
    struct drover_value rest = {
        .data = iterator->next,
        .size = (size_t)(iterator->end - iterator->next),
    };
    size_t size = value_item_size(rest);
    if (size == 0) {
        iterator->left = 0;
        return false;
    }
    iterator->next += size;
    iterator->left--;
    *item = (struct drover_value){ .data = rest.data, .size = size };
    return true;
}

bool drover_next_pair(struct drover_iterator *iterator,
                      struct drover_value *key, struct drover_value *item)
{
    struct drover_value next_key, next_item;
    if (!drover_next(iterator, &next_key) || !drover_next(iterator, &next_item))
        return false;
    *key = next_key;
    *item = next_item;
    return true;
}

int drover_list_get(struct drover_value value, size_t index,
                    struct drover_value *out)
{
    if (drover_value_type(value) != DROVER_LIST)
        return -EINVAL;
    if (index >= drover_value_count(value))
        return -ENOENT;
    struct drover_iterator iterator = drover_iterate(value);
    struct drover_value item;
    for (size_t i = 0; i <= index; i++)
        if (!drover_next(&iterator, &item))
            return -ENOENT;
    *out = item;
    return 0;
}

int drover_map_get(struct drover_value value, const char *key,
                   struct drover_value *out)
{
    if (drover_value_type(value) != DROVER_MAP)
        return -EINVAL;
    struct drover_iterator iterator = drover_iterate(value);
    struct drover_value name, item;
    while (drover_next_pair(&iterator, &name, &item))
        if (drover_value_is_text(name, key)) {
            *out = item;
            return 0;
        }
    return -ENOENT;
}
