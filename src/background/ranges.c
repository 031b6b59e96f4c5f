#include "background/ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 8 };

void ranges_clear(struct ranges *ranges)
{
    free(ranges->list);
    *ranges = (struct ranges){ 0 };
}

int ranges_reserve(struct ranges *ranges, size_t count)
{
    size_t capacity = ranges->capacity == 0 ? CAPACITY_FIRST : ranges->capacity;
    while (capacity < ranges->count + count)
        capacity *= 2;
    if (capacity == ranges->capacity)
        return 0;
    struct range *list =
        reallocarray(ranges->list, capacity, sizeof *ranges->list);
    if (list == NULL)
        return -ENOMEM;
    ranges->list = list;
    ranges->capacity = capacity;
    return 0;
}

/* The index of the first range that ends at NUMBER or behind it. */
static size_t find(const struct ranges *ranges, uint64_t number)
{
    size_t low = 0, high = ranges->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges->list[middle].last < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t length(struct range range)
{
    return range.last - range.first + 1;
}

/* Put COUNT ranges (0 to 2) where those from BEGIN up to END were; there is
 * room for one more than there are. */
static void replace(struct ranges *ranges, size_t begin, size_t end,
                    const struct range *by, size_t count)
{
    for (size_t i = begin; i < end; i++)
        ranges->total -= length(ranges->list[i]);
    for (size_t i = 0; i < count; i++)
        ranges->total += length(by[i]);
    memmove(ranges->list + begin + count, ranges->list + end,
            (ranges->count - end) * sizeof *ranges->list);
    if (count > 0)
        memcpy(ranges->list + begin, by, count * sizeof *by);
    ranges->count = ranges->count - (end - begin) + count;
}

int ranges_add(struct ranges *ranges, uint64_t first, uint64_t last)
{
    if (ranges_reserve(ranges, 1) < 0)
        return -ENOMEM;
    struct range whole = { first, last };
    size_t begin = find(ranges, first - 1), end = begin;
    while (end < ranges->count && ranges->list[end].first - 1 <= last) {
        if (ranges->list[end].first < whole.first)
            whole.first = ranges->list[end].first;
        if (ranges->list[end].last > whole.last)
            whole.last = ranges->list[end].last;
        end++;
    }
    replace(ranges, begin, end, &whole, 1);
    return 0;
}

int ranges_remove(struct ranges *ranges, uint64_t first, uint64_t last)
{
    struct range rest[2];
    size_t begin = find(ranges, first), end = begin, count = 0;
    while (end < ranges->count && ranges->list[end].first <= last)
        end++;
    if (first > last || begin == end)
        return 0;
    if (ranges_reserve(ranges, 1) < 0)
        return -ENOMEM;
    struct range lowest = ranges->list[begin];
    struct range highest = ranges->list[end - 1];
    if (lowest.first < first)
        rest[count++] = (struct range){ lowest.first, first - 1 };
    if (highest.last > last)
        rest[count++] = (struct range){ last + 1, highest.last };
    replace(ranges, begin, end, rest, count);
    return 0;
}

bool ranges_overlap(const struct ranges *ranges, uint64_t first, uint64_t last,
                    struct range *out)
{
    size_t i = find(ranges, first);
    if (first > last || i == ranges->count || ranges->list[i].first > last)
        return false;
    *out = ranges->list[i];
    if (out->first < first)
        out->first = first;
    if (out->last > last)
        out->last = last;
    return true;
}
