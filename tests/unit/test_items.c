/* What an exchange keeps until it is taken. */
#include "exchange/items.h"

#include <errno.h>
#include <string.h>

#include "tasks.h"
#include "unit.h"

static void add(struct items *items, uint64_t index, bool ended, int64_t n)
{
    char text[] = "text";
    struct drover_outcome outcome = { .ended = ended,
                                      .index = index,
                                      .args = args_of(n),
                                      .value = value_of(n),
                                      .text = text };
    ASSERT_INT(items_add(items, &outcome), 0);
    memset(text, 'x', sizeof text - 1);
}

static void expect(const struct drover_outcome *outcome, uint64_t index,
                   int64_t n)
{
    ASSERT(outcome != NULL);
    ASSERT_INT(outcome->index, index);
    ASSERT_INT(int_of(outcome->value), n);
    ASSERT(drover_value_equal(outcome->args, args_of(n)));
    ASSERT_TEXT(outcome->text, "text");
}

/* --- In order of arrival ---------------------------------------------------
 */

static void items_are_copies_in_order_of_arrival(void)
{
    struct items items;
    items_init(&items, false);
    ASSERT(items_take(&items) == NULL);
    ASSERT(items_last(&items) == NULL);
    for (int64_t i = 0; i < 20; i++)
        add(&items, (uint64_t)(19 - i), true, i);
    ASSERT_INT(items_ready(&items), 20);
    expect(items_last(&items), 0, 19);
    for (int64_t i = 0; i < 20; i++) {
        ASSERT(items_is_ready(&items));
        expect(items_take(&items), (uint64_t)(19 - i), i);
    }
    ASSERT(!items_is_ready(&items));
    ASSERT_INT(items.size_bytes, 0);
    ASSERT(items_find(&items, 3) == NULL);
    ASSERT_INT(items_skip(&items, 3), 0);
    items_clear(&items);
}

static void more_can_be_added_after_the_last_was_taken(void)
{
    struct items items;
    items_init(&items, false);
    for (int64_t i = 0; i < 3; i++) {
        add(&items, 0, true, i);
        const struct drover_outcome *taken = items_take(&items);
        add(&items, 1, true, 10 + i);
        expect(taken, 0, i);
        expect(items_take(&items), 1, 10 + i);
    }
    add(&items, 2, true, 9);
    items_clear(&items);
    ASSERT(items_take(&items) == NULL);
}

/* --- In the order of the calls ---------------------------------------------
 */

static void when_ordered_each_waits_for_those_before(void)
{
    struct items items;
    items_init(&items, true);
    ASSERT(items_take(&items) == NULL);
    for (int i = 40; i > 0; i--)
        add(&items, (uint64_t)i, true, i);
    ASSERT(!items_is_ready(&items));
    ASSERT_INT(items_ready(&items), 0);
    ASSERT(items_take(&items) == NULL);
    add(&items, 0, true, 0);
    ASSERT_INT(items_ready(&items), 41);
    for (int i = 0; i <= 40; i++)
        expect(items_take(&items), (uint64_t)i, i);
    ASSERT(items_take(&items) == NULL);
    ASSERT_INT(items.size_bytes, 0);
    for (int i = 0; i <= 40; i++)
        expect(items_find(&items, (size_t)i), (uint64_t)i, i);
    ASSERT(items_find(&items, 41) == NULL);
    ASSERT(items_find(&items, 1000) == NULL);
    items_clear(&items);
}

static void when_ordered_values_come_before_their_outcome(void)
{
    struct items items;
    items_init(&items, true);
    add(&items, 0, false, 1);
    add(&items, 1, false, 2);
    ASSERT_INT(items_ready(&items), 1);
    expect(items_take(&items), 0, 1);
    ASSERT(items_take(&items) == NULL);
    ASSERT(items_find(&items, 0) == NULL);
    add(&items, 0, false, 3);
    add(&items, 0, true, 4);
    ASSERT_INT(items_ready(&items), 3);
    expect(items_find(&items, 0), 0, 4);
    expect(items_take(&items), 0, 3);
    expect(items_take(&items), 0, 4);
    expect(items_take(&items), 1, 2);
    ASSERT(items_take(&items) == NULL);
    items_clear(&items);
}

static void what_will_not_come_is_not_waited_for(void)
{
    struct items items;
    items_init(&items, true);
    add(&items, 1, true, 1);
    ASSERT(!items_is_ready(&items));
    ASSERT_INT(items_skip(&items, 0), 0);
    expect(items_take(&items), 1, 1);
    ASSERT(items_find(&items, 0) == NULL);
    ASSERT(items_have_ended(&items, 0));
    ASSERT_INT(items_skip(&items, 99), 0);
    add(&items, 2, false, 2);
    ASSERT(!items_have_ended(&items, 2));
    ASSERT_INT(items_skip(&items, 2), 0);
    ASSERT(items_have_ended(&items, 2));
    ASSERT(items_find(&items, 2) == NULL);
    expect(items_take(&items), 2, 2);
    ASSERT(items_take(&items) == NULL);
    items_clear(&items);
}

UNIT_CASES(CASE(items_are_copies_in_order_of_arrival),
           CASE(more_can_be_added_after_the_last_was_taken),
           CASE(when_ordered_each_waits_for_those_before),
           CASE(when_ordered_values_come_before_their_outcome),
           CASE(what_will_not_come_is_not_waited_for))
