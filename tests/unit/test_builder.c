#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <drover/value.h>

#include "unit.h"
#include "value/builder.h"
#include "value/encode.h"
#include "value_bytes.h"

/* That BUILDER holds what HEX writes, and that it is well-formed. */
static void expect(struct drover_builder *builder, const char *hex)
{
    struct bytes bytes;
    struct drover_value value = { .data = NULL };
    struct drover_error err = { .message = "" };
    int status = drover_builder_value(builder, &value, &err);
    ASSERT_TEXT(err.message, "");
    ASSERT_INT(status, 0);
    ASSERT_INT(drover_value_check(value, NULL), 0);
    ASSERT(drover_value_equal(value, value_of_hex(&bytes, hex)));
    drover_builder_reset(builder);
}

/* That BUILDER has failed, and why; it then works again. */
static void expect_failure(struct drover_builder *builder, int status,
                           const char *message)
{
    struct drover_value value = { .size = 7 };
    struct drover_error err = { .message = "" };
    ASSERT_INT(drover_builder_value(builder, &value, &err), status);
    ASSERT_INT(value.size, 7);
    ASSERT_CONTAINS(err.message, message);
    drover_builder_reset(builder);
    drover_build_int(builder, 1);
    expect(builder, "01");
}

static void scalars_take_their_shortest_form(void)
{
    static const struct {
        int64_t number;
        const char *hex;
    } rows[] = {
        { 0, "00" },
        { 23, "17" },
        { 24, "1818" },
        { 255, "18ff" },
        { 256, "190100" },
        { 65536, "1a00010000" },
        { INT64_MAX, "1b7fffffffffffffff" },
        { -1, "20" },
        { -24, "37" },
        { -25, "3818" },
        { -257, "390100" },
        { INT64_MIN, "3b7fffffffffffffff" },
    };
    struct drover_builder *builder = drover_builder_create();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        drover_build_int(builder, rows[i].number);
        expect(builder, rows[i].hex);
    }
    drover_build_uint(builder, UINT64_MAX);
    expect(builder, "1bffffffffffffffff");
    drover_build_null(builder);
    expect(builder, "f6");
    drover_build_bool(builder, true);
    expect(builder, "f5");
    drover_build_bool(builder, false);
    expect(builder, "f4");
    drover_build_float(builder, 1.1);
    expect(builder, "fb3ff199999999999a");
    drover_build_float(builder, -0.0);
    expect(builder, "fb8000000000000000");
    drover_builder_destroy(builder);
}

static void texts_and_bytes_are_copied(void)
{
    struct drover_builder *builder = drover_builder_create();
    drover_build_text(builder, "a\xc3\xbc");
    expect(builder, "6361c3bc");
    drover_build_text_sized(builder, "a\0b", 3);
    expect(builder, "63610062");
    drover_build_text(builder, "");
    expect(builder, "60");
    drover_build_bytes(builder, "\xff\x00", 2);
    expect(builder, "42ff00");
    drover_build_bytes(builder, NULL, 0);
    expect(builder, "40");
    drover_builder_destroy(builder);
}

static void lists_and_maps_nest(void)
{
    struct drover_builder *builder = drover_builder_create();
    drover_build_map_begin(builder);
    drover_build_text(builder, "b");
    drover_build_list_begin(builder);
    drover_build_int(builder, 1);
    drover_build_map_begin(builder);
    drover_build_map_end(builder);
    drover_build_list_end(builder);
    drover_build_text(builder, "a");
    drover_build_list_begin(builder);
    drover_build_list_end(builder);
    drover_build_map_end(builder);
    expect(builder, "a2 6162 8201a0 6161 80");
    drover_builder_destroy(builder);
}

/* Heads of every size: the byte kept free for one does not always do. */
static void long_lists_get_long_heads(void)
{
    static const size_t counts[] = { 23, 24, 255, 256, 65535, 65536 };
    struct drover_builder *builder = drover_builder_create();
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct drover_value value, inner, item;
        int64_t number;
        drover_build_list_begin(builder);
        drover_build_list_begin(builder);
        for (size_t j = 0; j < counts[i]; j++)
            drover_build_int(builder, (int64_t)j);
        drover_build_list_end(builder);
        drover_build_text(builder, "behind");
        drover_build_list_end(builder);
        ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
        ASSERT_INT(drover_value_check(value, NULL), 0);
        ASSERT_INT(drover_list_get(value, 0, &inner), 0);
        ASSERT_INT(drover_value_count(inner), counts[i]);
        ASSERT_INT(drover_list_get(inner, counts[i] - 1, &item), 0);
        ASSERT_INT(drover_value_get_int(item, &number), 0);
        ASSERT_INT(number, (long long)counts[i] - 1);
        ASSERT_INT(drover_list_get(value, 1, &item), 0);
        ASSERT(drover_value_is_text(item, "behind"));
        drover_builder_reset(builder);
    }
    drover_builder_destroy(builder);
}

static void a_value_is_copied_into_a_container(void)
{
    struct bytes bytes;
    struct drover_builder *builder = drover_builder_create();
    drover_build_map_begin(builder);
    drover_build_value(builder, value_of_hex(&bytes, "6161"));
    drover_build_value(builder, value_of_hex(&bytes, "820102"));
    drover_build_map_end(builder);
    expect(builder, "a1 6161 820102");
    drover_builder_destroy(builder);
}

static void arrays_come_back_as_they_went(void)
{
    static const size_t shape[] = { 2, 1, 3 };
    static const double numbers[] = { 1, -2.5, 0, 1e300, 5, 6 };
    double copy[6];
    struct drover_builder *builder = drover_builder_create();
    for (size_t dimensions = 1; dimensions <= 3; dimensions += 2) {
        struct drover_value value;
        struct drover_array array;
        drover_build_array(builder, DROVER_FLOAT64, dimensions,
                           dimensions == 1 ? &(size_t){ 6 } : shape, numbers);
        ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
        ASSERT_INT(drover_value_check(value, NULL), 0);
        ASSERT_INT(drover_value_get_array(value, &array), 0);
        ASSERT_INT(array.element, DROVER_FLOAT64);
        ASSERT_INT(array.dimensions, dimensions);
        ASSERT_INT(array.count, 6);
        ASSERT(!array.foreign_order);
        drover_array_copy(&array, copy);
        ASSERT(memcmp(copy, numbers, sizeof numbers) == 0);
        drover_builder_reset(builder);
    }
    drover_builder_destroy(builder);
}

static void every_element_type_comes_back(void)
{
    static const uint8_t zeros[16] = { 0 };
    struct drover_builder *builder = drover_builder_create();
    for (unsigned i = DROVER_UINT8; i <= DROVER_FLOAT64; i++) {
        struct drover_value value;
        struct drover_array array;
        drover_build_array(builder, (enum drover_element)i, 1, &(size_t){ 2 },
                           zeros);
        ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
        ASSERT_INT(drover_value_check(value, NULL), 0);
        ASSERT_INT(drover_value_get_array(value, &array), 0);
        ASSERT_INT(array.element, i);
        ASSERT_INT(array.count, 2);
        drover_builder_reset(builder);
    }
    drover_builder_destroy(builder);
}

static void impossible_shapes_are_refused(void)
{
    static const size_t huge[] = { SIZE_MAX, 2 };
    static const size_t nine[9] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    struct drover_builder *builder = drover_builder_create();
    drover_build_array(builder, DROVER_UINT8, 2, huge, "");
    expect_failure(builder, -EINVAL, "impossible shape");
    drover_build_array(builder, DROVER_UINT16, 1, huge, "");
    expect_failure(builder, -EINVAL, "impossible shape");
    drover_build_array(builder, DROVER_UINT8, 0, huge, "");
    expect_failure(builder, -EINVAL, "impossible shape");
    drover_build_array(builder, DROVER_UINT8, 9, nine, "");
    expect_failure(builder, -EINVAL, "impossible shape");
    drover_builder_destroy(builder);
}

static void misuse_is_reported(void)
{
    struct bytes bytes;
    struct drover_builder *builder = drover_builder_create();
    expect_failure(builder, -EINVAL, "nothing was built");
    drover_build_list_begin(builder);
    expect_failure(builder, -EINVAL, "a list is still open");
    drover_build_map_begin(builder);
    expect_failure(builder, -EINVAL, "a map is still open");
    drover_build_int(builder, 1);
    drover_build_int(builder, 2);
    expect_failure(builder, -EINVAL, "second value");
    drover_build_list_end(builder);
    expect_failure(builder, -EINVAL, "not open");
    drover_build_map_begin(builder);
    drover_build_list_end(builder);
    expect_failure(builder, -EINVAL, "the end of a list");
    drover_build_map_begin(builder);
    drover_build_int(builder, 1);
    expect_failure(builder, -EINVAL, "key is no text");
    drover_build_map_begin(builder);
    drover_build_list_begin(builder);
    expect_failure(builder, -EINVAL, "key is no text");
    drover_build_map_begin(builder);
    drover_build_text(builder, "a");
    drover_build_map_end(builder);
    expect_failure(builder, -EINVAL, "has no value");
    drover_build_text(builder, "\xc3");
    expect_failure(builder, -EINVAL, "UTF-8");
    drover_build_value(builder, value_of_hex(&bytes, "0101"));
    expect_failure(builder, -EINVAL, "bytes follow");
    drover_build_value(builder, (struct drover_value){ .data = NULL });
    expect_failure(builder, -EINVAL, "empty");
    drover_builder_destroy(builder);
}

static void a_key_is_refused_the_second_time(void)
{
    struct drover_builder *builder = drover_builder_create();
    drover_build_pack(builder, "{s: {s: i}, s: {s: i}}", "a", "a", 1, "b", "a",
                      2);
    expect(builder, "a2 6161 a1616101 6162 a1616102");
    drover_build_pack(builder, "{s: i, s: {s: i}, s: i}", "a", 1, "b", "c", 2,
                      "a", 3);
    expect_failure(builder, -EINVAL, "key \"a\" twice");
    drover_builder_destroy(builder);
}

static void depth_ends_at_its_limit(void)
{
    struct bytes bytes;
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value;
    for (int i = 0; i < DROVER_VALUE_DEPTH_MAX; i++)
        drover_build_list_begin(builder);
    for (int i = 0; i < DROVER_VALUE_DEPTH_MAX; i++)
        drover_build_list_end(builder);
    ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
    ASSERT_INT(drover_value_check(value, NULL), 0);
    drover_builder_reset(builder);
    for (int i = 0; i < DROVER_VALUE_DEPTH_MAX + 1; i++)
        drover_build_list_begin(builder);
    expect_failure(builder, -E2BIG, "nested deeper than 64");
    for (int i = 0; i < DROVER_VALUE_DEPTH_MAX - 1; i++)
        drover_build_list_begin(builder);
    drover_build_value(builder, value_of_hex(&bytes, "8180"));
    expect_failure(builder, -E2BIG, "nested deeper than 64");
    drover_builder_destroy(builder);
}

static void the_first_failure_sticks(void)
{
    struct drover_builder *builder = drover_builder_create();
    drover_build_list_begin(builder);
    builder_fail(builder, EIO, "because of %d", 5);
    ASSERT(builder_has_failed(builder));
    drover_build_map_end(builder);
    drover_build_text(builder, "\xff");
    expect_failure(builder, -EIO, "because of 5");
    drover_builder_destroy(builder);
}

static void a_limit_is_kept(void)
{
    static const char text[100] = { 0 };
    struct drover_builder *builder = builder_create(64);
    drover_build_bytes(builder, text, sizeof text);
    expect_failure(builder, -EMSGSIZE, "larger than 64 bytes");
    drover_build_list_begin(builder);
    for (int i = 0; i < 100; i++)
        drover_build_null(builder);
    drover_build_list_end(builder);
    expect_failure(builder, -EMSGSIZE, "larger than 64 bytes");
    drover_builder_destroy(builder);
    drover_builder_destroy(NULL);
}

static void a_warm_builder_keeps_its_memory(void)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value first, again;
    for (int round = 0; round < 2; round++) {
        drover_builder_reset(builder);
        drover_build_list_begin(builder);
        for (int i = 0; i < 1000; i++)
            drover_build_int(builder, i);
        drover_build_list_end(builder);
        ASSERT_INT(
            drover_builder_value(builder, round == 0 ? &first : &again, NULL),
            0);
    }
    ASSERT(first.data == again.data);
    drover_builder_destroy(builder);
}

static void encoding_writes_what_a_builder_writes(void)
{
    struct bytes bytes;
    struct buffer out = BUFFER_INIT(1024);
    ASSERT_INT(value_put_map_head(&out, 2), 0);
    ASSERT_INT(value_put_text(&out, "a", 1), 0);
    ASSERT_INT(value_put_list_head(&out, 5), 0);
    ASSERT_INT(value_put_int(&out, -500), 0);
    ASSERT_INT(value_put_uint(&out, 500), 0);
    ASSERT_INT(value_put_float(&out, 1.1), 0);
    ASSERT_INT(value_put_bool(&out, true), 0);
    ASSERT_INT(value_put_null(&out), 0);
    ASSERT_INT(value_put_text(&out, "b", 1), 0);
    ASSERT_INT(value_put_raw(&out, value_of_hex(&bytes, "d84042ffff")), 0);
    struct drover_value value = value_of_buffer(&out);
    ASSERT_INT(drover_value_check(value, NULL), 0);
    ASSERT(drover_value_equal(value,
                              value_of_hex(&bytes, "a2 6161 85 3901f3 1901f4 "
                                                   "fb3ff199999999999a f5 f6 "
                                                   "6162 d84042ffff")));
    buffer_clear(&out);
}

static void encoding_beyond_a_limit_changes_nothing(void)
{
    struct buffer out = BUFFER_INIT(16);
    ASSERT_INT(value_put_int(&out, 1), 0);
    ASSERT_INT(value_put_text(&out, "0123456789abcdef", 16), -EMSGSIZE);
    ASSERT_INT(value_put_bytes(&out, "", SIZE_MAX), -EMSGSIZE);
    ASSERT_INT(buffer_size(&out), 1);
    buffer_clear(&out);
}

UNIT_CASES(CASE(scalars_take_their_shortest_form),
           CASE(texts_and_bytes_are_copied), CASE(lists_and_maps_nest),
           CASE(long_lists_get_long_heads),
           CASE(a_value_is_copied_into_a_container),
           CASE(arrays_come_back_as_they_went),
           CASE(every_element_type_comes_back),
           CASE(impossible_shapes_are_refused), CASE(misuse_is_reported),
           CASE(a_key_is_refused_the_second_time),
           CASE(depth_ends_at_its_limit), CASE(the_first_failure_sticks),
           CASE(a_limit_is_kept), CASE(a_warm_builder_keeps_its_memory),
           CASE(encoding_writes_what_a_builder_writes),
           CASE(encoding_beyond_a_limit_changes_nothing))
