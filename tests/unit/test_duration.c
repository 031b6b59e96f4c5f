#include <errno.h>

#include "job/duration.h"
#include "unit.h"

static void assert_duration(const char *text, int64_t expected_ms)
{
    int64_t ms = -7;
    ASSERT_INT(duration_parse(text, &ms), 0);
    ASSERT_INT(ms, expected_ms);
}

static void assert_refused(const char *text, int expected)
{
    int64_t ms = -7;
    ASSERT_INT(duration_parse(text, &ms), expected);
    ASSERT_INT(ms, -7);
}

static void each_unit_is_known(void)
{
    assert_duration("500ms", 500);
    assert_duration("90s", 90 * 1000);
    assert_duration("3m", 3 * 60 * 1000);
    assert_duration("2h", 2 * 60 * 60 * 1000);
    assert_duration("2d", 2 * 24 * 60 * 60 * 1000);
    assert_duration("0s", 0);
}

static void parts_add_up(void)
{
    assert_duration("1h30m", 90 * 60 * 1000);
    assert_duration("1h05m", 65 * 60 * 1000);
    assert_duration("1d2h3m4s5ms", (((24 + 2) * 60 + 3) * 60 + 4) * 1000 + 5);
    assert_duration("1h90m", 150 * 60 * 1000);
    assert_duration("1m1ms", 60 * 1000 + 1);
}

static void larger_units_come_first_and_each_once(void)
{
    assert_refused("30m1h", -EINVAL);
    assert_refused("1h2h", -EINVAL);
    assert_refused("1ms1s", -EINVAL);
}

static void a_number_needs_a_unit(void)
{
    assert_refused("30", -EDOM);
    assert_refused("0", -EDOM);
    assert_refused("99999999999999999999999999", -EDOM);
    assert_refused("1h30", -EINVAL);
}

static void nothing_else_is_a_duration(void)
{
    static const char *const texts[] = { "",           "s",     "h1",   "1.5h",
                                         "-1s",        "+1s",   " 1s",  "1s ",
                                         "1 s",        "1H",    "1sec", "1min",
                                         "1h,5m",      "1h 5m", "0x1s", "1e3s",
                                         "1m\xc2\xb5s" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_refused(texts[i], -EINVAL);
}

static void ten_years_are_the_limit(void)
{
    assert_duration("3650d", DURATION_LIMIT_MS);
    assert_duration("315360000000ms", DURATION_LIMIT_MS);
    assert_duration("3649d23h59m60s", DURATION_LIMIT_MS);
    assert_refused("3650d1ms", -ERANGE);
    assert_refused("315360000001ms", -ERANGE);
    assert_refused("3651d", -ERANGE);
    assert_refused("9223372036854775807d", -ERANGE);
    assert_refused("18446744073709551617s", -ERANGE);
    assert_refused("99999999999999999999999999d1s", -ERANGE);
    assert_refused("99999999999999999999999999d1x", -EINVAL);
}

UNIT_CASES(CASE(each_unit_is_known), CASE(parts_add_up),
           CASE(larger_units_come_first_and_each_once),
           CASE(a_number_needs_a_unit), CASE(nothing_else_is_a_duration),
           CASE(ten_years_are_the_limit))
