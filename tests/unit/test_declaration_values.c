/* What is declared of a parameter, and the values that fit it: fallbacks and
 * arguments. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "plugin/declaration.h"
#include "unit.h"

/* --- Fallbacks ----------------------------------------------------------- */

static int check_fallback(enum drover_type type, const char *fallback)
{
    struct drover_param param = { .name = "p",
                                  .type = type,
                                  .fallback = fallback };
    return declaration_check_fallback(&param, NULL);
}

static void fallbacks_must_be_of_the_type(void)
{
    ASSERT_INT(check_fallback(DROVER_INT, "-9223372036854775808"), 0);
    ASSERT_INT(check_fallback(DROVER_INT, "18446744073709551615"), 0);
    ASSERT_INT(check_fallback(DROVER_INT, "18446744073709551616"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_INT, "-9223372036854775809"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_INT, "1.5"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_INT, ""), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_INT, " 1"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_FLOAT, "1.5e3"), 0);
    ASSERT_INT(check_fallback(DROVER_FLOAT, "1,5"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_FLOAT, ""), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_BOOL, "true"), 0);
    ASSERT_INT(check_fallback(DROVER_BOOL, "false"), 0);
    ASSERT_INT(check_fallback(DROVER_BOOL, "yes"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_TEXT, ""), 0);
    ASSERT_INT(check_fallback(DROVER_LIST, ""), 0);
    ASSERT_INT(check_fallback(DROVER_LIST, "x"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_MAP, ""), 0);
    ASSERT_INT(check_fallback(DROVER_BYTES, ""), 0);
    ASSERT_INT(check_fallback(DROVER_BYTES, "x"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_ANY, "x"), -EINVAL);
    ASSERT_INT(check_fallback(DROVER_ARRAY, ""), -EINVAL);
}

static void fallbacks_must_be_in_range(void)
{
    struct drover_error err = { 0 };
    struct drover_param param = {
        .name = "p", .type = DROVER_INT, .min = 1, .max = 9, .fallback = "0"
    };
    ASSERT_INT(declaration_check_fallback(&param, &err), -EINVAL);
    ASSERT_TEXT(err.message, "expected an int of 1 to 9, got the int 0");
}

static void expect_fallback(struct drover_param param, const char *json)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value = { NULL, 0 };
    char *text = NULL;
    declaration_build_fallback(builder, &param);
    ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
    ASSERT_INT(drover_value_to_json(value, 0, &text, NULL), 0);
    ASSERT_TEXT(text, json);
    free(text);
    drover_builder_destroy(builder);
}

static void fallbacks_become_values(void)
{
    expect_fallback((struct drover_param){ .type = DROVER_INT,
                                           .fallback = "18446744073709551615" },
                    "18446744073709551615");
    expect_fallback(
        (struct drover_param){ .type = DROVER_FLOAT, .fallback = "0" }, "0.0");
    expect_fallback(
        (struct drover_param){ .type = DROVER_BOOL, .fallback = "true" },
        "true");
    expect_fallback(
        (struct drover_param){ .type = DROVER_TEXT, .fallback = "5" }, "\"5\"");
    expect_fallback(
        (struct drover_param){ .type = DROVER_LIST, .fallback = "" }, "[]");
    expect_fallback((struct drover_param){ .type = DROVER_MAP, .fallback = "" },
                    "{}");
    expect_fallback(
        (struct drover_param){ .type = DROVER_INT, .optional = true }, "null");
}

/* --- Arguments ----------------------------------------------------------- */

/* MESSAGE NULL: it fits. */
static void expect_argument(struct drover_param param, const char *message,
                            const char *format, ...)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value = { NULL, 0 };
    struct drover_error err = { 0 };
    va_list arguments;
    va_start(arguments, format);
    drover_build_pack_v(builder, format, arguments);
    va_end(arguments);
    ASSERT_INT(drover_builder_value(builder, &value, NULL), 0);
    int status = declaration_check_argument(&param, value, &err);
    ASSERT_TEXT(err.message, message == NULL ? "" : message);
    ASSERT_INT(status, message == NULL ? 0 : -EINVAL);
    drover_builder_destroy(builder);
}

static void numbers_are_checked_against_type_and_range(void)
{
    struct drover_param digit = { .type = DROVER_INT, .min = 0, .max = 9 };
    expect_argument(digit, NULL, "i", 0);
    expect_argument(digit, NULL, "i", 9);
    expect_argument(digit, "expected an int of 0 to 9, got the int 10", "i",
                    10);
    expect_argument(digit, "expected an int of 0 to 9, got the int -1", "i",
                    -1);
    expect_argument(digit, "expected an int of 0 to 9, got the float 3.0", "f",
                    3.0);
    expect_argument(digit, "expected an int of 0 to 9, got the text \"x\"", "s",
                    "x");
    expect_argument(digit, "expected an int of 0 to 9, got null", "n");
    struct drover_param real = { .type = DROVER_FLOAT,
                                 .min = 0,
                                 .max = INFINITY };
    expect_argument(real, NULL, "i", 3);
    expect_argument(real, NULL, "f", 0.5);
    expect_argument(real, "expected a float of at least 0, got the float -0.5",
                    "f", -0.5);
    expect_argument(real, "expected a float of at least 0, got the float nan",
                    "f", (double)NAN);
    struct drover_param low = { .type = DROVER_INT,
                                .min = -INFINITY,
                                .max = 5 };
    expect_argument(low,
                    "expected an int of at most 5, got the int "
                    "18446744073709551615",
                    "U", UINT64_MAX);
}

static void ranges_are_exact_for_large_ints(void)
{
    struct drover_param large = { .type = DROVER_INT,
                                  .min = 9007199254740992.0,
                                  .max = 9007199254740994.0 };
    expect_argument(large, NULL, "I", INT64_C(9007199254740993));
    expect_argument(large,
                    "expected an int of 9.00719925474099e+15 to "
                    "9.00719925474099e+15, got the int 9007199254740991",
                    "I", INT64_C(9007199254740991));
    expect_argument(large,
                    "expected an int of 9.00719925474099e+15 to "
                    "9.00719925474099e+15, got the int 9007199254740995",
                    "I", INT64_C(9007199254740995));
}

static void other_types_are_checked(void)
{
    struct drover_param text = { .type = DROVER_TEXT };
    expect_argument(text, NULL, "s", "x");
    expect_argument(text, "expected a text, got the bool true", "b", true);
    expect_argument(text, "a text must not hold a NUL character", "S", "a\0b",
                    (size_t)3);
    text.optional = true;
    expect_argument(text, NULL, "n");
    expect_argument(text, "expected a text or null, got a list", "[]");
    struct drover_param flag = { .type = DROVER_BOOL };
    expect_argument(flag,
                    "expected a bool (true or false), got the text "
                    "\"yes\"",
                    "s", "yes");
    struct drover_param any = { .type = DROVER_ANY };
    expect_argument(any, NULL, "n");
    expect_argument(any, NULL, "y", "x", (size_t)1);
    struct drover_param bytes = { .type = DROVER_BYTES };
    expect_argument(bytes, "expected bytes, got a map", "{}");
}

static void elements_of_lists_are_checked(void)
{
    struct drover_param list = {
        .type = DROVER_LIST, .items = DROVER_INT, .min = 0, .max = 9
    };
    expect_argument(list, NULL, "[]");
    expect_argument(list, NULL, "[i, i]", 0, 9);
    expect_argument(list,
                    "element 2: expected an int of 0 to 9, got the int 10",
                    "[i, i]", 0, 10);
    expect_argument(list, "expected a list of ints of 0 to 9, got the int 5",
                    "i", 5);
    list.items = DROVER_ANY;
    list.max = 0;
    expect_argument(list, NULL, "[i, s]", 0, "x");
    expect_argument(list, "expected a list, got a map", "{}");
}

static void texts_in_messages_are_short_and_on_one_line(void)
{
    struct drover_param flag = { .type = DROVER_BOOL };
    expect_argument(flag,
                    "expected a bool (true or false), got the text \"a?b\"",
                    "s", "a\nb");
    /* 61 bytes; at 60 a character would be cut in two. */
    expect_argument(flag,
                    "expected a bool (true or false), got the text "
                    "\"xééééééééééééééééééééééééééééé...\"",
                    "s", "xéééééééééééééééééééééééééééééé");
}

UNIT_CASES(CASE(fallbacks_must_be_of_the_type),
           CASE(fallbacks_must_be_in_range), CASE(fallbacks_become_values),
           CASE(numbers_are_checked_against_type_and_range),
           CASE(ranges_are_exact_for_large_ints), CASE(other_types_are_checked),
           CASE(elements_of_lists_are_checked),
           CASE(texts_in_messages_are_short_and_on_one_line))
