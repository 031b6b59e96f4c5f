/* What the record says of calls. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stores.h"
#include "unit.h"

static struct store_summary summary_of(struct store *store)
{
    struct store_summary summary;
    ASSERT_INT(store_commit(store, NULL), 0);
    store_summarize(store, &summary);
    return summary;
}

/* --- Finding ---------------------------------------------------------------
 */

static void a_call_that_has_ended_is_found_by_its_key(void)
{
    struct record_found found;
    stores_begin();
    struct store *store = stores_create();
    for (uint64_t i = 0; i < 100; i++)
        stores_return_int(store, "count", i);
    store = stores_reopen(store);
    for (uint64_t i = 0; i < 100; i++) {
        ASSERT_INT(record_find(store, "count", stores_key(i), 0, &found, NULL),
                   1);
        ASSERT_INT(found.id, (int64_t)i + 1);
        ASSERT(found.ended);
        ASSERT_INT(found.cause, DROVER_OK);
        ASSERT_TEXT(found.text, "");
        ASSERT_INT(found.printed_size, 0);
        ASSERT_INT(found.attempts, 2);
        ASSERT_INT(found.values, 1);
    }
    ASSERT_INT(record_find(store, "count", stores_key(100), 0, &found, NULL),
               0);
    ASSERT_INT(record_find(store, "other", stores_key(1), 0, &found, NULL), 0);
    store_close(store);
    stores_end();
}

static void equal_calls_have_a_record_each(void)
{
    struct record_found found;
    stores_begin();
    struct store *store = stores_create();
    stores_return_int(store, "count", 5);
    stores_return_int(store, "other", 5);
    stores_end_call(store, "count", 5, DROVER_EXIT);
    ASSERT_INT(record_find(store, "count", stores_key(5), 0, &found, NULL), 1);
    ASSERT_INT(found.id, 1);
    ASSERT_INT(record_find(store, "count", stores_key(5), 1, &found, NULL), 1);
    ASSERT_INT(found.id, 3);
    ASSERT_INT(found.cause, DROVER_EXIT);
    ASSERT_TEXT(found.text, "it broke");
    ASSERT_INT(found.printed_size, strlen("last words\n"));
    ASSERT(memcmp(found.printed, "last words\n", found.printed_size) == 0);
    ASSERT_INT(record_find(store, "count", stores_key(5), 3, &found, NULL), 0);
    store_close(store);
    stores_end();
}

static void a_call_that_goes_on_is_found_without_an_outcome(void)
{
    struct record_found found;
    stores_begin();
    struct store *store = stores_create();
    int64_t id = stores_begin_call(store, "rows", 0);
    stores_add_int(store, id, 0, 10, false);
    stores_add_int(store, id, 1, 11, false);
    store = stores_reopen(store);
    ASSERT_INT(record_find(store, "rows", stores_key(0), 0, &found, NULL), 1);
    ASSERT(!found.ended);
    ASSERT_INT(found.values, 2);
    ASSERT_INT(summary_of(store).done, 0);
    stores_end_begun(store, found.id, DROVER_OK);
    ASSERT_INT(record_find(store, "rows", stores_key(0), 0, &found, NULL), 1);
    ASSERT(found.ended);
    ASSERT_INT(summary_of(store).done, 1);
    store_close(store);
    stores_end();
}

/* --- Values ----------------------------------------------------------------
 */

struct taken {
    struct record_stored stored[8];
    uint64_t ints[8];
    size_t count;
    size_t stop_after;
};

static int take(void *context, const struct record_stored *stored)
{
    struct taken *taken = context;
    ASSERT(taken->count < 8);
    taken->stored[taken->count] = *stored;
    taken->ints[taken->count] = stores_int(stored->value.value);
    taken->count++;
    return taken->count == taken->stop_after ? -ECANCELED : 0;
}

static void values_are_read_in_their_order(void)
{
    struct taken taken = { .count = 0 };
    stores_begin();
    struct store *store = stores_create();
    int64_t id = stores_begin_call(store, "rows", 0);
    int64_t other = stores_begin_call(store, "rows", 1);
    stores_add_int(store, id, 0, 10, false);
    stores_add_int(store, other, 0, 20, false);
    stores_add_int(store, id, 1, 11, false);
    stores_add_int(store, id, 2, 12, true);
    ASSERT_INT(record_read_values(store, id, take, &taken, NULL), 0);
    ASSERT_INT(taken.count, 3);
    for (size_t i = 0; i < 3; i++) {
        ASSERT_INT(taken.ints[i], 10 + i);
        ASSERT_INT(taken.stored[i].value.number, i);
        ASSERT_INT(taken.stored[i].value.last, i == 2);
        ASSERT(taken.stored[i].value.offered);
        ASSERT(!taken.stored[i].acknowledged);
    }
    ASSERT_INT(taken.stored[0].item, 1);
    ASSERT_INT(taken.stored[2].item, 4);
    store_close(store);
    stores_end();
}

static void reading_ends_when_the_reader_says_so(void)
{
    struct taken taken = { .stop_after = 1 };
    stores_begin();
    struct store *store = stores_create();
    int64_t id = stores_begin_call(store, "rows", 0);
    stores_add_int(store, id, 0, 10, false);
    stores_add_int(store, id, 1, 11, false);
    ASSERT_INT(record_read_values(store, id, take, &taken, NULL), -ECANCELED);
    ASSERT_INT(taken.count, 1);
    ASSERT_INT(store_commit(store, NULL), 0);
    store_close(store);
    stores_end();
}

/* A resumed call may send something else; who has the first may have used
 * it. */
static void a_value_that_is_there_stays_as_it_is(void)
{
    struct taken taken = { .count = 0 };
    struct record_found found;
    stores_begin();
    struct store *store = stores_create();
    int64_t id = stores_begin_call(store, "rows", 0);
    uint64_t item = stores_add_int(store, id, 0, 10, false);
    store = stores_reopen(store);
    ASSERT_INT(record_find(store, "rows", stores_key(0), 0, &found, NULL), 1);
    ASSERT_INT(stores_add_int(store, found.id, 0, 99, false), item);
    ASSERT_INT(stores_add_int(store, found.id, 1, 11, true), item + 1);
    ASSERT_INT(record_read_values(store, id, take, &taken, NULL), 0);
    ASSERT_INT(taken.count, 2);
    ASSERT_INT(taken.ints[0], 10);
    ASSERT_INT(taken.ints[1], 11);
    ASSERT_INT(summary_of(store).items, 2);
    store_close(store);
    stores_end();
}

/* Nor is one that comes twice in one life. */
static void a_value_is_taken_once(void)
{
    stores_begin();
    struct store *store = stores_create();
    int64_t id = stores_begin_call(store, "rows", 0);
    ASSERT_INT(stores_add_int(store, id, 0, 10, false), 1);
    ASSERT_INT(stores_add_int(store, id, 0, 11, false), 1);
    id = stores_return_int(store, "rows", 1);
    ASSERT_INT(stores_add_int(store, id, 0, 12, true), 2);
    ASSERT_INT(summary_of(store).items, 2);
    store_close(store);
    stores_end();
}

static void a_value_that_is_not_offered_is_kept_all_the_same(void)
{
    struct taken taken = { .count = 0 };
    uint8_t byte[] = { 0x07 };
    uint64_t item = 77;
    struct record_value value = { .value = { byte, 1 }, .last = true };
    stores_begin();
    struct store *store = stores_create();
    int64_t id = stores_end_call(store, "count", 0, DROVER_OK);
    ASSERT_INT(record_add_value(store, id, &value, &item, NULL), 0);
    ASSERT_INT(item, 0);
    ASSERT_INT(summary_of(store).items, 0);
    ASSERT_INT(record_read_values(store, id, take, &taken, NULL), 0);
    ASSERT_INT(taken.count, 1);
    ASSERT_INT(taken.ints[0], 7);
    ASSERT(!taken.stored[0].value.offered);
    store_close(store);
    stores_end();
}

struct large {
    const uint8_t *bytes;
    size_t size;
    bool equal;
};

static int compare_large(void *context, const struct record_stored *stored)
{
    struct large *large = context;
    large->equal =
        stored->value.value.size == large->size &&
        memcmp(stored->value.value.data, large->bytes, large->size) == 0;
    return 0;
}

static void a_large_value_comes_back_as_it_went(void)
{
    const size_t size = 20 * 1024 * 1024;
    uint8_t *bytes = calloc(1, size + 5);
    memcpy(bytes, (uint8_t[]){ 0x5a, 0x01, 0x40, 0x00, 0x00 }, 5);
    for (size_t i = 5; i < size + 5; i++)
        bytes[i] = (uint8_t)(i * i >> 8);
    struct record_value value = { .value = { bytes, size + 5 },
                                  .last = true,
                                  .offered = true };
    struct large large = { bytes, size + 5, false };
    stores_begin();
    struct store *store = stores_create();
    int64_t id = stores_end_call(store, "count", 0, DROVER_OK);
    ASSERT_INT(record_add_value(store, id, &value, NULL, NULL), 0);
    ASSERT(store_uncommitted(store) > size);
    store = stores_reopen(store);
    ASSERT_INT(record_read_values(store, id, compare_large, &large, NULL), 0);
    ASSERT(large.equal);
    store_close(store);
    stores_end();
    free(bytes);
}

/* --- Outcomes that take the place of others --------------------------------
 */

static void a_failure_that_is_run_again_is_withdrawn(void)
{
    struct record_found found;
    stores_begin();
    struct store *store = stores_create();
    int64_t id = stores_end_call(store, "count", 3, DROVER_SIGNAL);
    stores_return_int(store, "count", 4);
    store = stores_reopen(store);
    ASSERT_INT(summary_of(store).failed, 1);
    ASSERT_INT(summary_of(store).items, 2);
    stores_end_begun(store, id, DROVER_OK);
    stores_add_int(store, id, 0, 3, true);
    ASSERT_INT(summary_of(store).failed, 0);
    ASSERT_INT(summary_of(store).done, 2);
    ASSERT_INT(summary_of(store).items, 2);
    ASSERT_INT(record_find(store, "count", stores_key(3), 0, &found, NULL), 1);
    ASSERT_INT(found.cause, DROVER_OK);
    ASSERT_INT(found.values, 1);
    store_close(store);
    stores_end();
}

static void a_failure_may_take_the_place_of_another(void)
{
    stores_begin();
    struct store *store = stores_create();
    int64_t id = stores_end_call(store, "count", 3, DROVER_SIGNAL);
    stores_end_begun(store, id, DROVER_EXIT);
    ASSERT_INT(summary_of(store).failed, 1);
    ASSERT_INT(summary_of(store).items, 1);
    store_close(store);
    stores_end();
}

static void a_call_that_is_not_there_cannot_end(void)
{
    struct record_outcome outcome = { .text = "" };
    int64_t id = 12;
    stores_begin();
    struct store *store = stores_create();
    ASSERT_INT(record_end(store, &id, NULL, &outcome, true, &stores_error),
               -EINVAL);
    ASSERT_CONTAINS(stores_error.message, "has no call 12");
    stores_return_int(store, "count", 0);
    ASSERT_INT(store_commit(store, NULL), 0);
    store_close(store);
    stores_end();
}

static void calls_that_were_never_made_are_forgotten(void)
{
    static const uint8_t no_key[RECORD_KEY_BYTES];
    struct record_call call = { .stage = "count", .key = no_key };
    struct record_outcome outcome = { .cause = DROVER_ERROR,
                                      .text = "no such file" };
    stores_begin();
    struct store *store = stores_create();
    stores_end_call(store, "count", 0, DROVER_ERROR);
    for (call.index = 1; call.index < 4; call.index++) {
        int64_t id = 0;
        ASSERT_INT(record_end(store, &id, &call, &outcome, true, NULL), 0);
    }
    store = stores_reopen(store);
    ASSERT_INT(summary_of(store).failed, 4);
    ASSERT_INT(record_forget_unmade(store, NULL), 0);
    store = stores_reopen(store);
    ASSERT_INT(summary_of(store).failed, 1);
    ASSERT_INT(summary_of(store).items, 1);
    store_close(store);
    stores_end();
}

/* --- Failures --------------------------------------------------------------
 */

static int print_failure(void *context, const struct record_call *call,
                         const struct record_outcome *outcome)
{
    char line[200], *text = context;
    snprintf(line, sizeof line,
             "%s %d: %d %s, %d, %d attempts, %d ns, %d us, %d KiB, %.*s%d\n",
             call->stage, (int)call->index, outcome->cause, outcome->text,
             outcome->number, (int)outcome->attempts, (int)outcome->elapsed_ns,
             (int)outcome->cpu_us, (int)outcome->memory_kib,
             (int)outcome->printed_size, outcome->printed,
             outcome->printed_cut);
    ASSERT_INT(memcmp(call->key, stores_key(call->index), RECORD_KEY_BYTES), 0);
    struct drover_value i;
    ASSERT_INT(drover_map_get(call->args, "i", &i), 0);
    ASSERT_INT(stores_int(i), call->index);
    strcat(text, line);
    return 0;
}

static void failures_are_read_with_all_that_is_known(void)
{
    char text[1000] = "";
    stores_begin();
    struct store *store = stores_create();
    stores_end_call(store, "count", 0, DROVER_SIGNAL);
    stores_return_int(store, "count", 1);
    stores_begin_call(store, "count", 2);
    stores_end_call(store, "other", 3, DROVER_EXIT);
    store = stores_reopen(store);
    ASSERT_INT(record_read_failures(store, print_failure, text, NULL), 0);
    ASSERT_TEXT(text, "count 0: 3 it broke, 7, 2 attempts, 1000 ns, 20 us, "
                      "300 KiB, last words\n1\n"
                      "other 3: 2 it broke, 7, 2 attempts, 1000 ns, 20 us, "
                      "300 KiB, last words\n1\n");
    store_close(store);
    stores_end();
}

UNIT_CASES(CASE(a_call_that_has_ended_is_found_by_its_key),
           CASE(equal_calls_have_a_record_each),
           CASE(a_call_that_goes_on_is_found_without_an_outcome),
           CASE(values_are_read_in_their_order),
           CASE(reading_ends_when_the_reader_says_so),
           CASE(a_value_that_is_there_stays_as_it_is),
           CASE(a_value_is_taken_once),
           CASE(a_value_that_is_not_offered_is_kept_all_the_same),
           CASE(a_large_value_comes_back_as_it_went),
           CASE(a_failure_that_is_run_again_is_withdrawn),
           CASE(a_failure_may_take_the_place_of_another),
           CASE(a_call_that_is_not_there_cannot_end),
           CASE(calls_that_were_never_made_are_forgotten),
           CASE(failures_are_read_with_all_that_is_known))
