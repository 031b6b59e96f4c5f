#include "store/reading.h"

#include <errno.h>

#include "store/checksum.h"
#include "store/state.h"

int reading_get_cause(struct store *store, sqlite3_stmt *row, int column,
                      enum drover_cause *out, struct drover_error *err)
{
    int cause = sqlite3_column_int(row, column);
    if (cause < 0 || cause >= DROVER_CAUSES)
        return store_fail_damaged(store, "a call has ended in no known way",
                                  err);
    *out = (enum drover_cause)cause;
    return statement_check(store, err);
}

static int check_value(struct store *store, struct drover_value value,
                       struct drover_error *err)
{
    if (value.size == 0)
        return statement_check(store, err);
    int status = drover_value_check(value, NULL);
    if (status == -ENOMEM)
        return store_fail(store, SQLITE_NOMEM, err);
    return status == 0
               ? 0
               : store_fail_damaged(store, "a value is not well-formed", err);
}

int reading_get_args(struct store *store, sqlite3_stmt *row, int column,
                     struct drover_value *out, struct drover_error *err)
{
    *out = statement_value(row, column);
    return check_value(store, *out, err);
}

int reading_get_value(struct store *store, sqlite3_stmt *row,
                      const struct reading_columns *columns, int64_t id,
                      struct drover_value *out, struct drover_error *err)
{
    uint64_t number = (uint64_t)sqlite3_column_int64(row, columns->number);
    *out = statement_value(row, columns->value);
    if (checksum_of(*out, id, number) !=
        sqlite3_column_int64(row, columns->checksum))
        return store_fail_damaged(store, "a value has a wrong checksum", err);
    return check_value(store, *out, err);
}
