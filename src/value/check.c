#include "value/check.h"

#include <errno.h>

#include "base/error.h"
#include "base/text.h"
#include "value/array.h"
#include "value/item.h"
#include "value/keys.h"

/* Maps with more keys than this are looked through whenever their number has
 * doubled, so that a long run of equal keys does not pile up. */
enum { KEYS_MANY = 1024 };

/* A list or map that is not at its end.
 *
 * left       items still to come, a key counting as one
 * first_key  where its keys begin in the stack of keys */
struct level {
    bool is_map;
    uint64_t left;
    size_t first_key;
};

/* A check on its way.
 *
 * promised  items that the heads so far have promised and that have not come,
 *           over all levels: never more than there are bytes left */
struct check {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    uint64_t promised;
    size_t depth;
    size_t depth_max;
    struct keys keys;
    struct drover_error *err;
    struct level levels[DROVER_VALUE_DEPTH_MAX + VALUE_DEPTH_ENVELOPE];
};

static int refuse(struct check *check, const char *reason)
{
    return error_set(check->err, EPROTO, "no value: at byte %zu: %s", check->at,
                     reason);
}

static int refuse_duplicates(struct check *check, const struct level *level)
{
    const struct key *twice =
        keys_find_duplicate(&check->keys, level->first_key, check->bytes);
    if (twice == NULL)
        return 0;
    int shown = twice->size < 64 ? (int)twice->size : 64;
    return error_set(check->err, EPROTO,
                     "no value: a map has the key \"%.*s\" twice", shown,
                     (const char *)check->bytes + twice->at);
}

static int check_key(struct check *check, const struct level *level,
                     const struct item *item)
{
    if (item->kind != ITEM_TEXT)
        return refuse(check, "a key is no text");
    struct key key = { .at = check->at + item->size - item->number,
                       .size = item->number };
    if (keys_push(&check->keys, key) < 0)
        return error_no_memory(check->err);
    size_t count = check->keys.count - level->first_key;
    if (count >= KEYS_MANY && (count & (count - 1)) == 0)
        return refuse_duplicates(check, level);
    return 0;
}

static int open_level(struct check *check, const struct item *item)
{
    bool is_map = item->kind == ITEM_MAP;
    uint64_t left = check->size - check->at - item->size;
    if (item->number > left ||
        item->number * (is_map ? 2 : 1) + check->promised > left)
        return refuse(check, "more elements than bytes left");
    if (check->depth == check->depth_max)
        return refuse(check, "nested too deep");
    if (item->number == 0)
        return 0;
    struct level *level = &check->levels[check->depth++];
    level->is_map = is_map;
    level->left = is_map ? 2 * item->number : item->number;
    level->first_key = check->keys.count;
    check->promised += level->left;
    return 0;
}

static int check_item(struct check *check, struct item *item)
{
    switch (item->kind) {
    case ITEM_NEGINT:
        if (item->number > INT64_MAX)
            return refuse(check, "an integer below -2^63");
        return 0;
    case ITEM_TEXT:
        if (text_utf8_valid(item->content, item->number) != item->number)
            return refuse(check, "a text is no valid UTF-8");
        return 0;
    case ITEM_LIST:
    case ITEM_MAP:
        return open_level(check, item);
    case ITEM_TAG: {
        struct array_item array;
        const char *reason;
        if (array_read(check->bytes + check->at, check->size - check->at,
                       &array, &reason) < 0)
            return refuse(check, reason);
        item->size = array.size;
        return 0;
    }
    default:
        return 0;
    }
}

static int close_levels(struct check *check)
{
    while (check->depth > 0) {
        struct level *level = &check->levels[check->depth - 1];
        if (level->left > 0)
            return 0;
        if (level->is_map && refuse_duplicates(check, level) < 0)
            return -EPROTO;
        keys_drop(&check->keys, level->first_key);
        check->depth--;
    }
    return 0;
}

/* Count ITEM in the innermost container, and see to it that keys are texts. */
static int enter_item(struct check *check, const struct item *item)
{
    if (check->depth == 0)
        return 0;
    struct level *level = &check->levels[check->depth - 1];
    bool is_key = level->is_map && level->left % 2 == 0;
    level->left--;
    return is_key ? check_key(check, level, item) : 0;
}

/* Take one item off what is promised. */
static int step(struct check *check)
{
    struct item item;
    if (item_read(check->bytes + check->at, check->size - check->at, &item) < 0)
        return refuse(check, item.reason);
    check->promised--;
    int status = enter_item(check, &item);
    if (status == 0)
        status = check_item(check, &item);
    if (status < 0)
        return status;
    check->at += item.size;
    if (check->promised > check->size - check->at)
        return refuse(check, "more elements than bytes left");
    return close_levels(check);
}

static int check_value(struct drover_value value, size_t depth_max,
                       struct drover_error *err)
{
    /* The levels are set when they are opened: clearing them first would take
     * longer than checking a small value. */
    struct check check;
    check.bytes = value.data;
    check.size = value.size;
    check.at = 0;
    check.promised = 1;
    check.depth = 0;
    check.depth_max = depth_max;
    check.err = err;
    keys_init(&check.keys);
    int status = value.size == 0 ? refuse(&check, "it is empty") : 0;
    while (status == 0 && check.promised > 0)
        status = step(&check);
    if (status == 0 && check.at < check.size)
        status = refuse(&check, "bytes follow the value");
    keys_clear(&check.keys);
    return status;
}

int value_check_inside(struct drover_value value, size_t depth,
                       struct drover_error *err)
{
    return check_value(value, DROVER_VALUE_DEPTH_MAX - depth, err);
}

int value_check_body(struct drover_value body, struct drover_error *err)
{
    return check_value(body, DROVER_VALUE_DEPTH_MAX + VALUE_DEPTH_ENVELOPE,
                       err);
}

int drover_value_check(struct drover_value value, struct drover_error *err)
{
    return check_value(value, DROVER_VALUE_DEPTH_MAX, err);
}
