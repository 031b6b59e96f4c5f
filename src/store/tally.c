#include "store/tally.h"

#include "store/state.h"

int tally_write(struct store *store, struct drover_error *err)
{
    const struct tally *tally = &store->tally;
    return statement_run(store, STATEMENT_SET_TALLY, err, "iiiiiiii",
                         (int64_t)tally->commits, (int64_t)tally->total,
                         (int64_t)tally->done, (int64_t)tally->failed,
                         (int64_t)tally->items, (int64_t)tally->acknowledged,
                         (int64_t)tally->last_item, (int64_t)tally->open_item);
}

static uint64_t get(sqlite3_stmt *row, int column)
{
    return (uint64_t)sqlite3_column_int64(row, column);
}

int tally_read(struct store *store, struct drover_error *err)
{
    sqlite3_stmt *row;
    int status = statement_start(store, STATEMENT_GET_TALLY, &row, err, "");
    if (status == 0)
        status = statement_step(store, row, err);
    if (status == 0)
        return store_fail_damaged(store, "it has no tally", err);
    if (status < 0)
        return status;
    store->tally = (struct tally){
        .commits = get(row, 1),
        .total = get(row, 2),
        .done = get(row, 3),
        .failed = get(row, 4),
        .items = get(row, 5),
        .acknowledged = get(row, 6),
        .last_item = get(row, 7),
        .open_item = get(row, 8),
    };
    store->committed = store->tally;
    sqlite3_reset(row);
    return 0;
}
