#include "job/duration.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t ms;
};

/* In the order in which they may follow each other. */
static const struct unit units[] = {
    { "d", 24 * 60 * 60 * 1000 },
    { "h", 60 * 60 * 1000 },
    { "m", 60 * 1000 },
    { "s", 1000 },
    { "ms", 1 },
};
enum { UNIT_COUNT = sizeof units / sizeof units[0] };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Take the digits off the text at *CURSOR. A number above the limit stays just
 * above it, however many digits there are. */
static int64_t take_number(const char **cursor)
{
    int64_t number = 0;
    for (; is_digit(**cursor); ++*cursor)
        if (number <= DURATION_LIMIT_MS)
            number = number * 10 + (**cursor - '0');
    return number;
}

/* Take the name of a unit off the text at *CURSOR. Returns which one it is, or
 * UNIT_COUNT. */
static size_t take_unit(const char **cursor)
{
    size_t length = 0, i = 0;
    while ((*cursor)[length] >= 'a' && (*cursor)[length] <= 'z')
        length++;
    while (i < UNIT_COUNT && (strlen(units[i].name) != length ||
                              memcmp(units[i].name, *cursor, length) != 0))
        i++;
    *cursor += length;
    return i;
}

static int64_t add_up(int64_t sum_ms, int64_t number, const struct unit *unit)
{
    int64_t left_ms = DURATION_LIMIT_MS - sum_ms;
    if (sum_ms > DURATION_LIMIT_MS || number > left_ms / unit->ms)
        return DURATION_LIMIT_MS + 1;
    return sum_ms + number * unit->ms;
}

int duration_parse(const char *text, int64_t *out_ms)
{
    const char *cursor = text;
    size_t next = 0;
    int64_t sum_ms = 0;
    do {
        if (!is_digit(*cursor))
            return -EINVAL;
        int64_t number = take_number(&cursor);
        if (*cursor == '\0' && next == 0)
            return -EDOM;
        size_t unit = take_unit(&cursor);
        if (unit < next || unit == UNIT_COUNT)
            return -EINVAL;
        sum_ms = add_up(sum_ms, number, &units[unit]);
        next = unit + 1;
    } while (*cursor != '\0');
    if (sum_ms > DURATION_LIMIT_MS)
        return -ERANGE;
    *out_ms = sum_ms;
    return 0;
}
