/* What was recorded is read. */
#include <errno.h>

#include "store/checksum.h"
#include "store/indexes.h"
#include "store/reading.h"
#include "store/record.h"
#include "store/stages.h"
#include "store/state.h"

/* --- Finding ---------------------------------------------------------------
 */

static int count_values(struct store *store, int64_t id, uint64_t *count,
                        struct drover_error *err)
{
    sqlite3_stmt *row;
    int status =
        statement_start(store, STATEMENT_COUNT_VALUES, &row, err, "i", id);
    if (status == 0)
        status = statement_step(store, row, err);
    if (status < 0)
        return status;
    *count = (uint64_t)sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    return 0;
}

static int take_found(struct store *store, sqlite3_stmt *row,
                      struct record_found *out, struct drover_error *err)
{
    *out = (struct record_found){
        .id = sqlite3_column_int64(row, 0),
        .ended = sqlite3_column_type(row, 1) != SQLITE_NULL,
        .text = statement_text(row, 2),
        .attempts = (uint64_t)sqlite3_column_int64(row, 3),
    };
    int status = reading_get_cause(store, row, 1, &out->cause, err);
    if (status == 0 && out->cause != DROVER_OK) {
        struct drover_value printed = statement_value(row, 4);
        out->printed = (const char *)printed.data;
        out->printed_size = printed.size;
    }
    return status == 0 ? count_values(store, out->id, &out->values, err)
                       : status;
}

static int need_indexes(struct store *store, struct drover_error *err)
{
    int status = indexes_need(store, SCHEMA_CALLS_BY_KEY, err);
    return status == 0 ? indexes_need(store, SCHEMA_ITEMS_BY_CALL, err)
                       : status;
}

int record_find(struct store *store, const char *stage, const uint8_t *key,
                int64_t after, struct record_found *out,
                struct drover_error *err)
{
    sqlite3_stmt *row;
    int status = store_ready(store, err);
    int64_t number = stages_find(store, stage);
    if (status < 0 || number == 0)
        return status;
    status = need_indexes(store, err);
    if (status == 0)
        status = statement_start(store, STATEMENT_FIND_CALL, &row, err, "iki",
                                 number, key, after);
    if (status == 0)
        status = statement_step(store, row, err);
    if (status <= 0)
        return status;
    store->lent = row;
    status = take_found(store, row, out, err);
    return status < 0 ? status : 1;
}

/* --- Values ----------------------------------------------------------------
 */

typedef int (*take_value_fn)(void *context, const struct record_stored *stored);

/* The columns of STATEMENT_GET_VALUES. */
enum { VALUE_ITEM, VALUE_NUMBER, VALUE_LAST, VALUE_DELIVERY, VALUE_CHECKSUM };

static int hand_value(struct store *store, sqlite3_stmt *row, int64_t id,
                      take_value_fn take, void *context,
                      struct drover_error *err)
{
    static const struct reading_columns columns = {
        .number = VALUE_NUMBER,
        .checksum = VALUE_CHECKSUM,
        .value = VALUE_CHECKSUM + 1,
    };
    int delivery = sqlite3_column_int(row, VALUE_DELIVERY);
    struct record_stored stored = {
        .value.number = (uint64_t)sqlite3_column_int64(row, VALUE_NUMBER),
        .value.last = sqlite3_column_int(row, VALUE_LAST) != 0,
        .value.offered = delivery != DELIVERY_NOT_OFFERED,
        .item = (uint64_t)sqlite3_column_int64(row, VALUE_ITEM),
        .acknowledged = delivery == DELIVERY_ACKNOWLEDGED,
    };
    int status =
        reading_get_value(store, row, &columns, id, &stored.value.value, err);
    return status == 0 ? take(context, &stored) : status;
}

int record_read_values(struct store *store, int64_t id, take_value_fn take,
                       void *context, struct drover_error *err)
{
    sqlite3_stmt *row;
    int status = store_ready(store, err);
    if (status == 0)
        status = indexes_need(store, SCHEMA_ITEMS_BY_CALL, err);
    if (status == 0)
        status =
            statement_start(store, STATEMENT_GET_VALUES, &row, err, "i", id);
    if (status < 0)
        return status;
    while ((status = statement_step(store, row, err)) == 1) {
        status = hand_value(store, row, id, take, context, err);
        if (status != 0)
            break;
    }
    sqlite3_reset(row);
    return status;
}

/* --- Failures --------------------------------------------------------------
 */

typedef int (*take_failure_fn)(void *context, const struct record_call *call,
                               const struct record_outcome *outcome);

static int read_call(struct store *store, sqlite3_stmt *row,
                     struct record_call *call, struct drover_error *err)
{
    struct drover_value key = statement_value(row, 2);
    call->stage = stages_name(store, sqlite3_column_int64(row, 0));
    call->index = (uint64_t)sqlite3_column_int64(row, 1);
    call->key = key.data;
    if (call->stage == NULL || key.size != RECORD_KEY_BYTES)
        return store_fail_damaged(store, "a call is of no stage", err);
    return reading_get_args(store, row, 3, &call->args, err);
}

static int read_outcome(struct store *store, sqlite3_stmt *row,
                        struct record_outcome *outcome,
                        struct drover_error *err)
{
    struct drover_value printed = statement_value(row, 11);
    *outcome = (struct record_outcome){
        .text = statement_text(row, 5),
        .number = sqlite3_column_int(row, 6),
        .attempts = (uint64_t)sqlite3_column_int64(row, 7),
        .elapsed_ns = (uint64_t)sqlite3_column_int64(row, 8),
        .cpu_us = (uint64_t)sqlite3_column_int64(row, 9),
        .memory_kib = (uint64_t)sqlite3_column_int64(row, 10),
        .printed = printed.data,
        .printed_size = printed.size,
        .printed_cut = sqlite3_column_int(row, 12) != 0,
    };
    return reading_get_cause(store, row, 4, &outcome->cause, err);
}

static int hand_failure(struct store *store, sqlite3_stmt *row,
                        take_failure_fn take, void *context,
                        struct drover_error *err)
{
    struct record_call call;
    struct record_outcome outcome;
    int status = read_call(store, row, &call, err);
    if (status == 0)
        status = read_outcome(store, row, &outcome, err);
    return status == 0 ? take(context, &call, &outcome) : status;
}

int record_read_failures(struct store *store, take_failure_fn take,
                         void *context, struct drover_error *err)
{
    sqlite3_stmt *row;
    int status = store_ready(store, err);
    if (status == 0)
        status = statement_start(store, STATEMENT_GET_FAILURES, &row, err, "");
    if (status < 0)
        return status;
    while ((status = statement_step(store, row, err)) == 1) {
        status = hand_failure(store, row, take, context, err);
        if (status != 0)
            break;
    }
    sqlite3_reset(row);
    return status;
}
