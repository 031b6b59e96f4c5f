/* Results in the order of their calls, whatever order these end in. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "run/order.h"
#include "unit.h"

enum { RECORDS_MAX = 4096 };

/* What left: of which call, and the number that it was. */
struct record {
    size_t count;
    uint64_t index[RECORDS_MAX];
    int64_t number[RECORDS_MAX];
    uint64_t item[RECORDS_MAX];
    int refuse; /* what emit returns from now on */
};

static struct record record;

static int emit(void *context, uint64_t index,
                const struct order_result *result)
{
    struct record *to = context;
    if (to->refuse != 0)
        return to->refuse;
    ASSERT(to->count < RECORDS_MAX);
    to->index[to->count] = index;
    to->item[to->count] = result->item;
    ASSERT_INT(drover_value_get_int(result->value, &to->number[to->count++]),
               0);
    return 0;
}

static struct order *begin(bool arrival)
{
    record = (struct record){ 0 };
    struct order *order = order_create(arrival, emit, &record);
    ASSERT(order != NULL);
    return order;
}

/* Result NUMBER (0 .. 65535) of call INDEX, in three bytes; the item has the
 * same number. */
static int add(struct order *order, uint64_t index, unsigned number)
{
    uint8_t bytes[] = { 0x19, (uint8_t)(number >> 8), (uint8_t)number };
    struct order_result result = { .value = { bytes, sizeof bytes },
                                   .item = number };
    return order_add(order, index, &result);
}

static void expect(size_t i, uint64_t index, int64_t number)
{
    ASSERT(i < record.count);
    ASSERT_INT(record.index[i], index);
    ASSERT_INT(record.number[i], number);
    ASSERT_INT(record.item[i], number);
}

static void results_of_the_first_call_leave_at_once(void)
{
    struct order *order = begin(false);
    ASSERT_INT(add(order, 0, 10), 0);
    expect(0, 0, 10);
    ASSERT_INT(add(order, 0, 11), 0);
    expect(1, 0, 11);
    ASSERT_INT(order_end(order, 0), 0);
    ASSERT_INT(add(order, 1, 20), 0);
    expect(2, 1, 20);
    order_destroy(order);
}

static void results_wait_for_the_calls_before(void)
{
    struct order *order = begin(false);
    ASSERT_INT(add(order, 2, 30), 0);
    ASSERT_INT(add(order, 2, 31), 0);
    ASSERT_INT(order_end(order, 2), 0);
    ASSERT_INT(add(order, 1, 20), 0);
    ASSERT_INT(record.count, 0);
    /* Call 1 is the first now: what it has sent leaves, and call 2 waits. */
    ASSERT_INT(order_end(order, 0), 0);
    ASSERT_INT(record.count, 1);
    expect(0, 1, 20);
    ASSERT_INT(add(order, 1, 21), 0);
    expect(1, 1, 21);
    ASSERT_INT(order_end(order, 1), 0);
    expect(2, 2, 30);
    expect(3, 2, 31);
    ASSERT_INT(record.count, 4);
    order_destroy(order);
}

static void a_call_without_results_holds_nobody_up(void)
{
    struct order *order = begin(false);
    ASSERT_INT(order_end(order, 1), 0);
    ASSERT_INT(add(order, 2, 5), 0);
    ASSERT_INT(order_end(order, 2), 0);
    ASSERT_INT(order_end(order, 0), 0);
    ASSERT_INT(record.count, 1);
    expect(0, 2, 5);
    ASSERT_INT(add(order, 3, 6), 0);
    expect(1, 3, 6);
    order_destroy(order);
}

static void by_arrival_results_leave_as_they_come(void)
{
    struct order *order = begin(true);
    ASSERT_INT(add(order, 2, 30), 0);
    ASSERT_INT(add(order, 0, 10), 0);
    ASSERT_INT(order_end(order, 2), 0);
    ASSERT_INT(add(order, 1, 20), 0);
    expect(0, 2, 30);
    expect(1, 0, 10);
    expect(2, 1, 20);
    ASSERT(!order_is_full(order, UINT64_MAX));
    order_destroy(order);
}

static void calls_can_run_ahead_only_so_far(void)
{
    struct order *order = begin(false);
    ASSERT(!order_is_full(order, ORDER_CALLS_MAX - 1));
    ASSERT(order_is_full(order, ORDER_CALLS_MAX));
    ASSERT_INT(order_end(order, 0), 0);
    ASSERT(!order_is_full(order, ORDER_CALLS_MAX));
    ASSERT(order_is_full(order, ORDER_CALLS_MAX + 1));
    order_destroy(order);
}

static void the_furthest_call_has_a_place(void)
{
    struct order *order = begin(false);
    ASSERT_INT(add(order, ORDER_CALLS_MAX - 1, 9), 0);
    ASSERT_INT(add(order, 100, 1), 0);
    for (uint64_t i = ORDER_CALLS_MAX; i-- > 0;)
        ASSERT_INT(order_end(order, i), 0);
    ASSERT_INT(record.count, 2);
    expect(0, 100, 1);
    expect(1, ORDER_CALLS_MAX - 1, 9);
    order_destroy(order);
}

static void held_bytes_are_bounded_and_counted_down(void)
{
    enum { PIECE = 1024 * 1024 };
    struct order *order = begin(false);
    uint8_t *piece = calloc(1, PIECE);
    ASSERT(piece != NULL);
    /* A text of so many bytes that the piece is one whole value. */
    static const uint8_t head[] = { 0x5a, 0, 0x0f, 0xff, 0xfb };
    memcpy(piece, head, sizeof head);
    struct drover_value value = { piece, PIECE };
    ASSERT_INT(drover_value_check(value, NULL), 0);
    for (uint64_t i = 1; i <= ORDER_BYTES_MAX / PIECE; i++) {
        ASSERT(!order_is_full(order, 100));
        ASSERT_INT(
            order_add(order, i, &(struct order_result){ .value = value }), 0);
        ASSERT_INT(order_end(order, i), 0);
    }
    ASSERT(order_is_full(order, 100));
    free(piece);
    record.refuse = -EPIPE;
    ASSERT_INT(order_end(order, 0), -EPIPE);
    order_destroy(order);
}

static void what_emit_returns_is_passed_on(void)
{
    struct order *order = begin(false);
    record.refuse = -ENOSPC;
    ASSERT_INT(add(order, 0, 1), -ENOSPC);
    ASSERT_INT(add(order, 1, 1), 0);
    ASSERT_INT(order_end(order, 0), -ENOSPC);
    order_destroy(order);
    order_destroy(NULL);
}

/* --- Any order -------------------------------------------------------------
 */

static uint64_t random_state;

static unsigned below(unsigned limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % limit;
}

enum { CALLS = 1000, RESULTS_MAX = 4, AHEAD = 300 };

/* Calls run AHEAD of the first one that has not ended, send results in turns
 * and end in any order. */
static void run_randomly(struct order *order)
{
    static unsigned wanted[CALLS], sent[CALLS];
    static bool ended[CALLS];
    size_t first = 0, total = 0;
    memset(sent, 0, sizeof sent);
    memset(ended, 0, sizeof ended);
    for (size_t i = 0; i < CALLS; i++)
        total += wanted[i] = below(RESULTS_MAX + 1);
    while (first < CALLS) {
        size_t i = first + below(AHEAD);
        if (i >= CALLS || ended[i])
            continue;
        if (sent[i] < wanted[i]) {
            unsigned number = (unsigned)i * RESULTS_MAX + sent[i]++;
            ASSERT_INT(add(order, i, number), 0);
        } else {
            ASSERT_INT(order_end(order, i), 0);
            ended[i] = true;
        }
        while (first < CALLS && ended[first])
            first++;
    }
    ASSERT_INT(record.count, total);
    for (size_t i = 0, at = 0; i < CALLS; i++)
        for (unsigned n = 0; n < wanted[i]; n++)
            expect(at++, i, (int64_t)i * RESULTS_MAX + n);
}

static void calls_that_end_in_any_order_come_out_in_theirs(void)
{
    const char *wanted = getenv("SEED");
    uint64_t first =
        wanted == NULL ? (uint64_t)clock_now_ns() : strtoull(wanted, NULL, 10);
    uint64_t last = wanted == NULL ? first + 19 : first;
    printf("\n    SEED=%llu and those up to %llu ", (unsigned long long)first,
           (unsigned long long)last);
    for (uint64_t seed = first; seed <= last; seed++) {
        struct order *order = begin(false);
        random_state = seed;
        run_randomly(order);
        order_destroy(order);
    }
}

UNIT_CASES(CASE(results_of_the_first_call_leave_at_once),
           CASE(results_wait_for_the_calls_before),
           CASE(a_call_without_results_holds_nobody_up),
           CASE(by_arrival_results_leave_as_they_come),
           CASE(calls_can_run_ahead_only_so_far),
           CASE(the_furthest_call_has_a_place),
           CASE(held_bytes_are_bounded_and_counted_down),
           CASE(what_emit_returns_is_passed_on),
           CASE(calls_that_end_in_any_order_come_out_in_theirs))
