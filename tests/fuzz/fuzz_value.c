/* Bytes of unknown origin: what the check accepts must be safe to use in every
 * way, and come out as it went in when it is written again. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <drover/value.h>

#include "base/buffer.h"
#include "value/item.h"
#include "value/json.h"

/* Ends the program, for the fuzzer to see. */
static void require(bool condition)
{
    if (!condition)
        abort();
}

static void rebuild(struct drover_builder *builder, struct drover_value value);

static void rebuild_int(struct drover_builder *builder,
                        struct drover_value value)
{
    int64_t i;
    uint64_t u;
    if (drover_value_get_int(value, &i) == 0) {
        drover_build_int(builder, i);
    } else {
        require(drover_value_get_uint(value, &u) == 0);
        drover_build_uint(builder, u);
    }
}

static void rebuild_array(struct drover_builder *builder,
                          struct drover_value value)
{
    struct drover_array array;
    if (drover_value_get_array(value, &array) < 0) {
        drover_build_value(builder, value);
        return;
    }
    size_t size = array.count * drover_element_size(array.element);
    void *elements = malloc(size + 1);
    require(elements != NULL);
    drover_array_copy(&array, elements);
    drover_build_array(builder, array.element, array.dimensions, array.shape,
                       elements);
    free(elements);
}

static void rebuild_list(struct drover_builder *builder,
                         struct drover_value value)
{
    struct drover_iterator iterator = drover_iterate(value);
    struct drover_value item;
    size_t count = 0;
    drover_build_list_begin(builder);
    for (; drover_next(&iterator, &item); count++)
        rebuild(builder, item);
    drover_build_list_end(builder);
    require(count == drover_value_count(value));
}

static void rebuild_map(struct drover_builder *builder,
                        struct drover_value value)
{
    struct drover_iterator iterator = drover_iterate(value);
    struct drover_value key, item;
    size_t count = 0;
    drover_build_map_begin(builder);
    for (; drover_next_pair(&iterator, &key, &item); count++) {
        rebuild(builder, key);
        rebuild(builder, item);
    }
    drover_build_map_end(builder);
    require(count == drover_value_count(value));
}

/* Build VALUE again from what the getters say. */
static void rebuild(struct drover_builder *builder, struct drover_value value)
{
    bool b;
    double d;
    const char *text;
    const void *bytes;
    size_t size;
    switch (drover_value_type(value)) {
    case DROVER_NULL:
        drover_build_null(builder);
        break;
    case DROVER_BOOL:
        require(drover_value_get_bool(value, &b) == 0);
        drover_build_bool(builder, b);
        break;
    case DROVER_INT:
        rebuild_int(builder, value);
        break;
    case DROVER_FLOAT:
        require(drover_value_get_float(value, &d) == 0);
        drover_build_float(builder, d);
        break;
    case DROVER_TEXT:
        require(drover_value_get_text(value, &text, &size) == 0);
        drover_build_text_sized(builder, text, size);
        break;
    case DROVER_BYTES:
        require(drover_value_get_bytes(value, &bytes, &size) == 0);
        drover_build_bytes(builder, bytes, size);
        break;
    case DROVER_LIST:
        rebuild_list(builder, value);
        break;
    case DROVER_MAP:
        rebuild_map(builder, value);
        break;
    case DROVER_ARRAY:
        rebuild_array(builder, value);
        break;
    case DROVER_ANY:
        abort();
    }
}

static void require_same_json(struct drover_value a, struct drover_value b)
{
    char *first, *second;
    require(drover_value_to_json(a, DROVER_JSON_NAN_TEXT, &first, NULL) == 0);
    require(drover_value_to_json(b, DROVER_JSON_NAN_TEXT, &second, NULL) == 0);
    require(strcmp(first, second) == 0);
    free(first);
    free(second);
}

/* What was read and written once is in canonical form: reading and writing it
 * again changes no byte. */
static void check_round_trip(struct drover_value value)
{
    struct drover_builder *once = drover_builder_create();
    struct drover_builder *twice = drover_builder_create();
    struct drover_value first, second;
    require(once != NULL && twice != NULL);
    rebuild(once, value);
    require(drover_builder_value(once, &first, NULL) == 0);
    require(drover_value_check(first, NULL) == 0);
    require_same_json(value, first);
    rebuild(twice, first);
    require(drover_builder_value(twice, &second, NULL) == 0);
    require(drover_value_equal(first, second));
    drover_builder_destroy(once);
    drover_builder_destroy(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct drover_value value = { .data = data, .size = size };
    struct drover_error err;
    bool accepted = drover_value_check(value, &err) == 0;
    struct buffer out = BUFFER_INIT(SIZE_MAX / 2);
    int status = value_print_json(&out, value, 0);
    buffer_clear(&out);
    if (!accepted) {
        require(err.message[0] != '\0');
        return 0;
    }
    require(status == 0);
    require(value_item_size(value) == size);
    check_round_trip(value);
    return 0;
}
