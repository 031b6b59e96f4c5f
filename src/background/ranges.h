/* Sets of numbers, kept as ranges: which items somebody has. */
#ifndef BACKGROUND_RANGES_H
#define BACKGROUND_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers first to last, both included. */
struct range {
    uint64_t first;
    uint64_t last;
};

/* list   rising; no two of them touch
 * total  how many numbers there are in all of them */
struct ranges {
    struct range *list;
    size_t count;
    size_t capacity;
    uint64_t total;
};

void ranges_clear(struct ranges *ranges);

/* Make sure that COUNT more ranges can be added without asking for memory.
 * Returns 0 or -ENOMEM. */
int ranges_reserve(struct ranges *ranges, size_t count);

/* Add the numbers FIRST to LAST (1 <= FIRST <= LAST); some may be there
 * already. Returns 0 or -ENOMEM with nothing changed. */
int ranges_add(struct ranges *ranges, uint64_t first, uint64_t last);

/* Take out the numbers FIRST to LAST; none of them need be there, and any
 * numbers will do. Returns 0 or -ENOMEM with nothing changed. */
int ranges_remove(struct ranges *ranges, uint64_t first, uint64_t last);

/* The lowest range of those that share a number with FIRST to LAST, cut down to
 * what they share. Returns whether there is one. */
bool ranges_overlap(const struct ranges *ranges, uint64_t first, uint64_t last,
                    struct range *out);

#endif
