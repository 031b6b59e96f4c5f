#include "store/delivery.h"

#include <errno.h>

#include "base/error.h"
#include "store/reading.h"
#include "store/record.h"
#include "store/stages.h"
#include "store/state.h"

/* The columns of STATEMENT_NEXT_ITEM. */
enum {
    ITEM_ID,
    ITEM_LAST,
    ITEM_DELIVERY,
    ITEM_CHECKSUM,
    ITEM_VALUE,
    ITEM_STAGE,
    ITEM_POSITION,
    ITEM_ARGS,
    ITEM_CAUSE,
    ITEM_TEXT,
    ITEM_CODE,
    ITEM_ELAPSED,
    ITEM_CPU,
    ITEM_MEMORY,
    ITEM_CALL,
    ITEM_NUMBER,
};

static uint64_t get_number(sqlite3_stmt *row, int column)
{
    return (uint64_t)sqlite3_column_int64(row, column);
}

/* --- Reading ---------------------------------------------------------------
 */

/* Whose item it is. */
static int read_call(struct store *store, sqlite3_stmt *row,
                     struct delivery_item *item, struct drover_error *err)
{
    item->stage = stages_name(store, sqlite3_column_int64(row, ITEM_STAGE));
    item->index = get_number(row, ITEM_POSITION);
    if (item->stage == NULL)
        return store_fail_damaged(store, "a value is of no call", err);
    return reading_get_args(store, row, ITEM_ARGS, &item->args, err);
}

static void read_resources(sqlite3_stmt *row, struct delivery_item *item)
{
    item->elapsed_ns = get_number(row, ITEM_ELAPSED);
    item->cpu_us = get_number(row, ITEM_CPU);
    item->memory_kib = get_number(row, ITEM_MEMORY);
}

static int read_value(struct store *store, sqlite3_stmt *row,
                      struct delivery_item *item, struct drover_error *err)
{
    static const struct reading_columns columns = {
        .number = ITEM_NUMBER,
        .checksum = ITEM_CHECKSUM,
        .value = ITEM_VALUE,
    };
    item->cause = DROVER_OK;
    item->text = "";
    return reading_get_value(store, row, &columns,
                             sqlite3_column_int64(row, ITEM_CALL), &item->value,
                             err);
}

static int read_failure(struct store *store, sqlite3_stmt *row,
                        struct delivery_item *item, struct drover_error *err)
{
    item->text = statement_text(row, ITEM_TEXT);
    item->code = sqlite3_column_int(row, ITEM_CODE);
    return reading_get_cause(store, row, ITEM_CAUSE, &item->cause, err);
}

static int read_item(struct store *store, sqlite3_stmt *row,
                     struct delivery_item *item, struct drover_error *err)
{
    bool failure = sqlite3_column_type(row, ITEM_NUMBER) == SQLITE_NULL;
    *item = (struct delivery_item){
        .number = get_number(row, ITEM_ID),
        .redelivered =
            sqlite3_column_int(row, ITEM_DELIVERY) != DELIVERY_WAITING,
        .ended = sqlite3_column_int(row, ITEM_LAST) != 0,
    };
    int status = read_call(store, row, item, err);
    if (status < 0)
        return status;
    if (item->ended)
        read_resources(row, item);
    return failure ? read_failure(store, row, item, err)
                   : read_value(store, row, item, err);
}

static int find_item(struct store *store, uint64_t after, bool all,
                     sqlite3_stmt **row, struct drover_error *err)
{
    enum statement id = all ? STATEMENT_NEXT_ITEM : STATEMENT_NEXT_OPEN_ITEM;
    int status = statement_start(store, id, row, err, "ii", (int64_t)after,
                                 (int64_t)store->committed.last_item);
    if (status == 0)
        status = statement_step(store, *row, err);
    if (status == 1)
        store->lent = *row;
    return status;
}

int delivery_next(struct store *store, uint64_t after, bool all,
                  struct delivery_item *out, struct drover_error *err)
{
    sqlite3_stmt *row;
    struct delivery_item item = { .number = store->committed.last_item + 1 };
    int status = store_ready(store, err);
    if (status < 0)
        return status;
    /* What is before the first open item need not be looked at again. */
    bool from_open = !all && after < store->tally.open_item;
    if (from_open)
        after = store->tally.open_item - 1;
    status = find_item(store, after, all, &row, err);
    if (status == 1 && read_item(store, row, &item, err) < 0)
        return store->failure;
    if (status >= 0 && from_open)
        store->tally.open_item = item.number;
    if (status == 1)
        *out = item;
    return status;
}

uint64_t delivery_last(const struct store *store)
{
    return store->committed.last_item;
}

/* --- Going on --------------------------------------------------------------
 */

int store_move_items(struct store *store, const struct span *span,
                     struct drover_error *err)
{
    int status = statement_run(store, STATEMENT_MOVE_ITEMS, err, "iii",
                               (int64_t)span->state, (int64_t)span->first,
                               (int64_t)span->last);
    if (status < 0 || span->state != DELIVERY_ACKNOWLEDGED)
        return status;
    store->tally.acknowledged += (uint64_t)sqlite3_changes64(store->db);
    if (span->first <= store->tally.open_item &&
        span->last >= store->tally.open_item)
        store->tally.open_item = span->last + 1;
    return 0;
}

/* What is not committed can have been given to nobody. */
static int move(struct store *store, struct span span, struct drover_error *err)
{
    if (span.last > store->committed.last_item)
        span.last = store->committed.last_item;
    if (span.first > span.last)
        return store_ready(store, err);
    int status = store_begin(store, sizeof span, err);
    if (status == 0)
        status = store_note_span(store, span, err);
    return status == 0 ? store_move_items(store, &span, err) : status;
}

int delivery_give(struct store *store, uint64_t first, uint64_t last,
                  struct drover_error *err)
{
    return move(store, (struct span){ DELIVERY_GIVEN, first, last }, err);
}

int delivery_acknowledge(struct store *store, uint64_t first, uint64_t last,
                         struct drover_error *err)
{
    return move(store, (struct span){ DELIVERY_ACKNOWLEDGED, first, last },
                err);
}

bool delivery_is_complete(const struct store *store)
{
    return store->tally.items == store->tally.acknowledged &&
           store->committed.items == store->committed.acknowledged;
}
