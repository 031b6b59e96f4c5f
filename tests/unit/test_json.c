#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <drover/value.h>

#include "unit.h"
#include "value/encode.h"
#include "value/json.h"
#include "value_bytes.h"

static void expect_hex(const char *hex, unsigned flags, const char *expected)
{
    struct bytes bytes;
    char *text = NULL;
    ASSERT_INT(
        drover_value_to_json(value_of_hex(&bytes, hex), flags, &text, NULL), 0);
    ASSERT_TEXT(text, expected);
    free(text);
}

static void scalars_have_their_json_form(void)
{
    expect_hex("f6", 0, "null");
    expect_hex("f5", 0, "true");
    expect_hex("f4", 0, "false");
    expect_hex("00", 0, "0");
    expect_hex("1864", 0, "100");
    expect_hex("3863", 0, "-100");
    expect_hex("1b7fffffffffffffff", 0, "9223372036854775807");
    expect_hex("3b7fffffffffffffff", 0, "-9223372036854775808");
    expect_hex("1bffffffffffffffff", 0, "18446744073709551615");
}

static void containers_keep_their_order(void)
{
    expect_hex("80", 0, "[]");
    expect_hex("a0", 0, "{}");
    expect_hex("8301820280820304", 0, "[1,[2,[]],[3,4]]");
    expect_hex("a3 6162 01 6161 a1 6163 8102 60 a0", 0,
               "{\"b\":1,\"a\":{\"c\":[2]},\"\":{}}");
}

static void texts_are_escaped_only_where_json_wants_it(void)
{
    expect_hex("6a 22 5c 08 0c 0a 0d 09 00 1f 7f", 0,
               "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"");
    expect_hex("69 61 c3bc 2f e282ac 62 63", 0,
               "\"a\xc3\xbc/\xe2\x82\xac"
               "bc\"");
    expect_hex("a1 6122 6122", 0, "{\"\\\"\":\"\\\"\"}");
}

static void bytes_are_base64url(void)
{
    expect_hex("40", 0, "\"\"");
    expect_hex("4166", 0, "\"Zg\"");
    expect_hex("42666f", 0, "\"Zm8\"");
    expect_hex("43666f6f", 0, "\"Zm9v\"");
    expect_hex("44fbffbfff", 0, "\"-_-__w\"");
}

static void numbers_that_json_lacks_follow_the_flags(void)
{
    expect_hex("f97e00", DROVER_JSON_NAN_NULL, "null");
    expect_hex("f97c00", DROVER_JSON_NAN_NULL, "null");
    expect_hex("f97e00", DROVER_JSON_NAN_TEXT, "\"NaN\"");
    expect_hex("f97c00", DROVER_JSON_NAN_TEXT, "\"Infinity\"");
    expect_hex("f9fc00", DROVER_JSON_NAN_TEXT, "\"-Infinity\"");
    expect_hex("82f97e00f97c00", DROVER_JSON_NAN_NULL, "[null,null]");
}

static void arrays_are_nested_lists(void)
{
    expect_hex("d84043010203", 0, "[1,2,3]");
    expect_hex("d84843ff00 7f", 0, "[-1,0,127]");
    expect_hex("d841440102ffff", 0, "[258,65535]");
    expect_hex("d84d440102ffff", 0, "[513,-1]");
    expect_hex("d85248 3ff199999999999a", 0, "[1.1]");
    expect_hex("d851443fc00000", 0, "[1.5]");
    expect_hex("d84b48 8000000000000000", 0, "[-9223372036854775808]");
    expect_hex("d84348 ffffffffffffffff", 0, "[18446744073709551615]");
    expect_hex("d82882820203d84046010203040506", 0, "[[1,2,3],[4,5,6]]");
    expect_hex("82 d82882 83020102 d8404401020304 05", 0,
               "[[[[1,2]],[[3,4]]],5]");
    expect_hex("d84040", 0, "[]");
    expect_hex("d82882 821b0fffffffffffffff 00 d84040", 0, "[]");
    expect_hex("d850423c00", 0, "\"PAA\"");
}

static void put_float(struct buffer *out, double number)
{
    struct buffer value = BUFFER_INIT(16);
    ASSERT_INT(value_put_float(&value, number), 0);
    buffer_reset(out);
    ASSERT_INT(value_print_json(out, value_of_buffer(&value), 0), 0);
    ASSERT_INT(buffer_append(out, "", 1), 0);
    buffer_clear(&value);
}

static const struct {
    double number;
    const char *text;
} floats[] = {
    { 0.0, "0.0" },
    { -0.0, "-0.0" },
    { 1.0, "1.0" },
    { -1.5, "-1.5" },
    { 0.1, "0.1" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 1.0 / 3, "0.3333333333333333" },
    { 100, "100.0" },
    { 123456.789, "123456.789" },
    { 0.001, "0.001" },
    { 0.00001, "0.00001" },
    { 0.000001, "1e-06" },
    { 99999999999999.0, "99999999999999.0" },
    { 123456789012345.0, "123456789012345.0" },
    { 1e15, "1e+15" },
    { 9007199254740993.0, "9007199254740992.0" },
    { 1e300, "1e+300" },
    { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { 2.2250738585072014e-308, "2.2250738585072014e-308" },
    { 5e-324, "5e-324" },
    { -3.14159265358979, "-3.14159265358979" },
};

static void floats_are_short_and_read_back_the_same(void)
{
    struct buffer out = BUFFER_INIT(1024);
    for (size_t i = 0; i < sizeof floats / sizeof floats[0]; i++) {
        put_float(&out, floats[i].number);
        ASSERT_TEXT((const char *)buffer_bytes(&out), floats[i].text);
    }
    buffer_clear(&out);
}

static void any_float_reads_back_the_same(void)
{
    struct buffer out = BUFFER_INIT(1024);
    uint64_t random = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        double number, back;
        if (i % 2 == 0)
            memcpy(&number, &random, sizeof number);
        else
            number = (double)(random % 1000000000) / 1e4;
        if (!isfinite(number))
            continue;
        put_float(&out, number);
        const char *text = (const char *)buffer_bytes(&out);
        back = strtod(text, NULL);
        ASSERT(memcmp(&back, &number, sizeof back) == 0);
        ASSERT(strpbrk(text, ".e") != NULL);
        ASSERT(i % 2 == 0 || strlen(text) <= 11);
    }
    buffer_clear(&out);
}

static void the_locale_does_not_matter(void)
{
    static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8",
                                         "ps_AF.UTF-8" };
    struct buffer out = BUFFER_INIT(1024);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (setlocale(LC_NUMERIC, names[i]) == NULL)
            continue;
        for (size_t j = 0; j < sizeof floats / sizeof floats[0]; j++) {
            put_float(&out, floats[j].number);
            ASSERT_TEXT((const char *)buffer_bytes(&out), floats[j].text);
        }
    }
    setlocale(LC_NUMERIC, "C");
    buffer_clear(&out);
}

static void what_is_not_well_formed_leaves_the_buffer(void)
{
    static const char *const rows[] = { "",       "8201",         "ff",
                                        "a10101", "c11a514b67b0", "61" };
    struct buffer out = BUFFER_INIT(1024);
    ASSERT_INT(buffer_append_text(&out, "before"), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes bytes;
        char *text = NULL;
        struct drover_value value = value_of_hex(&bytes, rows[i]);
        ASSERT_INT(value_print_json(&out, value, 0), -EINVAL);
        ASSERT_INT(buffer_size(&out), 6);
        ASSERT_INT(drover_value_to_json(value, 0, &text, NULL), -EINVAL);
        ASSERT(text == NULL);
    }
    struct bytes deep;
    memset(deep.data, 0x81, 100);
    deep.data[100] = 0;
    struct drover_value value = { .data = deep.data, .size = 101 };
    ASSERT_INT(value_print_json(&out, value, 0), -EINVAL);
    ASSERT_INT(buffer_size(&out), 6);
    ASSERT_INT(value_print_json(&out, (struct drover_value){ .data = NULL }, 0),
               -EINVAL);
    buffer_clear(&out);
}

static void a_full_buffer_is_said(void)
{
    struct bytes bytes;
    struct buffer out = BUFFER_INIT(8);
    struct drover_value value = value_of_hex(&bytes, "8a01020304050607080910");
    ASSERT_INT(value_print_json(&out, value, 0), -EMSGSIZE);
    ASSERT_INT(buffer_size(&out), 0);
    buffer_clear(&out);
}

UNIT_CASES(CASE(scalars_have_their_json_form),
           CASE(containers_keep_their_order),
           CASE(texts_are_escaped_only_where_json_wants_it),
           CASE(bytes_are_base64url),
           CASE(numbers_that_json_lacks_follow_the_flags),
           CASE(arrays_are_nested_lists),
           CASE(floats_are_short_and_read_back_the_same),
           CASE(any_float_reads_back_the_same),
           CASE(the_locale_does_not_matter),
           CASE(what_is_not_well_formed_leaves_the_buffer),
           CASE(a_full_buffer_is_said))
