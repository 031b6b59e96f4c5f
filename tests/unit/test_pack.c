#include <errno.h>
#include <limits.h>

#include <drover/value.h>

#include "unit.h"
#include "value_bytes.h"

static void packing_builds_what_the_format_says(void)
{
    struct bytes bytes;
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value;
    struct drover_value list = value_of_hex(&bytes, "8101");
    drover_build_pack(builder,
                      "[n, b, b, i, I, U, f, s, S, y, v, {s: [], S: {}}]", 1, 0,
                      -5, INT64_MIN, UINT64_MAX, 1.1, "text", "sized",
                      (size_t)2, "\xff", (size_t)1, list, "k", "lm", (size_t)1);
    ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
    ASSERT(drover_value_equal(
        value, value_of_hex(&bytes, "8c f6 f5 f4 24 3b7fffffffffffffff "
                                    "1bffffffffffffffff fb3ff199999999999a "
                                    "6474657874 627369 41ff 8101 "
                                    "a2 616b 80 616c a0")));
    drover_builder_destroy(builder);
}

static void blanks_commas_and_colons_mean_nothing(void)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value;
    struct bytes bytes;
    drover_build_pack(builder, " {sis\n[ f\tf ]}, ", "i", 1, "at", 0.0, 0.0);
    ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
    ASSERT(drover_value_equal(
        value, value_of_hex(&bytes, "a2 6169 01 626174 82 fb0000000000000000 "
                                    "fb0000000000000000")));
    drover_builder_destroy(builder);
}

static void a_bad_format_fails_the_builder(void)
{
    static const char *const formats[] = { "x",  "[",  "]",  "{]",
                                           "[n", "nn", "{n", "" };
    struct drover_builder *builder = drover_builder_create();
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct drover_value value;
        drover_builder_reset(builder);
        drover_build_pack(builder, formats[i]);
        ASSERT_INT(drover_builder_value(builder, &value, NULL), -EINVAL);
    }
    drover_builder_destroy(builder);
}

static void unpacking_takes_apart_what_packing_made(void)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value, list;
    struct drover_error err = { .message = "" };
    drover_build_pack(builder, "[n, b, i, I, U, f, f, s, S, y, [i, i]]", 1,
                      INT_MIN, INT64_MIN, UINT64_MAX, 1.5, 2.0, "text", "sized",
                      (size_t)2, "\xff", (size_t)1, 8, 9);
    ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
    bool b = false;
    int i = 0;
    int64_t long_int = 0;
    uint64_t unsigned_int = 0;
    double d = 0, e = 0;
    const char *text = NULL, *sized = NULL;
    const void *data = NULL;
    size_t text_size = 0, data_size = 0;
    int status =
        drover_value_unpack(value, &err, "[n b i I U f f s S y v]", &b, &i,
                            &long_int, &unsigned_int, &d, &e, &text, &sized,
                            &text_size, &data, &data_size, &list);
    ASSERT_TEXT(err.message, "");
    ASSERT_INT(status, 0);
    ASSERT(b && i == INT_MIN && long_int == INT64_MIN);
    ASSERT(unsigned_int == UINT64_MAX && d == 1.5 && e == 2.0);
    ASSERT(memcmp(text, "text", 4) == 0);
    ASSERT(text_size == 2 && memcmp(sized, "si", 2) == 0);
    ASSERT(data_size == 1 && *(const uint8_t *)data == 0xff);
    ASSERT_INT(drover_value_count(list), 2);
    drover_builder_destroy(builder);
}

static void maps_are_taken_apart_by_key(void)
{
    struct bytes bytes;
    struct drover_value map =
        value_of_hex(&bytes, "a3 6161 01 6162 a1 6163 8202 03 6164 f6");
    int a = 0, c = 0, d = 0;
    ASSERT_INT(drover_value_unpack(map, NULL, "{s: {s: [i, i]}, s: i}", "b",
                                   "c", &c, &d, "a", &a),
               0);
    ASSERT_INT(a, 1);
    ASSERT_INT(c, 2);
    ASSERT_INT(d, 3);
}

static void a_key_that_may_be_missing_leaves_its_targets(void)
{
    struct bytes bytes;
    struct drover_value map = value_of_hex(&bytes, "a2 6161 01 6162 02");
    struct drover_error err;
    int a = 0, b = 0, x = 7, y = 8;
    size_t size = 9;
    const char *text = NULL;
    ASSERT_INT(drover_value_unpack(map, &err,
                                   "{s?: {s: [i, S], s?: i, s: n}, s?: i,"
                                   " s: i}",
                                   "x", "in", &x, &text, &size, "y", &y, "z",
                                   "a", &a, "b", &b),
               0);
    ASSERT_INT(a, 1);
    ASSERT_INT(b, 2);
    ASSERT_INT(x, 7);
    ASSERT_INT(y, 8);
    ASSERT(text == NULL && size == 9);
    ASSERT_INT(drover_value_unpack(map, &err, "{s: i}", "x", &x), -ENOENT);
    ASSERT_INT(err.code, ENOENT);
    ASSERT_TEXT(err.message, "the key \"x\" is missing");
    ASSERT_INT(drover_value_unpack(map, &err, "{s?: s}", "a", &text), -EINVAL);
    ASSERT_TEXT(err.message, "key \"a\": expected text, got int");
}

static void unpacking_says_what_is_wrong_and_where(void)
{
    struct bytes bytes;
    struct drover_value value =
        value_of_hex(&bytes, "82 a1 6161 82 6178 1b8000000000000000 01");
    struct drover_error err;
    const char *text;
    int64_t i = 7;
    int small;
    ASSERT_INT(drover_value_unpack(value, &err, "[{s: [i, I]}, i]", "a", &small,
                                   &i, &small),
               -EINVAL);
    ASSERT_TEXT(err.message,
                "element 0: key \"a\": element 0: expected int, got text");
    ASSERT_INT(drover_value_unpack(value, &err, "[{s: [s, I]}, i]", "a", &text,
                                   &i, &small),
               -ERANGE);
    ASSERT_TEXT(err.message,
                "element 0: key \"a\": element 1: a number out of range");
    ASSERT_INT(i, 7);
    ASSERT_INT(drover_value_unpack(value, &err, "[{}]"), -EINVAL);
    ASSERT_TEXT(err.message, "expected 1 elements, got 2");
    ASSERT_INT(drover_value_unpack(value, &err, "[{} i n]", &small), -EINVAL);
    ASSERT_TEXT(err.message, "the list ends before element 2");
    ASSERT_INT(drover_value_unpack(value, &err, "{}"), -EINVAL);
    ASSERT_TEXT(err.message, "expected map, got list");
    ASSERT_INT(drover_value_unpack(value_of_hex(&bytes, "1a80000000"), &err,
                                   "i", &small),
               -ERANGE);
    ASSERT_INT(err.code, ERANGE);
    ASSERT_INT(drover_value_unpack(value_of_hex(&bytes, "3a80000000"), &err,
                                   "i", &small),
               -ERANGE);
}

static void an_unpacking_with_a_bad_format_fails(void)
{
    static const char *const formats[] = {
        "", "x", "[", "]", "[n", "nn", "[n}"
    };
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct bytes bytes;
        struct drover_error err;
        struct drover_value value =
            value_of_hex(&bytes, formats[i][0] == '[' ? "81f6" : "f6");
        ASSERT_INT(drover_value_unpack(value, &err, formats[i]), -EINVAL);
        ASSERT_CONTAINS(err.message, "a format with ");
    }
    struct bytes bytes;
    struct drover_error err;
    ASSERT_INT(drover_value_unpack(value_of_hex(&bytes, "a0"), &err, "{i"),
               -EINVAL);
    ASSERT_CONTAINS(err.message, "a key that is no s");
}

UNIT_CASES(CASE(packing_builds_what_the_format_says),
           CASE(blanks_commas_and_colons_mean_nothing),
           CASE(a_bad_format_fails_the_builder),
           CASE(unpacking_takes_apart_what_packing_made),
           CASE(maps_are_taken_apart_by_key),
           CASE(a_key_that_may_be_missing_leaves_its_targets),
           CASE(unpacking_says_what_is_wrong_and_where),
           CASE(an_unpacking_with_a_bad_format_fails))
