#include "plugin/declaration.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum {
    SHOWN_BYTES = 60,      /* of a text that stands in a message */
    DESCRIPTION_MAX = 160, /* bytes of what was expected, or was got */
};

static bool is_number(enum drover_type type)
{
    return type == DROVER_INT || type == DROVER_FLOAT;
}

static bool has_range(const struct drover_param *param)
{
    return param->min != 0 || param->max != 0;
}

/* --- What is expected ---------------------------------------------------- */

static const char *type_phrase(enum drover_type type)
{
    switch (type) {
    case DROVER_NULL:
        return "null";
    case DROVER_BOOL:
        return "a bool (true or false)";
    case DROVER_INT:
        return "an int";
    case DROVER_FLOAT:
        return "a float";
    case DROVER_TEXT:
        return "a text";
    case DROVER_BYTES:
        return "bytes";
    case DROVER_LIST:
        return "a list";
    case DROVER_MAP:
        return "a map";
    case DROVER_ARRAY:
        return "an array";
    case DROVER_ANY:
        break;
    }
    return "any value";
}

/* " of 0 to 9", " of at least 1", " of at most 5", or nothing. */
static void format_range(const struct drover_param *param, char *out,
                         size_t size)
{
    bool below = param->min > -INFINITY, above = param->max < INFINITY;
    out[0] = '\0';
    if (!has_range(param))
        return;
    if (below && above)
        snprintf(out, size, " of %.15g to %.15g", param->min, param->max);
    else if (below)
        snprintf(out, size, " of at least %.15g", param->min);
    else if (above)
        snprintf(out, size, " of at most %.15g", param->max);
}

const char *declaration_format_expected(const struct drover_param *param,
                                        char *out, size_t size)
{
    bool list = param->type == DROVER_LIST && param->items != DROVER_ANY;
    enum drover_type of = list ? param->items : param->type;
    char range[80] = "";
    if (is_number(of))
        format_range(param, range, sizeof range);
    const char *other = param->optional ? " or null" : "";
    if (list)
        snprintf(out, size, "a list of %s%s%s%s", drover_type_name(of),
                 of == DROVER_BYTES ? "" : "s", range, other);
    else
        snprintf(out, size, "%s%s%s", type_phrase(of), range, other);
    return out;
}

/* --- What is there ------------------------------------------------------- */

/* Control characters would break the line that the message is to be. */
static void describe_text(struct drover_value value, char *out, size_t size)
{
    const char *text = "";
    size_t length = 0;
    drover_value_get_text(value, &text, &length);
    size_t shown = length;
    if (length > SHOWN_BYTES)
        shown = text_utf8_valid(text, SHOWN_BYTES);
    char copy[SHOWN_BYTES + 1];
    for (size_t i = 0; i < shown; i++)
        copy[i] = iscntrl((unsigned char)text[i]) ? '?' : text[i];
    copy[shown] = '\0';
    snprintf(out, size, "the text \"%s%s\"", copy, shown < length ? "..." : "");
}

static void describe_int(struct drover_value value, char *out, size_t size)
{
    int64_t number = 0;
    uint64_t large = 0;
    if (drover_value_get_int(value, &number) == 0)
        snprintf(out, size, "the int %lld", (long long)number);
    else if (drover_value_get_uint(value, &large) == 0)
        snprintf(out, size, "the int %llu", (unsigned long long)large);
}

/* A whole number gets a point, so that it cannot be taken for an int. */
static void describe_float(struct drover_value value, char *out, size_t size)
{
    double real = 0;
    char digits[40];
    drover_value_get_float(value, &real);
    snprintf(digits, sizeof digits, "%.15g", real);
    snprintf(out, size, "the float %s%s", digits,
             strpbrk(digits, ".en") == NULL ? ".0" : "");
}

static void describe(struct drover_value value, char *out, size_t size)
{
    bool yes = false;
    enum drover_type type = drover_value_type(value);
    switch (type) {
    case DROVER_TEXT:
        describe_text(value, out, size);
        return;
    case DROVER_INT:
        describe_int(value, out, size);
        return;
    case DROVER_FLOAT:
        describe_float(value, out, size);
        return;
    case DROVER_BOOL:
        drover_value_get_bool(value, &yes);
        snprintf(out, size, "the bool %s", yes ? "true" : "false");
        return;
    default:
        snprintf(out, size, "%s",
                 type == DROVER_ANY ? "nothing" : type_phrase(type));
    }
}

static int mismatch(const struct drover_param *param, struct drover_value value,
                    struct drover_error *err)
{
    char expected[DESCRIPTION_MAX], got[DESCRIPTION_MAX];
    describe(value, got, sizeof got);
    return error_set(
        err, EINVAL, "expected %s, got %s",
        declaration_format_expected(param, expected, sizeof expected), got);
}

/* --- Checking ------------------------------------------------------------ */

/* Long doubles hold every int of 64 bits exactly, where the machine has such.
 */
static bool is_in_range(const struct drover_param *param,
                        struct drover_value value)
{
    int64_t number;
    uint64_t large;
    double real;
    long double exact;
    if (!has_range(param))
        return true;
    if (drover_value_get_int(value, &number) == 0)
        exact = number;
    else if (drover_value_get_uint(value, &large) == 0)
        exact = large;
    else if (drover_value_get_float(value, &real) == 0)
        exact = real;
    else
        return false;
    return exact >= param->min && exact <= param->max;
}

static bool has_type(enum drover_type expected, enum drover_type type)
{
    return expected == DROVER_ANY || type == expected ||
           (expected == DROVER_FLOAT && type == DROVER_INT);
}

struct drover_param declaration_element(const struct drover_param *param)
{
    struct drover_param element = *param;
    bool typed = param->type == DROVER_LIST;
    element.type = typed ? param->items : DROVER_ANY;
    element.items = DROVER_ANY;
    element.optional = false;
    element.fallback = NULL;
    return element;
}

static int check_elements(const struct drover_param *param,
                          struct drover_value value, struct drover_error *err)
{
    struct drover_param element = declaration_element(param);
    struct drover_iterator iterator = drover_iterate(value);
    struct drover_value item;
    for (size_t i = 1; drover_next(&iterator, &item); i++)
        if (declaration_check_argument(&element, item, err) < 0) {
            error_prefix(err, "element %zu", i);
            return -EINVAL;
        }
    return 0;
}

static int check_text(struct drover_value value, struct drover_error *err)
{
    const char *text = "";
    size_t size = 0;
    drover_value_get_text(value, &text, &size);
    if (memchr(text, '\0', size) != NULL)
        return error_set(err, EINVAL, "a text must not hold a NUL character");
    return 0;
}

int declaration_check_argument(const struct drover_param *param,
                               struct drover_value value,
                               struct drover_error *err)
{
    enum drover_type type = drover_value_type(value);
    if (type == DROVER_NULL && param->optional)
        return 0;
    if (type == DROVER_ANY || !has_type(param->type, type))
        return mismatch(param, value, err);
    if (is_number(param->type) && !is_in_range(param, value))
        return mismatch(param, value, err);
    if (param->type == DROVER_TEXT)
        return check_text(value, err);
    if (param->type == DROVER_LIST && param->items != DROVER_ANY)
        return check_elements(param, value, err);
    return 0;
}

/* --- Fallbacks ----------------------------------------------------------- */

static bool begins_number(const char *text)
{
    return text[0] != '\0' && !isspace((unsigned char)text[0]);
}

static bool build_int(struct drover_builder *builder, const char *text)
{
    char *end;
    errno = 0;
    int64_t number = strtoll(text, &end, 10);
    if (errno == 0) {
        drover_build_int(builder, number);
        return *end == '\0';
    }
    errno = 0;
    uint64_t large = strtoull(text, &end, 10);
    drover_build_uint(builder, large);
    return errno == 0 && *end == '\0' && text[0] != '-';
}

/* In the C locale, whatever a plugin has set. */
static bool build_float(struct drover_builder *builder, const char *text)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0)
        return false;
    char *end;
    double real = strtod_l(text, &end, c);
    freelocale(c);
    drover_build_float(builder, real);
    return *end == '\0';
}

static bool build_bool(struct drover_builder *builder, const char *text)
{
    drover_build_bool(builder, strcmp(text, "true") == 0);
    return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
}

/* Returns whether the fallback is one of that type. */
static bool build_fallback(struct drover_builder *builder,
                           const struct drover_param *param)
{
    const char *text = param->fallback;
    switch (param->type) {
    case DROVER_INT:
        return begins_number(text) && build_int(builder, text);
    case DROVER_FLOAT:
        return begins_number(text) && build_float(builder, text);
    case DROVER_BOOL:
        return build_bool(builder, text);
    case DROVER_TEXT:
        drover_build_text(builder, text);
        return true;
    case DROVER_LIST:
        drover_build_list_begin(builder);
        drover_build_list_end(builder);
        return text[0] == '\0';
    case DROVER_MAP:
        drover_build_map_begin(builder);
        drover_build_map_end(builder);
        return text[0] == '\0';
    case DROVER_BYTES:
        drover_build_bytes(builder, "", 0);
        return text[0] == '\0';
    default:
        return false;
    }
}

int declaration_check_fallback(const struct drover_param *param,
                               struct drover_error *err)
{
    if (param->fallback == NULL)
        return 0;
    struct drover_builder *builder = drover_builder_create();
    if (builder == NULL)
        return error_no_memory(err);
    struct drover_value value;
    int status = -EINVAL;
    if (!build_fallback(builder, param))
        error_set(err, EINVAL, "\"%s\" is no %s of a fallback", param->fallback,
                  drover_type_name(param->type));
    else if (drover_builder_value(builder, &value, err) == 0)
        status = declaration_check_argument(param, value, err);
    drover_builder_destroy(builder);
    return status;
}

void declaration_build_fallback(struct drover_builder *builder,
                                const struct drover_param *param)
{
    if (param->fallback == NULL)
        drover_build_null(builder);
    else
        (void)build_fallback(builder, param);
}
