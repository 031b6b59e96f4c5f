/* What collectors are given: once acknowledged never again, until then always.
 */
#include <errno.h>
#include <string.h>

#include "store/delivery.h"
#include "stores.h"
#include "unit.h"

static struct store_summary summary_of(const struct store *store)
{
    struct store_summary summary;
    store_summarize(store, &summary);
    return summary;
}

/* A store with items 1 to COUNT, of calls 0 to COUNT - 1, committed. */
static struct store *with_items(uint64_t count)
{
    stores_begin();
    struct store *store = stores_create();
    for (uint64_t i = 0; i < count; i++)
        stores_return_int(store, "count", i);
    ASSERT_INT(store_commit(store, NULL), 0);
    return store;
}

static void end(struct store *store)
{
    store_close(store);
    stores_end();
}

/* The number of the next item above AFTER, 0: none. */
static uint64_t next(struct store *store, uint64_t after)
{
    struct delivery_item item;
    int status = delivery_next(store, after, false, &item, &stores_error);
    ASSERT_TEXT(status < 0 ? stores_error.message : "", "");
    return status == 0 ? 0 : item.number;
}

static struct delivery_item get(struct store *store, uint64_t number)
{
    struct delivery_item item;
    ASSERT_INT(delivery_next(store, number - 1, true, &item, NULL), 1);
    ASSERT_INT(item.number, number);
    return item;
}

static void acknowledge(struct store *store, uint64_t first, uint64_t last)
{
    ASSERT_INT(delivery_acknowledge(store, first, last, NULL), 0);
    ASSERT_INT(store_commit(store, NULL), 0);
}

/* --- What there is ---------------------------------------------------------
 */

static void an_item_says_whose_it_is(void)
{
    struct delivery_item item;
    struct drover_value i;
    struct store *store = with_items(3);
    ASSERT_INT(delivery_next(store, 1, false, &item, NULL), 1);
    ASSERT_INT(item.number, 2);
    ASSERT(!item.redelivered);
    ASSERT(item.ended);
    ASSERT_TEXT(item.stage, "count");
    ASSERT_INT(item.index, 1);
    ASSERT_INT(drover_map_get(item.args, "i", &i), 0);
    ASSERT_INT(stores_int(i), 1);
    ASSERT_INT(item.cause, DROVER_OK);
    ASSERT_TEXT(item.text, "");
    ASSERT_INT(item.elapsed_ns, 1000);
    ASSERT_INT(stores_int(item.value), 1);
    end(store);
}

static void a_failure_is_an_item_without_a_value(void)
{
    struct store *store = with_items(0);
    stores_end_call(store, "count", 9, DROVER_SIGNAL);
    ASSERT_INT(store_commit(store, NULL), 0);
    struct delivery_item item = get(store, 1);
    ASSERT(item.ended);
    ASSERT_INT(item.cause, DROVER_SIGNAL);
    ASSERT_TEXT(item.text, "it broke");
    ASSERT_INT(item.code, 7);
    ASSERT_INT(item.cpu_us, 20);
    ASSERT_INT(item.memory_kib, 300);
    ASSERT_INT(item.value.size, 0);
    end(store);
}

/* The call may still fail: that is another item. */
static void a_value_sent_ahead_is_an_item_before_the_call_ends(void)
{
    struct store *store = with_items(0);
    int64_t id = stores_begin_call(store, "rows", 0);
    stores_add_int(store, id, 0, 10, false);
    ASSERT_INT(store_commit(store, NULL), 0);
    struct delivery_item item = get(store, 1);
    ASSERT(!item.ended);
    ASSERT_INT(item.cause, DROVER_OK);
    ASSERT_INT(item.elapsed_ns, 0);
    stores_end_begun(store, id, DROVER_ERROR);
    ASSERT_INT(store_commit(store, NULL), 0);
    item = get(store, 1);
    ASSERT(!item.ended);
    ASSERT_INT(item.cause, DROVER_OK);
    ASSERT_TEXT(item.text, "");
    item = get(store, 2);
    ASSERT(item.ended);
    ASSERT_INT(item.cause, DROVER_ERROR);
    end(store);
}

static void what_is_not_committed_is_not_delivered(void)
{
    struct store *store = with_items(1);
    stores_return_int(store, "count", 1);
    ASSERT_INT(next(store, 1), 0);
    ASSERT_INT(delivery_last(store), 1);
    ASSERT_INT(delivery_acknowledge(store, 1, 2, NULL), 0);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_INT(next(store, 1), 2);
    ASSERT_INT(delivery_last(store), 2);
    end(store);
}

static void what_is_not_offered_is_not_delivered(void)
{
    uint8_t byte[] = { 0x07 };
    struct delivery_item item;
    struct record_value value = { .value = { byte, 1 }, .last = true };
    struct store *store = with_items(0);
    int64_t id = stores_end_call(store, "count", 0, DROVER_OK);
    ASSERT_INT(record_add_value(store, id, &value, NULL, NULL), 0);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_INT(next(store, 0), 0);
    ASSERT_INT(delivery_next(store, 0, true, &item, NULL), 0);
    ASSERT(delivery_is_complete(store));
    end(store);
}

/* --- Giving ----------------------------------------------------------------
 */

static void what_was_given_is_redelivered_as_such(void)
{
    struct store *store = with_items(4);
    ASSERT_INT(delivery_give(store, 2, 3, NULL), 0);
    store = stores_reopen(store);
    for (uint64_t i = 1; i <= 4; i++) {
        struct delivery_item item;
        ASSERT_INT(delivery_next(store, i - 1, false, &item, NULL), 1);
        ASSERT_INT(item.number, i);
        ASSERT_INT(item.redelivered, i == 2 || i == 3);
        ASSERT_INT(stores_int(item.value), i - 1);
    }
    end(store);
}

static void what_is_acknowledged_is_never_delivered_again(void)
{
    struct store *store = with_items(5);
    ASSERT_INT(delivery_give(store, 1, 5, NULL), 0);
    acknowledge(store, 2, 3);
    ASSERT_INT(summary_of(store).acknowledged, 2);
    ASSERT_INT(next(store, 0), 1);
    ASSERT_INT(next(store, 1), 4);
    store = stores_reopen(store);
    ASSERT_INT(summary_of(store).acknowledged, 2);
    ASSERT_INT(next(store, 0), 1);
    ASSERT_INT(next(store, 1), 4);
    acknowledge(store, 1, 1);
    ASSERT_INT(next(store, 0), 4);
    ASSERT_INT(delivery_give(store, 1, 5, NULL), 0);
    ASSERT_INT(next(store, 0), 4);
    end(store);
}

static void acknowledging_twice_counts_once(void)
{
    struct store *store = with_items(5);
    acknowledge(store, 1, 3);
    acknowledge(store, 2, 4);
    ASSERT_INT(summary_of(store).acknowledged, 4);
    ASSERT(!delivery_is_complete(store));
    acknowledge(store, 1, UINT64_MAX);
    ASSERT_INT(summary_of(store).acknowledged, 5);
    ASSERT(delivery_is_complete(store));
    acknowledge(store, 7, 9);
    acknowledge(store, 3, 2);
    ASSERT_INT(summary_of(store).acknowledged, 5);
    end(store);
}

static void it_is_complete_when_that_is_committed(void)
{
    struct store *store = with_items(1);
    ASSERT_INT(delivery_acknowledge(store, 1, 1, NULL), 0);
    ASSERT(!delivery_is_complete(store));
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT(delivery_is_complete(store));
    stores_return_int(store, "count", 1);
    ASSERT(!delivery_is_complete(store));
    end(store);
}

static void peeking_sees_what_is_acknowledged(void)
{
    struct delivery_item item;
    struct store *store = with_items(3);
    acknowledge(store, 1, 2);
    ASSERT_INT(delivery_next(store, 0, true, &item, NULL), 1);
    ASSERT_INT(item.number, 1);
    ASSERT_INT(delivery_next(store, 1, true, &item, NULL), 1);
    ASSERT_INT(item.number, 2);
    ASSERT_INT(next(store, 0), 3);
    end(store);
}

/* Where the next is looked for moves on; it must not move past anything. */
static void acknowledgements_in_any_order_leave_out_nothing(void)
{
    enum { ITEMS = 64 };
    bool acknowledged[ITEMS + 2] = { false };
    struct store *store = with_items(ITEMS);
    for (uint64_t step = 0; step < ITEMS; step++) {
        uint64_t number = step * 37 % ITEMS + 1, expected = 1;
        acknowledge(store, number, number);
        acknowledged[number] = true;
        while (acknowledged[expected])
            expected++;
        if (step % 3 == 0)
            ASSERT_INT(next(store, 0), expected > ITEMS ? 0 : expected);
        if (step % 16 == 0)
            store = stores_reopen(store);
    }
    ASSERT_INT(next(store, 0), 0);
    stores_return_int(store, "count", ITEMS);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_INT(next(store, 0), ITEMS + 1);
    end(store);
}

/* --- Withdrawing -----------------------------------------------------------
 */

static void a_number_is_never_used_for_another_item(void)
{
    struct store *store = with_items(1);
    int64_t id = stores_end_call(store, "count", 1, DROVER_ERROR);
    store = stores_reopen(store);
    ASSERT_INT(next(store, 1), 2);
    stores_end_begun(store, id, DROVER_OK);
    store = stores_reopen(store);
    ASSERT_INT(next(store, 1), 0);
    ASSERT_INT(delivery_last(store), 2);
    ASSERT_INT(stores_add_int(store, id, 0, 1, true), 3);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_INT(next(store, 1), 3);
    end(store);
}

static void
a_failure_that_was_acknowledged_is_not_shown_as_what_came_later(void)
{
    struct delivery_item item;
    struct store *store = with_items(0);
    int64_t id = stores_end_call(store, "count", 0, DROVER_ERROR);
    ASSERT_INT(store_commit(store, NULL), 0);
    acknowledge(store, 1, 1);
    stores_end_begun(store, id, DROVER_OK);
    stores_add_int(store, id, 0, 5, true);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_INT(summary_of(store).items, 2);
    ASSERT_INT(summary_of(store).acknowledged, 1);
    ASSERT_INT(delivery_next(store, 0, true, &item, NULL), 1);
    ASSERT_INT(item.number, 2);
    acknowledge(store, 2, 2);
    ASSERT(delivery_is_complete(store));
    end(store);
}

UNIT_CASES(
    CASE(an_item_says_whose_it_is), CASE(a_failure_is_an_item_without_a_value),
    CASE(a_value_sent_ahead_is_an_item_before_the_call_ends),
    CASE(what_is_not_committed_is_not_delivered),
    CASE(what_is_not_offered_is_not_delivered),
    CASE(what_was_given_is_redelivered_as_such),
    CASE(what_is_acknowledged_is_never_delivered_again),
    CASE(acknowledging_twice_counts_once),
    CASE(it_is_complete_when_that_is_committed),
    CASE(peeking_sees_what_is_acknowledged),
    CASE(acknowledgements_in_any_order_leave_out_nothing),
    CASE(a_number_is_never_used_for_another_item),
    CASE(a_failure_that_was_acknowledged_is_not_shown_as_what_came_later))
