/* Each record stands for one call. */
#include "store/matching.h"
#include "stores.h"
#include "unit.h"

static struct store *store;
static struct matching matching;

static void begin(void)
{
    stores_begin();
    store = stores_create();
    matching_init(&matching, store);
}

static void end(void)
{
    matching_clear(&matching);
    store_close(store);
    stores_end();
}

/* The id of the record found; 0: none. */
static int64_t find(const char *stage, uint64_t index)
{
    struct record_found found = { .id = 0 };
    int status = matching_find(&matching, stage, stores_key(index), &found,
                               &stores_error);
    ASSERT_TEXT(status < 0 ? stores_error.message : "", "");
    return status == 0 ? 0 : found.id;
}

static void a_call_finds_its_record(void)
{
    begin();
    stores_end_call(store, "count", 1, DROVER_OK);
    int64_t id = stores_end_call(store, "count", 2, DROVER_ERROR);
    ASSERT_INT(find("count", 2), id);
    ASSERT_INT(find("count", 3), 0);
    end();
}

static void equal_calls_find_a_record_each(void)
{
    begin();
    int64_t first = stores_end_call(store, "count", 1, DROVER_OK);
    int64_t other = stores_end_call(store, "count", 2, DROVER_OK);
    int64_t second = stores_end_call(store, "count", 1, DROVER_OK);
    ASSERT_INT(find("count", 1), first);
    ASSERT_INT(find("count", 1), second);
    ASSERT_INT(find("count", 1), 0);
    ASSERT_INT(find("count", 2), other);
    ASSERT_INT(find("count", 1), 0);
    end();
}

static void equal_calls_of_two_stages_do_not_hide_each_other(void)
{
    begin();
    int64_t early = stores_end_call(store, "early", 1, DROVER_OK);
    int64_t late = stores_end_call(store, "late", 1, DROVER_OK);
    ASSERT_INT(find("late", 1), late);
    ASSERT_INT(find("early", 1), early);
    end();
}

static void many_records_are_remembered(void)
{
    enum { MANY = 40000, KINDS = 5 };
    begin();
    for (uint64_t i = 0; i < MANY; i++)
        stores_end_call(store, "count", i % KINDS, DROVER_OK);
    for (uint64_t i = 0; i < MANY; i++)
        ASSERT(find("count", i % KINDS) > 0);
    for (uint64_t i = 0; i < KINDS; i++)
        ASSERT_INT(find("count", i), 0);
    end();
}

UNIT_CASES(CASE(a_call_finds_its_record), CASE(equal_calls_find_a_record_each),
           CASE(equal_calls_of_two_stages_do_not_hide_each_other),
           CASE(many_records_are_remembered))
