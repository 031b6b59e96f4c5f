#include <errno.h>
#include <limits.h>
#include <stdarg.h>

#include <drover/value.h>

#include "base/error.h"
#include "value/format.h"

/* An unpacking on its way.
 *
 * passing_over  arguments are taken, but nothing is looked at or written: the
 *               value of a key that is not there */
struct unpack {
    const char *at;
    va_list arguments;
    bool passing_over;
    struct drover_error *err;
};

static int fail_format(struct unpack *unpack, const char *what)
{
    return error_set(unpack->err, EINVAL, "a format with %s before \"%.20s\"",
                     what, unpack->at);
}

static int get_null(struct drover_value value)
{
    return drover_value_type(value) == DROVER_NULL ? 0 : -EINVAL;
}

static int get_int(struct drover_value value, int *out)
{
    int64_t number;
    int status = drover_value_get_int(value, &number);
    if (status < 0)
        return status;
    if (number < INT_MIN || number > INT_MAX)
        return -ERANGE;
    *out = (int)number;
    return 0;
}

static int get_text(struct drover_value value, const char **out)
{
    size_t size;
    return drover_value_get_text(value, out, &size);
}

static int get_value(struct drover_value value, struct drover_value *out)
{
    *out = value;
    return 0;
}

/* Take the next argument, a pointer to a TYPE, and have GET fill it; gives what
 * GET returns. A macro because va_arg() wants a type. */
#define FILL(unpack, type, get, value)                                         \
    ((unpack)->passing_over ? ((void)va_arg((unpack)->arguments, type *), 0)   \
                            : get(value, va_arg((unpack)->arguments, type *)))

static int unpack_text_sized(struct unpack *unpack, struct drover_value value)
{
    const char **text = va_arg(unpack->arguments, const char **);
    size_t *size = va_arg(unpack->arguments, size_t *);
    return unpack->passing_over ? 0 : drover_value_get_text(value, text, size);
}

static int unpack_bytes(struct unpack *unpack, struct drover_value value)
{
    const void **bytes = va_arg(unpack->arguments, const void **);
    size_t *size = va_arg(unpack->arguments, size_t *);
    return unpack->passing_over ? 0
                                : drover_value_get_bytes(value, bytes, size);
}

static int unpack_scalar(struct unpack *unpack, char letter,
                         struct drover_value value)
{
    switch (letter) {
    case 'n':
        return unpack->passing_over ? 0 : get_null(value);
    case 'b':
        return FILL(unpack, bool, drover_value_get_bool, value);
    case 'i':
        return FILL(unpack, int, get_int, value);
    case 'I':
        return FILL(unpack, int64_t, drover_value_get_int, value);
    case 'U':
        return FILL(unpack, uint64_t, drover_value_get_uint, value);
    case 'f':
        return FILL(unpack, double, drover_value_get_float, value);
    case 's':
        return FILL(unpack, const char *, get_text, value);
    case 'S':
        return unpack_text_sized(unpack, value);
    case 'y':
        return unpack_bytes(unpack, value);
    default:
        return FILL(unpack, struct drover_value, get_value, value);
    }
}

static const char letters[] = "nbiIUfsSyv[{";

static bool is_value_letter(char letter)
{
    return letter != '\0' && strchr(letters, letter) != NULL;
}

static enum drover_type type_of_letter(char letter)
{
    static const enum drover_type types[] = {
        DROVER_NULL,  DROVER_BOOL,  DROVER_INT,  DROVER_INT,
        DROVER_INT,   DROVER_FLOAT, DROVER_TEXT, DROVER_TEXT,
        DROVER_BYTES, DROVER_ANY,   DROVER_LIST, DROVER_MAP,
    };
    return types[strchr(letters, letter) - letters];
}

static int fail_type(struct unpack *unpack, char letter,
                     struct drover_value value)
{
    return error_set(unpack->err, EINVAL, "expected %s, got %s",
                     drover_type_name(type_of_letter(letter)),
                     drover_type_name(drover_value_type(value)));
}

static int unpack_value(struct unpack *unpack, char letter,
                        struct drover_value value, unsigned depth);

static int unpack_list(struct unpack *unpack, struct drover_value list,
                       unsigned depth)
{
    struct drover_iterator iterator = drover_iterate(list);
    struct drover_value item = { .data = NULL };
    size_t index = 0;
    for (char letter; (letter = format_next(&unpack->at)) != ']'; index++) {
        if (!unpack->passing_over && is_value_letter(letter) &&
            !drover_next(&iterator, &item))
            return error_set(unpack->err, EINVAL,
                             "the list ends before element %zu", index);
        int status = unpack_value(unpack, letter, item, depth);
        if (status < 0) {
            error_prefix(unpack->err, "element %zu", index);
            return status;
        }
    }
    if (!unpack->passing_over && iterator.left > 0)
        return error_set(unpack->err, EINVAL, "expected %zu elements, got %zu",
                         index, drover_value_count(list));
    return 0;
}

/* The value of one key, whose s has been read. */
static int unpack_pair(struct unpack *unpack, struct drover_value map,
                       unsigned depth)
{
    const char *key = va_arg(unpack->arguments, const char *);
    bool was_passing_over = unpack->passing_over;
    bool may_be_missing = *unpack->at == '?';
    if (may_be_missing)
        unpack->at++;
    struct drover_value item = { .data = NULL };
    if (!was_passing_over && drover_map_get(map, key, &item) < 0) {
        if (!may_be_missing)
            return error_set(unpack->err, ENOENT, "the key \"%s\" is missing",
                             key);
        unpack->passing_over = true;
    }
    int status = unpack_value(unpack, format_next(&unpack->at), item, depth);
    unpack->passing_over = was_passing_over;
    if (status < 0)
        error_prefix(unpack->err, "key \"%s\"", key);
    return status;
}

static int unpack_map(struct unpack *unpack, struct drover_value map,
                      unsigned depth)
{
    for (char letter; (letter = format_next(&unpack->at)) != '}';) {
        if (letter != 's')
            return fail_format(unpack, "a key that is no s");
        int status = unpack_pair(unpack, map, depth);
        if (status < 0)
            return status;
    }
    return 0;
}

/* Formats are nested by recursion: they come from the program, not from its
 * input, and as deep as a value at most. */
static int unpack_value(struct unpack *unpack, char letter,
                        struct drover_value value, unsigned depth)
{
    if (!is_value_letter(letter))
        return fail_format(unpack, "no letter of a value");
    if (depth > DROVER_VALUE_DEPTH_MAX)
        return fail_format(unpack, "too many brackets");
    if (letter == '[' || letter == '{') {
        if (!unpack->passing_over &&
            drover_value_type(value) != type_of_letter(letter))
            return fail_type(unpack, letter, value);
        return letter == '[' ? unpack_list(unpack, value, depth + 1)
                             : unpack_map(unpack, value, depth + 1);
    }
    int status = unpack_scalar(unpack, letter, value);
    if (status == -EINVAL)
        return fail_type(unpack, letter, value);
    if (status < 0)
        return error_set(unpack->err, -status, "a number out of range");
    return 0;
}

int drover_value_unpack(struct drover_value value, struct drover_error *err,
                        const char *format, ...)
{
    struct unpack unpack = { .at = format, .err = err };
    va_start(unpack.arguments, format);
    int status = unpack_value(&unpack, format_next(&unpack.at), value, 0);
    va_end(unpack.arguments);
    if (status == 0 && format_next(&unpack.at) != '\0')
        return fail_format(&unpack, "more than one value");
    return status;
}
