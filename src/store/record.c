#include "store/record.h"

#include <errno.h>
#include <inttypes.h>

#include "base/error.h"
#include "store/checksum.h"
#include "store/indexes.h"
#include "store/stages.h"
#include "store/state.h"

enum { ROW_BYTES = 64 }; /* about what the numbers of one take */

/* --- Items -----------------------------------------------------------------
 */

/* The value is there already; *NUMBER as record_add_value() has it. */
static int find_item(struct store *store, int64_t id, uint64_t value,
                     uint64_t *number, struct drover_error *err)
{
    sqlite3_stmt *row;
    int status = statement_start(store, STATEMENT_FIND_ITEM, &row, err, "ii",
                                 id, (int64_t)value);
    if (status == 0)
        status = statement_step(store, row, err);
    if (status == 0)
        return store_fail_damaged(store, "two items have one number", err);
    if (status < 0)
        return status;
    bool open = sqlite3_column_int(row, 1) < DELIVERY_ACKNOWLEDGED;
    *number = open ? (uint64_t)sqlite3_column_int64(row, 0) : 0;
    sqlite3_reset(row);
    return 0;
}

static int add_item(struct store *store, int64_t id,
                    const struct record_value *value, uint64_t *number,
                    struct drover_error *err)
{
    int64_t item = (int64_t)store->tally.last_item + 1;
    enum delivery_state state =
        value->offered ? DELIVERY_WAITING : DELIVERY_NOT_OFFERED;
    int status = statement_run(
        store, STATEMENT_ADD_ITEM, err, "iiiiiib", item, id,
        (int64_t)value->number, (int64_t)value->last, (int64_t)state,
        checksum_of(value->value, id, value->number), value->value);
    if (status < 0)
        return status;
    if (sqlite3_changes(store->db) == 0)
        return find_item(store, id, value->number, number, err);
    store->tally.last_item++;
    store->tally.items += value->offered;
    *number = value->offered ? store->tally.last_item : 0;
    return 0;
}

static int offer_failure(struct store *store, int64_t id,
                         struct drover_error *err)
{
    int64_t item = (int64_t)store->tally.last_item + 1;
    int status = statement_run(store, STATEMENT_ADD_ITEM, err, "iiniinn", item,
                               id, (int64_t) true, (int64_t)DELIVERY_WAITING);
    if (status < 0)
        return status;
    store->tally.last_item++;
    store->tally.items++;
    return 0;
}

int record_add_value(struct store *store, int64_t id,
                     const struct record_value *value, uint64_t *item,
                     struct drover_error *err)
{
    uint64_t number = 0;
    bool first = store->fresh_call == id;
    int status = store_begin(store, ROW_BYTES + value->value.size, err);
    /* Only the first value of a call that was never begun is new for sure. */
    if (status == 0 && !first)
        status = indexes_need(store, SCHEMA_ITEMS_BY_CALL, err);
    if (status == 0)
        status = add_item(store, id, value, &number, err);
    if (status < 0)
        return status;
    store->recording = true;
    store->fresh_call = 0;
    if (item != NULL)
        *item = number;
    return 0;
}

/* --- Calls -----------------------------------------------------------------
 */

static size_t size_of(const struct record_call *call)
{
    return ROW_BYTES + call->args.size;
}

int record_begin(struct store *store, const struct record_call *call,
                 int64_t *id, struct drover_error *err)
{
    int64_t stage, fresh = store->last_call + 1;
    int status = store_begin(store, size_of(call), err);
    if (status == 0)
        status = stages_get(store, call->stage, &stage, err);
    if (status == 0)
        status =
            statement_run(store, STATEMENT_BEGIN_CALL, err, "iiikb", fresh,
                          stage, (int64_t)call->index, call->key, call->args);
    if (status < 0)
        return status;
    store->recording = true;
    store->last_call = fresh;
    *id = fresh;
    return 0;
}

static void count_outcome(struct store *store, enum drover_cause cause)
{
    if (cause == DROVER_OK)
        store->tally.done++;
    else
        store->tally.failed++;
}

static int add_ended(struct store *store, int64_t *id,
                     const struct record_call *call,
                     const struct record_outcome *outcome,
                     struct drover_error *err)
{
    int64_t stage, fresh = store->last_call + 1;
    struct drover_value printed = { outcome->printed, outcome->printed_size };
    int status = stages_get(store, call->stage, &stage, err);
    if (status == 0)
        status = statement_run(
            store, STATEMENT_ADD_CALL, err, "iiikbitiiiiibi", fresh, stage,
            (int64_t)call->index, call->key, call->args,
            (int64_t)outcome->cause, outcome->text, (int64_t)outcome->number,
            (int64_t)outcome->attempts, (int64_t)outcome->elapsed_ns,
            (int64_t)outcome->cpu_us, (int64_t)outcome->memory_kib, printed,
            (int64_t)outcome->printed_cut);
    if (status < 0)
        return status;
    store->last_call = fresh;
    store->fresh_call = fresh;
    *id = fresh;
    return 0;
}

/* --- An outcome that takes the place of another one ------------------------
 */

/* *CAUSE: the earlier outcome's, -1: there is none. */
static int get_cause(struct store *store, int64_t id, int *cause,
                     struct drover_error *err)
{
    sqlite3_stmt *row;
    int status =
        statement_start(store, STATEMENT_GET_CAUSE, &row, err, "i", id);
    if (status == 0)
        status = statement_step(store, row, err);
    if (status == 0)
        return error_set(err, EINVAL, "store %s has no call %" PRId64,
                         store->folder, id);
    if (status < 0)
        return status;
    bool ended = sqlite3_column_type(row, 0) != SQLITE_NULL;
    *cause = ended ? sqlite3_column_int(row, 0) : -1;
    sqlite3_reset(row);
    return 0;
}

/* Nobody is offered the failure any more; who has acknowledged it has, but it
 * is not there to be seen. */
static int withdraw(struct store *store, int64_t id, struct drover_error *err)
{
    int status = indexes_need(store, SCHEMA_ITEMS_BY_CALL, err);
    if (status == 0)
        status =
            statement_run(store, STATEMENT_WITHDRAW_ITEM, err, "iii", id,
                          (int64_t)DELIVERY_WAITING, (int64_t)DELIVERY_GIVEN);
    if (status < 0)
        return status;
    store->tally.items -= (uint64_t)sqlite3_changes64(store->db);
    return statement_run(store, STATEMENT_WITHDRAW_ITEM, err, "iii", id,
                         (int64_t)DELIVERY_ACKNOWLEDGED,
                         (int64_t)DELIVERY_NOT_OFFERED);
}

static int forget_outcome(struct store *store, int64_t id, int cause,
                          struct drover_error *err)
{
    if (cause < 0)
        return 0;
    int status = withdraw(store, id, err);
    if (status < 0)
        return status;
    if (cause == DROVER_OK)
        store->tally.done--;
    else
        store->tally.failed--;
    return 0;
}

static int end_begun(struct store *store, int64_t id,
                     const struct record_outcome *outcome,
                     struct drover_error *err)
{
    int cause = -1;
    struct drover_value printed = { outcome->printed, outcome->printed_size };
    int status = get_cause(store, id, &cause, err);
    if (status == 0)
        status = forget_outcome(store, id, cause, err);
    if (status < 0)
        return status;
    return statement_run(store, STATEMENT_END_CALL, err, "iitiiiiibi", id,
                         (int64_t)outcome->cause, outcome->text,
                         (int64_t)outcome->number, (int64_t)outcome->attempts,
                         (int64_t)outcome->elapsed_ns, (int64_t)outcome->cpu_us,
                         (int64_t)outcome->memory_kib, printed,
                         (int64_t)outcome->printed_cut);
}

int record_end(struct store *store, int64_t *id, const struct record_call *call,
               const struct record_outcome *outcome, bool offered,
               struct drover_error *err)
{
    bool begun = *id > 0;
    size_t size = outcome->printed_size + (begun ? ROW_BYTES : size_of(call));
    int status = store_begin(store, size, err);
    if (status == 0)
        status = begun ? end_begun(store, *id, outcome, err)
                       : add_ended(store, id, call, outcome, err);
    if (status == 0 && offered && outcome->cause != DROVER_OK)
        status = offer_failure(store, *id, err);
    if (status < 0)
        return status;
    store->recording = true;
    count_outcome(store, outcome->cause);
    return 0;
}

/* --- Calls that were never made --------------------------------------------
 */

static int withdraw_unmade(struct store *store, const uint8_t *key,
                           struct drover_error *err)
{
    int status =
        statement_run(store, STATEMENT_WITHDRAW_UNMADE, err, "kii", key,
                      (int64_t)DELIVERY_WAITING, (int64_t)DELIVERY_GIVEN);
    if (status < 0)
        return status;
    store->tally.items -= (uint64_t)sqlite3_changes64(store->db);
    return statement_run(store, STATEMENT_WITHDRAW_UNMADE, err, "kii", key,
                         (int64_t)DELIVERY_ACKNOWLEDGED,
                         (int64_t)DELIVERY_NOT_OFFERED);
}

int record_forget_unmade(struct store *store, struct drover_error *err)
{
    static const uint8_t no_key[RECORD_KEY_BYTES];
    int status = store_begin(store, ROW_BYTES, err);
    if (status == 0)
        status = indexes_need(store, SCHEMA_ITEMS_BY_CALL, err);
    if (status == 0)
        status = withdraw_unmade(store, no_key, err);
    if (status == 0)
        status =
            statement_run(store, STATEMENT_REMOVE_UNMADE, err, "k", no_key);
    if (status < 0)
        return status;
    store->tally.failed -= (uint64_t)sqlite3_changes64(store->db);
    store->recording = true;
    return 0;
}
