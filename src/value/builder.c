#include "value/builder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "value/array.h"
#include "value/check.h"
#include "value/encode.h"
#include "value/keys.h"

/* A list or map that is open.
 *
 * head       where its head will be: one byte is kept free for it
 * items      so far, a key counting as one
 * first_key  where its keys begin in the stack of keys */
struct level {
    bool is_map;
    size_t head;
    size_t items;
    size_t first_key;
};

/* Nothing is consumed from the buffer's front, so that places counted from
 * there stay right when the buffer grows. */
struct drover_builder {
    struct buffer buffer;
    struct drover_error failure;
    bool is_complete;
    size_t depth;
    struct level levels[DROVER_VALUE_DEPTH_MAX];
    struct keys keys;
};

static void empty(struct drover_builder *builder)
{
    buffer_reset(&builder->buffer);
    keys_reset(&builder->keys);
    builder->failure.code = 0;
    builder->is_complete = false;
    builder->depth = 0;
}

static bool is_empty(const struct drover_builder *builder)
{
    return builder->depth == 0 && !builder->is_complete &&
           !builder_has_failed(builder);
}

struct drover_builder *builder_create(size_t limit)
{
    struct drover_builder *builder = malloc(sizeof *builder);
    if (builder == NULL)
        return NULL;
    buffer_init(&builder->buffer, limit);
    keys_init(&builder->keys);
    empty(builder);
    return builder;
}

struct drover_builder *drover_builder_create(void)
{
    return builder_create(VALUE_LIMIT_BYTES);
}

void drover_builder_destroy(struct drover_builder *builder)
{
    if (builder == NULL)
        return;
    buffer_clear(&builder->buffer);
    keys_clear(&builder->keys);
    free(builder);
}

void drover_builder_reset(struct drover_builder *builder)
{
    /* A worker that has no use for it is not to write to it: that would copy
     * a page after the fork. */
    if (!is_empty(builder))
        empty(builder);
}

void builder_fail(struct drover_builder *builder, int code, const char *format,
                  ...)
{
    struct drover_error *failure = &builder->failure;
    if (failure->code != 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->message, sizeof failure->message, format, arguments);
    va_end(arguments);
    failure->code = code;
}

bool builder_has_failed(const struct drover_builder *builder)
{
    return builder->failure.code != 0;
}

/* Fail when STATUS, what a value_put function returned, says so. */
static void finish(struct drover_builder *builder, int status)
{
    if (status == -EMSGSIZE)
        builder_fail(builder, EMSGSIZE, "a value larger than %zu bytes",
                     builder->buffer.limit);
    else if (status < 0)
        builder_fail(builder, -status, "out of memory");
}

static void fail_too_deep(struct drover_builder *builder)
{
    builder_fail(builder, E2BIG, "nested deeper than %d",
                 DROVER_VALUE_DEPTH_MAX);
}

int drover_builder_value(struct drover_builder *builder,
                         struct drover_value *out, struct drover_error *err)
{
    if (builder_has_failed(builder))
        return error_set(err, builder->failure.code, "%s",
                         builder->failure.message);
    if (builder->depth > 0)
        return error_set(err, EINVAL, "a %s is still open",
                         builder->levels[builder->depth - 1].is_map ? "map"
                                                                    : "list");
    if (!builder->is_complete)
        return error_set(err, EINVAL, "nothing was built");
    *out = value_of_buffer(&builder->buffer);
    return 0;
}

static bool wants_key(const struct drover_builder *builder)
{
    if (builder->depth == 0)
        return false;
    const struct level *level = &builder->levels[builder->depth - 1];
    return level->is_map && level->items % 2 == 0;
}

/* Take the place for one more value. Returns whether it may be added. */
static bool begin_value(struct drover_builder *builder)
{
    if (builder_has_failed(builder))
        return false;
    if (builder->depth > 0) {
        builder->levels[builder->depth - 1].items++;
        return true;
    }
    if (builder->is_complete) {
        builder_fail(builder, EINVAL, "a second value at the top");
        return false;
    }
    builder->is_complete = true;
    return true;
}

static bool begin_other_than_text(struct drover_builder *builder)
{
    if (wants_key(builder))
        builder_fail(builder, EINVAL, "a map's key is no text");
    return begin_value(builder);
}

void drover_build_null(struct drover_builder *builder)
{
    if (begin_other_than_text(builder))
        finish(builder, value_put_null(&builder->buffer));
}

void drover_build_bool(struct drover_builder *builder, bool b)
{
    if (begin_other_than_text(builder))
        finish(builder, value_put_bool(&builder->buffer, b));
}

void drover_build_int(struct drover_builder *builder, int64_t i)
{
    if (begin_other_than_text(builder))
        finish(builder, value_put_int(&builder->buffer, i));
}

void drover_build_uint(struct drover_builder *builder, uint64_t i)
{
    if (begin_other_than_text(builder))
        finish(builder, value_put_uint(&builder->buffer, i));
}

void drover_build_float(struct drover_builder *builder, double d)
{
    if (begin_other_than_text(builder))
        finish(builder, value_put_float(&builder->buffer, d));
}

void drover_build_text(struct drover_builder *builder, const char *text)
{
    drover_build_text_sized(builder, text, strlen(text));
}

void drover_build_text_sized(struct drover_builder *builder, const char *text,
                             size_t size_bytes)
{
    bool is_key = wants_key(builder);
    if (!begin_value(builder))
        return;
    if (text_utf8_valid(text, size_bytes) != size_bytes) {
        builder_fail(builder, EINVAL, "a text is no valid UTF-8");
        return;
    }
    finish(builder, value_put_text(&builder->buffer, text, size_bytes));
    if (!is_key || builder_has_failed(builder))
        return;
    struct key key = { .at = buffer_size(&builder->buffer) - size_bytes,
                       .size = size_bytes };
    finish(builder, keys_push(&builder->keys, key));
}

void drover_build_bytes(struct drover_builder *builder, const void *bytes,
                        size_t size_bytes)
{
    if (begin_other_than_text(builder))
        finish(builder, value_put_bytes(&builder->buffer, bytes, size_bytes));
}

void drover_build_value(struct drover_builder *builder,
                        struct drover_value value)
{
    const char *text;
    size_t size;
    if (drover_value_get_text(value, &text, &size) == 0) {
        drover_build_text_sized(builder, text, size);
        return;
    }
    if (!begin_other_than_text(builder))
        return;
    struct drover_error err;
    if (value_check_inside(value, builder->depth, &err) == 0)
        finish(builder, value_put_raw(&builder->buffer, value));
    else if (drover_value_check(value, &err) == 0)
        /* Depths add up, so even a well-formed value may not fit here. */
        fail_too_deep(builder);
    else
        builder_fail(builder, err.code == EPROTO ? EINVAL : err.code, "%s",
                     err.message);
}

static int put_shape(struct buffer *buffer, size_t dimensions,
                     const size_t *shape)
{
    int status = value_put_tag(buffer, ARRAY_TAG_SHAPED);
    if (status == 0)
        status = value_put_list_head(buffer, 2);
    if (status == 0)
        status = value_put_list_head(buffer, dimensions);
    for (size_t i = 0; status == 0 && i < dimensions; i++)
        status = value_put_uint(buffer, shape[i]);
    return status;
}

void drover_build_array(struct drover_builder *builder,
                        enum drover_element element, size_t dimensions,
                        const size_t *shape, const void *data)
{
    size_t count, size;
    if (!begin_other_than_text(builder))
        return;
    if (array_count(dimensions, shape, &count) < 0 ||
        __builtin_mul_overflow(count, drover_element_size(element), &size)) {
        builder_fail(builder, EINVAL, "an array of an impossible shape");
        return;
    }
    struct buffer *buffer = &builder->buffer;
    int status = dimensions > 1 ? put_shape(buffer, dimensions, shape) : 0;
    if (status == 0)
        status = value_put_tag(buffer, array_tag(element));
    if (status == 0)
        status = value_put_bytes(buffer, data, size);
    finish(builder, status);
}

static void open_level(struct drover_builder *builder, bool is_map)
{
    if (!begin_other_than_text(builder))
        return;
    if (builder->depth == DROVER_VALUE_DEPTH_MAX) {
        fail_too_deep(builder);
        return;
    }
    int status = buffer_reserve(&builder->buffer, 1);
    if (status < 0) {
        finish(builder, status);
        return;
    }
    builder->levels[builder->depth++] = (struct level){
        .is_map = is_map,
        .head = buffer_size(&builder->buffer),
        .first_key = builder->keys.count,
    };
    buffer_extend(&builder->buffer, 1);
}

/* Write the head where a byte was kept for it, moving the contents when it
 * takes more. */
static int put_head(struct buffer *buffer, const struct level *level)
{
    uint8_t head[VALUE_HEAD_BYTES];
    size_t size = level->is_map ? value_write_map_head(head, level->items / 2)
                                : value_write_list_head(head, level->items);
    int status = buffer_reserve(buffer, size - 1);
    if (status < 0)
        return status;
    uint8_t *at = buffer_bytes(buffer) + level->head;
    if (size > 1)
        memmove(at + size, at + 1, (size_t)(buffer_tail(buffer) - (at + 1)));
    memcpy(at, head, size);
    buffer_extend(buffer, size - 1);
    return 0;
}

static void check_keys(struct drover_builder *builder,
                       const struct level *level)
{
    const uint8_t *bytes = buffer_bytes(&builder->buffer);
    const struct key *twice =
        keys_find_duplicate(&builder->keys, level->first_key, bytes);
    if (twice != NULL)
        builder_fail(builder, EINVAL, "a map has the key \"%.*s\" twice",
                     (int)(twice->size < 64 ? twice->size : 64),
                     (const char *)bytes + twice->at);
    keys_drop(&builder->keys, level->first_key);
}

static void close_level(struct drover_builder *builder, bool is_map)
{
    if (builder_has_failed(builder))
        return;
    const struct level *level =
        builder->depth > 0 ? &builder->levels[builder->depth - 1] : NULL;
    if (level == NULL || level->is_map != is_map) {
        builder_fail(builder, EINVAL, "the end of a %s that is not open",
                     is_map ? "map" : "list");
        return;
    }
    if (is_map && level->items % 2 != 0) {
        builder_fail(builder, EINVAL, "a map's last key has no value");
        return;
    }
    if (is_map)
        check_keys(builder, level);
    finish(builder, put_head(&builder->buffer, level));
    builder->depth--;
}

void drover_build_list_begin(struct drover_builder *builder)
{
    open_level(builder, false);
}

void drover_build_list_end(struct drover_builder *builder)
{
    close_level(builder, false);
}

void drover_build_map_begin(struct drover_builder *builder)
{
    open_level(builder, true);
}

void drover_build_map_end(struct drover_builder *builder)
{
    close_level(builder, true);
}
