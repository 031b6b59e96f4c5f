#include "value/json_scalar.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <drover/value.h>

enum {
    INT_DIGITS = 20,
    FLOAT_BYTES = 40,
    /* Every decimal number of so many digits has a double of its own. */
    FLOAT_DIGITS_SAFE = 15,
    FLOAT_DIGITS = 17,
};

/* Integers below this have at most FLOAT_DIGITS_SAFE digits; fractions below
 * the other are written with an exponent. */
#define FRACTION_END 1e15
#define FRACTION_BEGIN 1e-5

/* Write the digits of NUMBER so that they end before END. Returns where they
 * begin. */
static char *write_digits(char *end, uint64_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return end;
}

static int put_integer(struct buffer *out, bool negative, uint64_t magnitude)
{
    char digits[INT_DIGITS + 1];
    char *end = digits + sizeof digits;
    char *begin = write_digits(end, magnitude);
    if (negative)
        *--begin = '-';
    return buffer_append(out, begin, (size_t)(end - begin));
}

int json_put_uint(struct buffer *out, uint64_t number)
{
    return put_integer(out, false, number);
}

int json_put_int(struct buffer *out, int64_t number)
{
    uint64_t magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number;
    return put_integer(out, number < 0, magnitude);
}

static int put_not_finite(struct buffer *out, double number, unsigned flags)
{
    if (!(flags & DROVER_JSON_NAN_TEXT))
        return buffer_append_text(out, "null");
    if (isnan(number))
        return buffer_append_text(out, "\"NaN\"");
    return buffer_append_text(out,
                              number < 0 ? "\"-Infinity\"" : "\"Infinity\"");
}

/* Write NUMBER, not negative, when it is a decimal fraction of few digits: the
 * common case, and many times faster than printf(). An integer and a power of
 * ten that doubles hold exactly have a quotient that is rounded only once, as
 * reading the decimal back is. Returns the size, 0 when there are more digits.
 */
static size_t write_short_fraction(char *out, double number)
{
    double power = 10;
    size_t places = 1;
    uint64_t integer;
    for (;; places++, power *= 10) {
        double scaled = number * power;
        if (scaled >= FRACTION_END || places > FLOAT_DIGITS_SAFE)
            return 0;
        integer = (uint64_t)(scaled + 0.5);
        if ((double)integer / power == number)
            break;
    }
    char digits[INT_DIGITS];
    char *end = digits + sizeof digits;
    char *begin = write_digits(end, integer);
    while ((size_t)(end - begin) <= places)
        *--begin = '0';
    size_t before_point = (size_t)(end - begin) - places;
    memcpy(out, begin, before_point);
    out[before_point] = '.';
    memcpy(out + before_point + 1, end - places, places);
    return before_point + 1 + places;
}

/* Make what printf() wrote JSON whatever the locale: its decimal point may be
 * any text. Returns the size. */
static size_t normalize_point(char *text)
{
    static const char number[] = "0123456789-+e";
    size_t before = strspn(text, number);
    char *point = text + before;
    if (*point == '\0') {
        if (strchr(text, 'e') == NULL)
            memcpy(point, ".0", sizeof ".0");
        return strlen(text);
    }
    size_t point_size = strcspn(point, number);
    *point = '.';
    memmove(point + 1, point + point_size, strlen(point + point_size) + 1);
    return strlen(text);
}

static size_t write_any_float(char *out, size_t room, double number)
{
    /* The numbers next to zero have fewer digits than others. */
    int digits = number < DBL_MIN ? 1 : FLOAT_DIGITS_SAFE;
    for (; digits <= FLOAT_DIGITS; digits++) {
        snprintf(out, room, "%.*g", digits, number);
        if (strtod(out, NULL) == number)
            break;
    }
    return normalize_point(out);
}

int json_put_float(struct buffer *out, double number, unsigned flags)
{
    if (!isfinite(number))
        return put_not_finite(out, number, flags);
    int status = buffer_reserve(out, FLOAT_BYTES + 1);
    if (status < 0)
        return status;
    char *begin = (char *)buffer_tail(out);
    if (signbit(number))
        *begin++ = '-';
    double magnitude = fabs(number);
    size_t size = 0;
    if (magnitude == 0 || magnitude >= FRACTION_BEGIN)
        size = write_short_fraction(begin, magnitude);
    if (size == 0)
        size = write_any_float(begin, FLOAT_BYTES, magnitude);
    buffer_extend(out, size + (signbit(number) ? 1 : 0));
    return 0;
}

static size_t write_escape(char *out, uint8_t byte)
{
    static const char names[] = "\"\\bfnrt", bytes[] = "\"\\\b\f\n\r\t";
    static const char hex[] = "0123456789abcdef";
    const char *found = byte == 0 ? NULL : strchr(bytes, byte);
    out[0] = '\\';
    if (found != NULL) {
        out[1] = names[found - bytes];
        return 2;
    }
    out[1] = 'u';
    out[2] = out[3] = '0';
    out[4] = hex[byte >> 4];
    out[5] = hex[byte & 15];
    return 6;
}

static bool needs_escape(uint8_t byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

int json_put_text(struct buffer *out, const char *text, size_t size)
{
    int status = buffer_append(out, "\"", 1);
    for (size_t at = 0; at < size && status == 0;) {
        size_t run = at;
        while (run < size && !needs_escape((uint8_t)text[run]))
            run++;
        status = buffer_append(out, text + at, run - at);
        if (run < size && status == 0) {
            char escape[6];
            size_t length = write_escape(escape, (uint8_t)text[run++]);
            status = buffer_append(out, escape, length);
        }
        at = run;
    }
    return status < 0 ? status : buffer_append(out, "\"", 1);
}

int json_put_bytes(struct buffer *out, const uint8_t *bytes, size_t size)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789-_";
    int status = buffer_reserve(out, size / 3 * 4 + 4 + 2);
    if (status < 0)
        return status;
    char *begin = (char *)buffer_tail(out), *to = begin;
    *to++ = '"';
    for (size_t at = 0; at < size; at += 3) {
        size_t count = size - at < 3 ? size - at : 3;
        uint32_t group = (uint32_t)bytes[at] << 16;
        if (count > 1)
            group |= (uint32_t)bytes[at + 1] << 8;
        if (count > 2)
            group |= bytes[at + 2];
        for (size_t i = 0; i <= count; i++)
            *to++ = alphabet[group >> (18 - 6 * i) & 63];
    }
    *to++ = '"';
    buffer_extend(out, (size_t)(to - begin));
    return 0;
}
