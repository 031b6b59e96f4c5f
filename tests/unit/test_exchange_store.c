/* Store callbacks: they take all outcomes, and may start more. */
#include <errno.h>

#include "tasks.h"
#include "unit.h"

static const struct drover_value nothing;
static struct drover_error err;

/* What the callback was given. */
struct stored {
    int count;
    int ended;
    int failed;
    int64_t sum;
    int to_start;
    uint64_t indexes;
};

static void add_up(struct drover_exchange *exchange,
                   const struct drover_outcome *outcome, void *context)
{
    struct stored *stored = context;
    int64_t n;
    stored->count++;
    stored->ended += outcome->ended;
    stored->failed += outcome->cause != DROVER_OK;
    stored->indexes |= outcome->ended ? (uint64_t)1 << outcome->index : 0;
    if (outcome->cause == DROVER_OK &&
        drover_value_get_int(outcome->value, &n) == 0)
        stored->sum += n;
    if (stored->to_start > 0) {
        stored->to_start--;
        drover_exchange_start(exchange, task_double, NULL, args_of(100));
    }
}

static struct drover_exchange *create(struct stored *stored, bool continuous)
{
    struct drover_exchange *queue = drover_queue_create(
        &(struct drover_exchange_options){ .limit = 2,
                                           .continuous = continuous,
                                           .store = add_up,
                                           .store_context = stored },
        &err);
    ASSERT(queue != NULL);
    return queue;
}

static void every_outcome_is_stored_once(void)
{
    struct stored stored = { 0 };
    struct drover_exchange *queue = create(&stored, false);
    for (int i = 0; i < 20; i++)
        drover_exchange_start(queue, i % 5 == 0 ? task_end : task_double, NULL,
                              args_of(i % 5 == 0 ? ENDING_CRASHED : i));
    ASSERT_INT(drover_exchange_finish(queue, &err), 0);
    ASSERT_INT(stored.count, 20);
    ASSERT_INT(stored.failed, 4);
    ASSERT_INT(stored.indexes, (1 << 20) - 1);
    ASSERT_INT(stored.sum, 2 * (190 - 5 - 10 - 15));
    ASSERT(!drover_exchange_unfinished(queue));
    drover_exchange_destroy(queue);
}

static void a_callback_may_start_calls(void)
{
    struct stored stored = { .to_start = 10 };
    struct drover_exchange *queue = create(&stored, false);
    drover_exchange_start(queue, task_double, NULL, args_of(1));
    ASSERT_INT(drover_exchange_finish(queue, &err), 0);
    ASSERT_INT(stored.count, 11);
    ASSERT_INT(stored.sum, 2 + 10 * 200);
    drover_exchange_destroy(queue);
}

static void send_end(struct drover_exchange *exchange,
                     const struct drover_outcome *outcome, void *context)
{
    int *ends = context;
    if (outcome->ended)
        *ends += 1;
    else if (int_of(outcome->value) < 10)
        ASSERT_INT(drover_exchange_send(exchange, outcome->index, value_of(4)),
                   0);
    else
        ASSERT_INT(drover_exchange_send(exchange, outcome->index, nothing), 0);
}

static void a_callback_may_send_values(void)
{
    int ends = 0;
    struct drover_exchange *queue = drover_queue_create(
        &(struct drover_exchange_options){ .limit = 2,
                                           .continuous = true,
                                           .store = send_end,
                                           .store_context = &ends },
        &err);
    for (uint64_t i = 0; i < 6; i++) {
        drover_exchange_start(queue, task_add_up, NULL, nothing);
        ASSERT_INT(drover_exchange_send(queue, i, value_of(1)), 0);
    }
    ASSERT_INT(drover_exchange_finish(queue, &err), 0);
    ASSERT_INT(ends, 6);
    drover_exchange_destroy(queue);
}

static void storing_counts_what_was_stored(void)
{
    struct stored stored = { 0 };
    struct drover_exchange *queue = create(&stored, true);
    ASSERT_INT(drover_exchange_store(queue, -1, &err), 0);
    drover_exchange_start(queue, task_count, NULL, args_of(5));
    int64_t count = 0, more;
    while ((more = drover_exchange_store(queue, SOON_MS, &err)) > 0)
        count += more;
    ASSERT_INT(more, 0);
    ASSERT_INT(count, 6);
    ASSERT_INT(stored.count, 6);
    ASSERT_INT(stored.ended, 1);
    ASSERT_INT(stored.sum, 15);
    drover_exchange_start(queue, task_hang, NULL, nothing);
    ASSERT_INT(drover_exchange_store(queue, 20, &err), 0);
    drover_exchange_destroy(queue);
}

static void nothing_is_left_to_take(void)
{
    struct stored stored = { 0 };
    struct drover_exchange *queue = create(&stored, false);
    struct drover_outcome outcome;
    for (int i = 0; i < 5; i++)
        drover_exchange_start(queue, task_double, NULL, args_of(i));
    ASSERT_INT(drover_exchange_next(queue, &outcome, SOON_MS, &err), 0);
    ASSERT_INT(stored.count, 5);
    ASSERT_INT(drover_exchange_ready(queue, SOON_MS, &err), 0);
    drover_exchange_destroy(queue);
}

static void a_map_stores_in_the_order_of_the_calls(void)
{
    struct stored stored = { 0 };
    struct drover_exchange *map = drover_map_create(
        &(struct drover_exchange_options){
            .limit = 2, .store = add_up, .store_context = &stored },
        &err);
    drover_exchange_start(map, task_hang, NULL, nothing);
    for (int i = 0; i < 3; i++)
        drover_exchange_start(map, task_double, NULL, args_of(i));
    ASSERT_INT(drover_exchange_store(map, 50, &err), 0);
    ASSERT_INT(stored.count, 0);
    drover_exchange_destroy(map);
}

static void without_a_callback_outcomes_are_kept(void)
{
    struct drover_exchange *queue = drover_queue_create(NULL, &err);
    struct drover_outcome outcome;
    drover_exchange_start(queue, task_double, NULL, args_of(4));
    ASSERT_INT(drover_exchange_store(queue, SOON_MS, &err), 1);
    ASSERT_INT(drover_exchange_finish(queue, &err), 0);
    ASSERT_INT(drover_exchange_next(queue, &outcome, 0, &err), 1);
    ASSERT_INT(int_of(outcome.value), 8);
    drover_exchange_destroy(queue);
}

UNIT_CASES(CASE(every_outcome_is_stored_once), CASE(a_callback_may_start_calls),
           CASE(a_callback_may_send_values),
           CASE(storing_counts_what_was_stored), CASE(nothing_is_left_to_take),
           CASE(a_map_stores_in_the_order_of_the_calls),
           CASE(without_a_callback_outcomes_are_kept))
