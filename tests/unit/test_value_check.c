#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <drover/value.h>

#include "base/clock.h"
#include "unit.h"
#include "value/encode.h"
#include "value/item.h"
#include "value/json.h"
#include "value_bytes.h"

/* RFC 8949 appendix A, the examples that are values here. */
static const char *const accepted[] = {
    "00",
    "01",
    "0a",
    "17",
    "1818",
    "1819",
    "1864",
    "1903e8",
    "1a000f4240",
    "1b000000e8d4a51000",
    "1bffffffffffffffff",
    "20",
    "29",
    "3863",
    "3903e7",
    "f90000",
    "f98000",
    "f93c00",
    "fb3ff199999999999a",
    "f93e00",
    "f97bff",
    "fa47c35000",
    "fa7f7fffff",
    "fb7e37e43c8800759c",
    "f90001",
    "f90400",
    "f9c400",
    "fbc010666666666666",
    "f97c00",
    "f97e00",
    "f9fc00",
    "fa7f800000",
    "fa7fc00000",
    "faff800000",
    "fb7ff0000000000000",
    "fb7ff8000000000000",
    "fbfff0000000000000",
    "f4",
    "f5",
    "f6",
    "40",
    "4401020304",
    "60",
    "6161",
    "6449455446",
    "62225c",
    "62c3bc",
    "63e6b0b4",
    "64f0908591",
    "80",
    "83010203",
    "8301820203820405",
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
    "a0",
    "a26161016162820203",
    "826161a161626163",
    "a56161614161626142616361436164614461656145",
};

/* ... and those that are not. */
static const char *const refused_examples[] = {
    "c249010000000000000000",
    "3bffffffffffffffff",
    "c349010000000000000000",
    "f7",
    "f0",
    "f8ff",
    "c074323031332d30332d32315432303a30343a30305a",
    "c11a514b67b0",
    "c1fb41d452d9e200000000",
    "d74401020304",
    "d818456449455446",
    "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
    "a201020304",
    "5f42010243030405ff",
    "7f657374726561646d696e67ff",
    "9fff",
    "9f018202039f0405ffff",
    "83018202039f0405ff",
    "bf61610161629f0203ffff",
    "826161bf61626163ff",
};

static int check_hex(const char *hex, struct drover_error *err)
{
    struct bytes bytes;
    return drover_value_check(value_of_hex(&bytes, hex), err);
}

static void the_examples_of_the_rfc_are_accepted(void)
{
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        struct drover_error err = { .message = "" };
        int status = check_hex(accepted[i], &err);
        ASSERT_TEXT(err.message, "");
        ASSERT_INT(status, 0);
    }
}

static void examples_outside_our_subset_are_refused(void)
{
    size_t count = sizeof refused_examples / sizeof refused_examples[0];
    for (size_t i = 0; i < count; i++)
        ASSERT_INT(check_hex(refused_examples[i], NULL), -EPROTO);
}

static void a_refusal_says_why(void)
{
    static const struct {
        const char *hex;
        const char *message;
    } rows[] = {
        { "", "empty" },
        { "1901", "ends too early" },
        { "6261", "ends too early" },
        { "8201", "more elements than bytes left" },
        { "0000", "bytes follow the value" },
        { "9fff", "indefinite" },
        { "f7", "undefined" },
        { "ff", "break" },
        { "e0", "not accepted" },
        { "1c", "not accepted" },
        { "3b8000000000000000", "below -2^63" },
        { "61ff", "UTF-8" },
        { "a10101", "a key is no text" },
        { "a1410101", "a key is no text" },
        { "a2616101616102", "key \"a\" twice" },
        { "a26161017801 6102", "key \"a\" twice" },
        { "82a1616101a2616201616202", "key \"b\" twice" },
        { "c11a514b67b0", "tags other than arrays'" },
        { "d84c40", "tags other than arrays'" },
        { "d84101", "elements are no bytes" },
        { "d841430102 03", "within an element" },
        { "d828 01", "not on a shape" },
        { "d828 81 8101", "not on a shape" },
        { "d828 82 01 d8404101", "not on a shape" },
        { "d828 82 80 d84040", "1 to 8 dimensions" },
        { "d828 82 89010101010101010101 d8404101", "1 to 8 dimensions" },
        { "d828 82 8120 d8404101", "no unsigned integer" },
        { "d828 82 8101 8101", "on no typed array" },
        { "d828 82 820202 d84043010203", "does not fit" },
        { "d828 82 821bffffffffffffffff02 d84042ffff", "does not fit" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct drover_error err = { .code = 0 };
        ASSERT_INT(check_hex(rows[i].hex, &err), -EPROTO);
        ASSERT_INT(err.code, EPROTO);
        ASSERT_CONTAINS(err.message, rows[i].message);
    }
}

static void equal_keys_in_different_maps_are_no_duplicates(void)
{
    ASSERT_INT(check_hex("a2 6161 a1616101 6162 a1616102", NULL), 0);
    ASSERT_INT(check_hex("82 a1616101 a1616102", NULL), 0);
    ASSERT_INT(check_hex("a2 6161 a1616101 6161 02", NULL), -EPROTO);
}

static void arrays_of_every_tag_are_accepted(void)
{
    for (uint8_t tag = 64; tag <= 87; tag++) {
        uint8_t bytes[2 + 1 + 16] = { 0xd8, tag, 0x50 };
        struct drover_value value = { .data = bytes, .size = sizeof bytes };
        ASSERT_INT(drover_value_check(value, NULL), tag == 76 ? -EPROTO : 0);
    }
    ASSERT_INT(check_hex("d828 82 820003 d84040", NULL), 0);
}

static void depth_ends_at_its_limit(void)
{
    uint8_t bytes[DROVER_VALUE_DEPTH_MAX + 2];
    memset(bytes, 0x81, sizeof bytes);
    struct drover_value value = { .data = bytes };
    struct drover_error err;
    value.size = DROVER_VALUE_DEPTH_MAX;
    bytes[value.size - 1] = 0x80;
    ASSERT_INT(drover_value_check(value, NULL), 0);
    bytes[value.size - 1] = 0x81;
    bytes[value.size++] = 0x01;
    ASSERT_INT(drover_value_check(value, NULL), 0);
    bytes[value.size - 1] = 0x80;
    ASSERT_INT(drover_value_check(value, &err), -EPROTO);
    ASSERT_CONTAINS(err.message, "too deep");
}

static void lengths_nobody_can_keep_take_no_time(void)
{
    static const char *const rows[] = {
        "9a ffffffff 00000000",
        "9b 7fffffffffffffff",
        "9b ffffffffffffffff 00",
        "ba ffffffff 60",
        "bb 8000000000000000 00",
        "bb ffffffffffffffff 6000",
        "5b ffffffffffffffff",
        "7b 7fffffffffffffff 61",
        "d828 82 821bffffffffffffffff02 d84040",
        "d840 5b ffffffffffffffff",
        "83 9a7fffffff 9a7fffffff 9a7fffffff",
    };
    int64_t start = clock_now_ms();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes bytes;
        struct drover_value value = value_of_hex(&bytes, rows[i]);
        ASSERT_INT(drover_value_check(value, NULL), -EPROTO);
        struct drover_iterator iterator = drover_iterate(value);
        struct drover_value item;
        while (drover_next(&iterator, &item))
            ;
        struct buffer out = BUFFER_INIT(1024);
        value_print_json(&out, value, 0);
        buffer_clear(&out);
    }
    ASSERT(clock_now_ms() - start < 1000);
}

static void a_promise_is_shared_by_all_levels(void)
{
    /* Each list alone could have its elements, all together not. */
    struct bytes bytes;
    struct drover_error err;
    struct drover_value value =
        value_of_hex(&bytes, "84 84 84 84 84 00 00 00 00 00 00");
    ASSERT_INT(drover_value_check(value, &err), -EPROTO);
    ASSERT_CONTAINS(err.message, "at byte 2: more elements than bytes left");
}

/* A map of COUNT keys of four letters, the key of number TWICE as that of 0. */
static void build_large_map(struct buffer *buffer, size_t count, size_t twice)
{
    ASSERT_INT(value_put_map_head(buffer, count), 0);
    for (size_t i = 0; i < count; i++) {
        size_t number = i == twice ? 0 : i * 7919 % 65536;
        char key[4];
        for (size_t j = 0; j < sizeof key; j++)
            key[j] = (char)('a' + (number >> (4 * j) & 15));
        ASSERT_INT(value_put_text(buffer, key, sizeof key), 0);
        ASSERT_INT(value_put_uint(buffer, i), 0);
    }
}

static void a_duplicate_is_found_among_many_keys(void)
{
    static const struct {
        size_t count;
        size_t twice;
    } rows[] = {
        { 16, 15 },   { 17, 16 },       { 17, 1 },        { 1000, 999 },
        { 4096, 17 }, { 65536, 65535 }, { 65536, 40000 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer buffer = BUFFER_INIT(VALUE_LIMIT_BYTES);
        struct drover_error err;
        build_large_map(&buffer, rows[i].count, rows[i].count);
        ASSERT_INT(drover_value_check(value_of_buffer(&buffer), NULL), 0);
        buffer_reset(&buffer);
        build_large_map(&buffer, rows[i].count, rows[i].twice);
        ASSERT_INT(drover_value_check(value_of_buffer(&buffer), &err), -EPROTO);
        ASSERT_CONTAINS(err.message, "key \"aaaa\" twice");
        buffer_clear(&buffer);
    }
}

/* Keys that are each a part of the next, in an order that is none. */
static void keys_of_different_lengths_are_told_apart(void)
{
    enum { COUNT = 64 };
    static const char letters[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaa";
    for (size_t twice = 0; twice < COUNT; twice++) {
        struct buffer buffer = BUFFER_INIT(VALUE_LIMIT_BYTES);
        ASSERT_INT(value_put_map_head(&buffer, COUNT), 0);
        for (size_t i = 0; i < COUNT; i++) {
            size_t size = (i == twice ? 0 : i) * 37 % COUNT;
            ASSERT_INT(value_put_text(&buffer, letters, size), 0);
            ASSERT_INT(value_put_null(&buffer), 0);
        }
        /* The first key is the only one that may stand in for itself. */
        ASSERT_INT(drover_value_check(value_of_buffer(&buffer), NULL),
                   twice == 0 ? 0 : -EPROTO);
        buffer_clear(&buffer);
    }
}

static void an_empty_view_is_no_value(void)
{
    struct drover_value nothing = { .data = NULL };
    ASSERT_INT(drover_value_check(nothing, NULL), -EPROTO);
    ASSERT_INT(value_item_size(nothing), 0);
    ASSERT_INT(drover_value_count(nothing), 0);
}

static const char *const samples[] = {
    "a3 656564676573 8301f5f6 6162 fb3ff199999999999a 63c3bc31 4401020304",
    "82 d82882820203d84046010203040506 a2 6161 1903e8 6162 3903e7",
    "85 01 20 1b7fffffffffffffff 6449455446 f93c00",
    "d84d 44 01020304",
};

static void a_sample_cut_anywhere_is_refused(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct bytes bytes;
        struct drover_value value = value_of_hex(&bytes, samples[i]);
        ASSERT_INT(drover_value_check(value, NULL), 0);
        while (value.size-- > 0) {
            /* A copy of its own, so that reading behind it is seen. */
            void *copy = malloc(value.size + 1);
            ASSERT(copy != NULL);
            struct drover_value cut = {
                .data = (uint8_t *)copy + 1,
                .size = value.size,
            };
            memcpy((uint8_t *)copy + 1, bytes.data, value.size);
            ASSERT_INT(drover_value_check(cut, NULL), -EPROTO);
            ASSERT_INT(value_item_size(cut), 0);
            free(copy);
        }
    }
}

/* Use every getter on VALUE and on all that is inside it. */
static void touch(struct drover_value value)
{
    bool b;
    int64_t i;
    uint64_t u;
    double d;
    const char *text;
    const void *data;
    size_t size;
    struct drover_array array;
    drover_value_get_bool(value, &b);
    drover_value_get_int(value, &i);
    drover_value_get_uint(value, &u);
    drover_value_get_float(value, &d);
    drover_value_get_text(value, &text, &size);
    drover_value_get_bytes(value, &data, &size);
    if (drover_value_get_array(value, &array) == 0) {
        void *copy =
            malloc(array.count * drover_element_size(array.element) + 1);
        ASSERT(copy != NULL);
        drover_array_copy(&array, copy);
        free(copy);
    }
    struct drover_iterator iterator = drover_iterate(value);
    struct drover_value item;
    size_t per_element = drover_value_type(value) == DROVER_MAP ? 2 : 1;
    size_t count = 0;
    for (; drover_next(&iterator, &item); count++)
        touch(item);
    ASSERT_INT(count, drover_value_count(value) * per_element);
}

static void a_sample_with_any_bit_flipped_does_no_harm(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct bytes bytes;
        struct drover_value value = value_of_hex(&bytes, samples[i]);
        for (size_t bit = 0; bit < value.size * 8; bit++) {
            bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            struct buffer out = BUFFER_INIT(4096);
            bool good = drover_value_check(value, NULL) == 0;
            if (good)
                touch(value);
            int status = value_print_json(&out, value, 0);
            ASSERT(!good || status == 0);
            buffer_clear(&out);
            bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

UNIT_CASES(CASE(the_examples_of_the_rfc_are_accepted),
           CASE(examples_outside_our_subset_are_refused),
           CASE(a_refusal_says_why),
           CASE(equal_keys_in_different_maps_are_no_duplicates),
           CASE(arrays_of_every_tag_are_accepted),
           CASE(depth_ends_at_its_limit),
           CASE(lengths_nobody_can_keep_take_no_time),
           CASE(a_promise_is_shared_by_all_levels),
           CASE(a_duplicate_is_found_among_many_keys),
           CASE(keys_of_different_lengths_are_told_apart),
           CASE(an_empty_view_is_no_value),
           CASE(a_sample_cut_anywhere_is_refused),
           CASE(a_sample_with_any_bit_flipped_does_no_harm))
