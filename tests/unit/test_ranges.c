/* Sets of numbers: they hold what a plain table of flags holds. */
#include <stdlib.h>

#include "background/ranges.h"
#include "unit.h"

enum { NUMBERS = 64, STEPS = 20000 };

static void expect_flags(const struct ranges *ranges, const bool *flags)
{
    uint64_t total = 0;
    for (uint64_t number = 1; number < NUMBERS; number++) {
        struct range shared;
        ASSERT_INT(ranges_overlap(ranges, number, number, &shared),
                   flags[number]);
        total += flags[number];
    }
    ASSERT_INT(ranges->total, total);
    for (size_t i = 0; i < ranges->count; i++) {
        ASSERT(ranges->list[i].first <= ranges->list[i].last);
        if (i > 0)
            ASSERT(ranges->list[i - 1].last + 1 < ranges->list[i].first);
    }
}

static void whatever_is_done_the_ranges_are_as_flags_would_be(void)
{
    struct ranges ranges = { 0 };
    bool flags[NUMBERS] = { false };
    srandom(4);
    for (int step = 0; step < STEPS; step++) {
        uint64_t first = 1 + (uint64_t)random() % (NUMBERS - 1);
        uint64_t last = first + (uint64_t)random() % (NUMBERS - first);
        bool add = random() % 2 == 0;
        ASSERT_INT(add ? ranges_add(&ranges, first, last)
                       : ranges_remove(&ranges, first, last),
                   0);
        for (uint64_t number = first; number <= last; number++)
            flags[number] = add;
        expect_flags(&ranges, flags);
    }
    ranges_clear(&ranges);
}

static void ranges_that_touch_become_one(void)
{
    struct ranges ranges = { 0 };
    ASSERT_INT(ranges_add(&ranges, 1, 1), 0);
    ASSERT_INT(ranges_add(&ranges, 3, 4), 0);
    ASSERT_INT(ranges.count, 2);
    ASSERT_INT(ranges_add(&ranges, 2, 2), 0);
    ASSERT_INT(ranges.count, 1);
    ASSERT_INT(ranges.list[0].last, 4);
    ranges_clear(&ranges);
}

static void a_million_numbers_in_a_row_are_one_range(void)
{
    struct ranges ranges = { 0 };
    for (uint64_t number = 1; number <= 1000000; number++)
        ASSERT_INT(ranges_add(&ranges, number, number), 0);
    ASSERT_INT(ranges.count, 1);
    ASSERT_INT(ranges.total, 1000000);
    ranges_clear(&ranges);
}

static void nonsense_takes_nothing_out(void)
{
    struct ranges ranges = { 0 };
    struct range shared;
    ASSERT_INT(ranges_add(&ranges, 5, 9), 0);
    ASSERT_INT(ranges_remove(&ranges, 8, 6), 0);
    ASSERT_INT(ranges_remove(&ranges, 0, 4), 0);
    ASSERT_INT(ranges_remove(&ranges, 10, UINT64_MAX), 0);
    ASSERT(!ranges_overlap(&ranges, 8, 6, &shared));
    ASSERT_INT(ranges.total, 5);
    ASSERT(ranges_overlap(&ranges, 0, UINT64_MAX, &shared));
    ASSERT_INT(shared.first, 5);
    ASSERT_INT(shared.last, 9);
    ASSERT_INT(ranges_remove(&ranges, 0, UINT64_MAX), 0);
    ASSERT_INT(ranges.count, 0);
    ranges_clear(&ranges);
}

static void room_that_was_made_takes_what_comes(void)
{
    struct ranges ranges = { 0 };
    ASSERT_INT(ranges_reserve(&ranges, 100), 0);
    const struct range *list = ranges.list;
    for (uint64_t number = 1; number <= 100; number++)
        ASSERT_INT(ranges_add(&ranges, 2 * number, 2 * number), 0);
    ASSERT(ranges.list == list);
    ranges_clear(&ranges);
}

UNIT_CASES(CASE(whatever_is_done_the_ranges_are_as_flags_would_be),
           CASE(ranges_that_touch_become_one),
           CASE(a_million_numbers_in_a_row_are_one_range),
           CASE(nonsense_takes_nothing_out),
           CASE(room_that_was_made_takes_what_comes))
