#include <errno.h>
#include <math.h>
#include <string.h>

#include <drover/value.h>

#include "unit.h"
#include "value/item.h"
#include "value_bytes.h"

static void the_first_byte_tells_the_type(void)
{
    static const struct {
        const char *hex;
        const char *type;
    } rows[] = {
        { "", "any" },
        { "f6", "null" },
        { "f4", "bool" },
        { "f5", "bool" },
        { "00", "int" },
        { "3903e7", "int" },
        { "f93c00", "float" },
        { "fa47c35000", "float" },
        { "fb3ff199999999999a", "float" },
        { "60", "text" },
        { "4101", "bytes" },
        { "8101", "list" },
        { "a0", "map" },
        { "d84041ff", "array" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes bytes;
        struct drover_value value = value_of_hex(&bytes, rows[i].hex);
        ASSERT_TEXT(drover_type_name(drover_value_type(value)), rows[i].type);
    }
}

static void every_type_has_a_name(void)
{
    for (unsigned type = DROVER_ANY; type <= DROVER_ARRAY; type++)
        ASSERT(strlen(drover_type_name((enum drover_type)type)) >= 3);
    ASSERT_TEXT(drover_type_name((enum drover_type)99), "unknown");
}

static void get_bool_gives_true_and_false(void)
{
    struct bytes bytes;
    bool b = false;
    ASSERT_INT(drover_value_get_bool(value_of_hex(&bytes, "f5"), &b), 0);
    ASSERT(b);
    ASSERT_INT(drover_value_get_bool(value_of_hex(&bytes, "f4"), &b), 0);
    ASSERT(!b);
    ASSERT_INT(drover_value_get_bool(value_of_hex(&bytes, "01"), &b), -EINVAL);
    ASSERT(!b);
}

static void get_int_covers_the_range_of_int64(void)
{
    static const struct {
        const char *hex;
        int status;
        int64_t number;
    } rows[] = {
        { "00", 0, 0 },
        { "17", 0, 23 },
        { "1818", 0, 24 },
        { "1903e8", 0, 1000 },
        { "1a000f4240", 0, 1000000 },
        { "1b7fffffffffffffff", 0, INT64_MAX },
        { "20", 0, -1 },
        { "3863", 0, -100 },
        { "3903e7", 0, -1000 },
        { "3a000f423f", 0, -1000000 },
        { "3b7fffffffffffffff", 0, INT64_MIN },
        { "1b8000000000000000", -ERANGE, 7 },
        { "3b8000000000000000", -ERANGE, 7 },
        { "f93c00", -EINVAL, 7 },
        { "6131", -EINVAL, 7 },
        { "", -EINVAL, 7 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes bytes;
        int64_t number = 7;
        struct drover_value value = value_of_hex(&bytes, rows[i].hex);
        ASSERT_INT(drover_value_get_int(value, &number), rows[i].status);
        ASSERT_INT(number, rows[i].number);
    }
}

static void get_uint_covers_the_range_of_uint64(void)
{
    struct bytes bytes;
    uint64_t number = 7;
    ASSERT_INT(drover_value_get_uint(value_of_hex(&bytes, "20"), &number),
               -ERANGE);
    ASSERT_INT(drover_value_get_uint(value_of_hex(&bytes, "f6"), &number),
               -EINVAL);
    ASSERT_INT(number, 7);
    ASSERT_INT(drover_value_get_uint(value_of_hex(&bytes, "1bffffffffffffffff"),
                                     &number),
               0);
    ASSERT(number == UINT64_MAX);
}

static void get_float_takes_every_width_and_ints(void)
{
    static const struct {
        const char *hex;
        double number;
    } rows[] = {
        { "f93c00", 1 },
        { "f98000", -0.0 },
        { "f90001", 5.960464477539063e-08 },
        { "f97c00", INFINITY },
        { "fa47c35000", 100000 },
        { "fb3ff199999999999a", 1.1 },
        { "18ff", 255 },
        { "29", -10 },
        { "1bffffffffffffffff", 18446744073709551616.0 },
        { "3b7fffffffffffffff", -9223372036854775808.0 },
    };
    struct bytes bytes;
    double number = 7;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct drover_value value = value_of_hex(&bytes, rows[i].hex);
        ASSERT_INT(drover_value_get_float(value, &number), 0);
        ASSERT(memcmp(&number, &rows[i].number, sizeof number) == 0);
    }
    ASSERT_INT(drover_value_get_float(value_of_hex(&bytes, "f97e00"), &number),
               0);
    ASSERT(isnan(number));
    number = 7;
    ASSERT_INT(drover_value_get_float(value_of_hex(&bytes, "f5"), &number),
               -EINVAL);
    ASSERT(number == 7);
}

static void get_text_and_get_bytes_borrow(void)
{
    struct bytes bytes;
    const char *text = NULL;
    const void *data = NULL;
    size_t size = 7;
    struct drover_value value = value_of_hex(&bytes, "63616263");
    ASSERT_INT(drover_value_get_bytes(value, &data, &size), -EINVAL);
    ASSERT(data == NULL && size == 7);
    ASSERT_INT(drover_value_get_text(value, &text, &size), 0);
    ASSERT(text == (const char *)bytes.data + 1 && size == 3);
    value = value_of_hex(&bytes, "580201ff");
    ASSERT_INT(drover_value_get_text(value, &text, &size), -EINVAL);
    ASSERT_INT(drover_value_get_bytes(value, &data, &size), 0);
    ASSERT(data == bytes.data + 2 && size == 2);
}

static void is_text_compares_whole_texts(void)
{
    struct bytes bytes;
    struct drover_value value = value_of_hex(&bytes, "63616263");
    ASSERT(drover_value_is_text(value, "abc"));
    ASSERT(!drover_value_is_text(value, "ab"));
    ASSERT(!drover_value_is_text(value, "abcd"));
    ASSERT(!drover_value_is_text(value_of_hex(&bytes, "43616263"), "abc"));
}

static void equal_compares_bytes(void)
{
    struct bytes a, b;
    struct drover_value one = value_of_hex(&a, "8101");
    ASSERT(drover_value_equal(one, value_of_hex(&b, "8101")));
    ASSERT(!drover_value_equal(one, value_of_hex(&b, "8102")));
    ASSERT(!drover_value_equal(one, value_of_hex(&b, "810101")));
    ASSERT(drover_value_equal((struct drover_value){ .size = 0 },
                              (struct drover_value){ .size = 0 }));
}

static void a_list_is_walked_to_its_end(void)
{
    struct bytes bytes;
    struct drover_value list = value_of_hex(&bytes, "83 01 820203 a1616104");
    struct drover_value item = { .data = NULL };
    struct drover_iterator iterator = drover_iterate(list);
    ASSERT_INT(drover_value_count(list), 3);
    ASSERT(drover_next(&iterator, &item));
    ASSERT_INT(item.size, 1);
    ASSERT(drover_next(&iterator, &item));
    ASSERT_INT(item.size, 3);
    ASSERT(drover_next(&iterator, &item));
    ASSERT_INT(item.size, 4);
    ASSERT(!drover_next(&iterator, &item));
    ASSERT(!drover_next(&iterator, &item));
}

static void a_map_is_walked_in_pairs(void)
{
    struct bytes bytes;
    struct drover_value map = value_of_hex(&bytes, "a2 6162 8101 6161 f6");
    struct drover_value key, item;
    struct drover_iterator iterator = drover_iterate(map);
    ASSERT_INT(drover_value_count(map), 2);
    ASSERT(drover_next_pair(&iterator, &key, &item));
    ASSERT(drover_value_is_text(key, "b"));
    ASSERT_INT(drover_value_type(item), DROVER_LIST);
    ASSERT(drover_next_pair(&iterator, &key, &item));
    ASSERT(drover_value_is_text(key, "a"));
    ASSERT_INT(drover_value_type(item), DROVER_NULL);
    ASSERT(!drover_next_pair(&iterator, &key, &item));
}

static void anything_else_walks_like_an_empty_list(void)
{
    static const char *const rows[] = {
        "", "01", "6161", "80", "a0", "d84041ff"
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes bytes;
        struct drover_value value = value_of_hex(&bytes, rows[i]);
        struct drover_value item;
        struct drover_iterator iterator = drover_iterate(value);
        ASSERT_INT(drover_value_count(value), 0);
        ASSERT(!drover_next(&iterator, &item));
    }
}

static void list_get_finds_by_index(void)
{
    struct bytes bytes;
    struct drover_value item = { .data = NULL };
    struct drover_value list = value_of_hex(&bytes, "83 0a 820b0c 0d");
    int64_t number;
    ASSERT_INT(drover_list_get(list, 3, &item), -ENOENT);
    ASSERT(item.data == NULL);
    ASSERT_INT(drover_list_get(list, 2, &item), 0);
    ASSERT_INT(drover_value_get_int(item, &number), 0);
    ASSERT_INT(number, 13);
    ASSERT_INT(drover_list_get(item, 0, &item), -EINVAL);
}

static void map_get_finds_by_key(void)
{
    struct bytes bytes;
    struct drover_value item = { .data = NULL };
    struct drover_value map = value_of_hex(&bytes, "a2 6162 8101 6161 05");
    int64_t number;
    ASSERT_INT(drover_map_get(map, "c", &item), -ENOENT);
    ASSERT(item.data == NULL);
    ASSERT_INT(drover_map_get(map, "a", &item), 0);
    ASSERT_INT(drover_value_get_int(item, &number), 0);
    ASSERT_INT(number, 5);
    ASSERT_INT(drover_map_get(item, "a", &item), -EINVAL);
}

static void an_array_of_one_dimension_has_its_count(void)
{
    struct bytes bytes;
    struct drover_array array;
    int16_t numbers[2];
    struct drover_value value = value_of_hex(&bytes, "d84944 0102 fffe");
    ASSERT_INT(drover_value_get_array(value, &array), 0);
    ASSERT_INT(array.element, DROVER_INT16);
    ASSERT_INT(array.dimensions, 1);
    ASSERT_INT(array.shape[0], 2);
    ASSERT_INT(array.count, 2);
    drover_array_copy(&array, numbers);
    ASSERT_INT(numbers[0], 0x102);
    ASSERT_INT(numbers[1], -2);
}

static void both_byte_orders_read_the_same(void)
{
    static const char *const rows[] = { "d8414401020304", "d8454402010403" };
    size_t foreign = 0;
    for (size_t i = 0; i < 2; i++) {
        struct bytes bytes;
        struct drover_array array;
        uint16_t numbers[2];
        struct drover_value value = value_of_hex(&bytes, rows[i]);
        ASSERT_INT(drover_value_get_array(value, &array), 0);
        foreign += array.foreign_order;
        drover_array_copy(&array, numbers);
        ASSERT_INT(numbers[0], 0x102);
        ASSERT_INT(numbers[1], 0x304);
    }
    ASSERT_INT(foreign, 1);
}

static void every_element_type_has_its_tag(void)
{
    static const struct {
        const char *hex;
        enum drover_element element;
        size_t size;
    } rows[] = {
        { "d84040", DROVER_UINT8, 1 },   { "d84440", DROVER_UINT8, 1 },
        { "d84540", DROVER_UINT16, 2 },  { "d84240", DROVER_UINT32, 4 },
        { "d84740", DROVER_UINT64, 8 },  { "d84840", DROVER_INT8, 1 },
        { "d84d40", DROVER_INT16, 2 },   { "d84a40", DROVER_INT32, 4 },
        { "d84f40", DROVER_INT64, 8 },   { "d85540", DROVER_FLOAT32, 4 },
        { "d85240", DROVER_FLOAT64, 8 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes bytes;
        struct drover_array array;
        struct drover_value value = value_of_hex(&bytes, rows[i].hex);
        ASSERT_INT(drover_value_get_array(value, &array), 0);
        ASSERT_INT(array.element, rows[i].element);
        ASSERT_INT(array.count, 0);
        ASSERT_INT(drover_element_size(array.element), rows[i].size);
    }
}

static void a_shape_gives_several_dimensions(void)
{
    struct bytes bytes;
    struct drover_array array;
    struct drover_value value =
        value_of_hex(&bytes, "d82882820203d84046010203040506");
    ASSERT_INT(drover_value_get_array(value, &array), 0);
    ASSERT_INT(array.dimensions, 2);
    ASSERT_INT(array.shape[0], 2);
    ASSERT_INT(array.shape[1], 3);
    ASSERT_INT(array.count, 6);
    ASSERT_INT(((const uint8_t *)array.data)[5], 6);
}

static void get_array_refuses_what_c_has_no_type_for(void)
{
    struct bytes bytes;
    struct drover_array array = { .count = 7 };
    ASSERT_INT(
        drover_value_get_array(value_of_hex(&bytes, "d850423c00"), &array),
        -ENOTSUP);
    ASSERT_INT(drover_value_get_array(value_of_hex(&bytes, "d85740"), &array),
               -ENOTSUP);
    ASSERT_INT(drover_value_get_array(value_of_hex(&bytes, "8101"), &array),
               -EINVAL);
    ASSERT_INT(array.count, 7);
}

static void item_size_is_that_of_the_first_item(void)
{
    struct bytes bytes;
    ASSERT_INT(value_item_size(value_of_hex(&bytes, "8201a1616102 ff ff")), 6);
    ASSERT_INT(value_item_size(value_of_hex(&bytes, "d84041ff00")), 4);
    ASSERT_INT(value_item_size(value_of_hex(&bytes, "82 01")), 0);
    ASSERT_INT(value_item_size(value_of_hex(&bytes, "bb8000000000000001")), 0);
    ASSERT_INT(value_item_size(value_of_hex(&bytes, "")), 0);
}

UNIT_CASES(CASE(the_first_byte_tells_the_type), CASE(every_type_has_a_name),
           CASE(get_bool_gives_true_and_false),
           CASE(get_int_covers_the_range_of_int64),
           CASE(get_uint_covers_the_range_of_uint64),
           CASE(get_float_takes_every_width_and_ints),
           CASE(get_text_and_get_bytes_borrow),
           CASE(is_text_compares_whole_texts), CASE(equal_compares_bytes),
           CASE(a_list_is_walked_to_its_end), CASE(a_map_is_walked_in_pairs),
           CASE(anything_else_walks_like_an_empty_list),
           CASE(list_get_finds_by_index), CASE(map_get_finds_by_key),
           CASE(an_array_of_one_dimension_has_its_count),
           CASE(both_byte_orders_read_the_same),
           CASE(every_element_type_has_its_tag),
           CASE(a_shape_gives_several_dimensions),
           CASE(get_array_refuses_what_c_has_no_type_for),
           CASE(item_size_is_that_of_the_first_item))
