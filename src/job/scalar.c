/* What a scalar is by the core schema, see node.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "job/node.h"

/* An int as its sign and size. */
struct number {
    bool negative;
    uint64_t magnitude;
};

static bool is_one_of(const char *text, const char *const words[3])
{
    for (size_t i = 0; i < 3; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_null(const char *text)
{
    static const char *const words[3] = { "null", "Null", "NULL" };
    return text[0] == '\0' || strcmp(text, "~") == 0 || is_one_of(text, words);
}

static bool parse_bool(const char *text, bool *out)
{
    static const char *const yes[3] = { "true", "True", "TRUE" };
    static const char *const no[3] = { "false", "False", "FALSE" };
    if (!is_one_of(text, yes) && !is_one_of(text, no))
        return false;
    *out = is_one_of(text, yes);
    return true;
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

static bool parse_digits(const char *text, uint64_t base, uint64_t *out)
{
    uint64_t number = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        uint64_t digit = (uint64_t)digit_value(*text);
        if (digit >= base || number > (UINT64_MAX - digit) / base)
            return false;
        number = number * base + digit;
    }
    *out = number;
    return true;
}

static bool parse_int(const char *text, struct number *out)
{
    struct number number = { .negative = text[0] == '-' };
    const uint64_t lowest = (uint64_t)INT64_MAX + 1;
    if (strncmp(text, "0x", 2) == 0 || strncmp(text, "0o", 2) == 0) {
        if (!parse_digits(text + 2, text[1] == 'x' ? 16 : 8, &number.magnitude))
            return false;
        *out = number;
        return true;
    }
    if (text[0] == '-' || text[0] == '+')
        text++;
    if ((text[0] == '0' && text[1] != '\0') ||
        !parse_digits(text, 10, &number.magnitude) ||
        (number.negative && number.magnitude > lowest))
        return false;
    *out = number;
    return true;
}

static const char *skip_digits(const char *text)
{
    while (is_digit(*text))
        text++;
    return text;
}

static bool is_int_form(const char *text)
{
    static const char octal[] = "01234567";
    static const char hex[] = "0123456789abcdefABCDEF";
    if (strncmp(text, "0x", 2) == 0 || strncmp(text, "0o", 2) == 0) {
        const char *digits = text[1] == 'x' ? hex : octal;
        return text[2] != '\0' && text[2 + strspn(text + 2, digits)] == '\0';
    }
    if (text[0] == '-' || text[0] == '+')
        text++;
    return text[0] >= '1' && text[0] <= '9' && *skip_digits(text) == '\0';
}

static bool parse_special_float(const char *text, double *out)
{
    static const char *const infinity[3] = { ".inf", ".Inf", ".INF" };
    static const char *const nan[3] = { ".nan", ".NaN", ".NAN" };
    if (is_one_of(text, nan)) {
        *out = (double)NAN;
        return true;
    }
    bool has_sign = text[0] == '-' || text[0] == '+';
    if (!is_one_of(text + has_sign, infinity))
        return false;
    *out = text[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    return true;
}

/* Whether TEXT is a decimal number by the grammar of node.h. */
static bool is_decimal(const char *text)
{
    if (*text == '-' || *text == '+')
        text++;
    const char *whole = text;
    text = skip_digits(text);
    bool has_digits = text > whole;
    if (whole[0] == '0' && is_digit(whole[1]))
        return false;
    if (*text == '.') {
        const char *fraction = ++text;
        text = skip_digits(text);
        has_digits = has_digits || text > fraction;
    }
    if (has_digits && (*text == 'e' || *text == 'E')) {
        text++;
        if (*text == '-' || *text == '+')
            text++;
        if (!is_digit(*text))
            return false;
        text = skip_digits(text);
    }
    return has_digits && *text == '\0';
}

static bool parse_float(const char *text, double *out)
{
    if (parse_special_float(text, out))
        return true;
    if (!is_decimal(text))
        return false;
    double number = strtod(text, NULL);
    if (isinf(number))
        return false;
    *out = number;
    return true;
}

enum node_scalar node_scalar_type(const struct node *scalar)
{
    bool truth;
    struct number number;
    double real;
    if (!scalar->plain)
        return NODE_TEXT;
    if (is_null(scalar->text))
        return NODE_NULL;
    if (parse_bool(scalar->text, &truth))
        return NODE_BOOL;
    if (parse_int(scalar->text, &number))
        return NODE_INT;
    return parse_float(scalar->text, &real) ? NODE_FLOAT : NODE_TEXT;
}

bool node_is_beyond_ints(const struct node *scalar)
{
    struct number number;
    return scalar->plain && is_int_form(scalar->text) &&
           !parse_int(scalar->text, &number);
}

const char *node_scalar_name(enum node_scalar type)
{
    static const char *const names[] = {
        [NODE_NULL] = "null",   [NODE_BOOL] = "bool", [NODE_INT] = "int",
        [NODE_FLOAT] = "float", [NODE_TEXT] = "text",
    };
    return names[type];
}

static bool is_plain(const struct node *node)
{
    return node->kind == NODE_SCALAR && node->plain;
}

bool node_get_bool(const struct node *node, bool *out)
{
    return is_plain(node) && parse_bool(node->text, out);
}

bool node_get_int(const struct node *node, int64_t *out)
{
    struct number number;
    if (!is_plain(node) || !parse_int(node->text, &number))
        return false;
    if (!number.negative) {
        if (number.magnitude > INT64_MAX)
            return false;
        *out = (int64_t)number.magnitude;
        return true;
    }
    /* -2^63 has no positive counterpart: count from -1. */
    *out = number.magnitude == 0 ? 0 : -1 - (int64_t)(number.magnitude - 1);
    return true;
}

bool node_get_uint(const struct node *node, uint64_t *out)
{
    struct number number;
    if (!is_plain(node) || !parse_int(node->text, &number) ||
        (number.negative && number.magnitude > 0))
        return false;
    *out = number.magnitude;
    return true;
}

bool node_get_float(const struct node *node, double *out)
{
    struct number number;
    if (!is_plain(node))
        return false;
    if (!parse_int(node->text, &number))
        return parse_float(node->text, out);
    double magnitude = (double)number.magnitude;
    *out = number.negative ? -magnitude : magnitude;
    return true;
}
