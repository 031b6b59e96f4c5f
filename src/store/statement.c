#include "store/statement.h"

#include <stdarg.h>
#include <string.h>

#include "store/record.h"
#include "store/state.h"

/* delivery: 2 is waiting, 3 given, 4 acknowledged, 5 not offered, see
 * enum delivery_state. */
static const char *const texts[STATEMENTS] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_SET_RUN] = "INSERT OR REPLACE INTO run VALUES (?, ?)",
    [STATEMENT_GET_RUN] = "SELECT name, value FROM run",
    [STATEMENT_SET_TALLY] =
        "INSERT OR REPLACE INTO tally VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STATEMENT_GET_TALLY] = "SELECT * FROM tally WHERE id = 1",
    [STATEMENT_LAST] =
        "SELECT (SELECT max(id) FROM call), (SELECT max(id) FROM item)",
    [STATEMENT_REMOVE_PLUGINS] = "DELETE FROM plugin",
    [STATEMENT_ADD_PLUGIN] = "INSERT INTO plugin VALUES (?, ?, ?, ?, ?)",
    [STATEMENT_GET_PLUGIN] = "SELECT * FROM plugin WHERE number = ?",
    [STATEMENT_ADD_EVENT] = "INSERT INTO event VALUES (?, ?)",
    [STATEMENT_ADD_STAGE] = "INSERT INTO stage VALUES (?, ?)",
    [STATEMENT_GET_STAGES] = "SELECT id, name FROM stage ORDER BY id",
    [STATEMENT_BEGIN_CALL] =
        "INSERT INTO call (id, stage, position, key, args) "
        "VALUES (?, ?, ?, ?, ?)",
    [STATEMENT_ADD_CALL] = "INSERT INTO call VALUES "
                           "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STATEMENT_END_CALL] =
        "UPDATE call SET cause = ?2, text = ?3, number = ?4, attempts = ?5, "
        "elapsed_ns = ?6, cpu_us = ?7, memory_kib = ?8, printed = ?9, "
        "printed_cut = ?10 WHERE id = ?1",
    [STATEMENT_GET_CAUSE] = "SELECT cause FROM call WHERE id = ?",
    [STATEMENT_FIND_CALL] =
        "SELECT id, cause, text, attempts, printed FROM call "
        "WHERE stage = ? AND key = ? AND id > ? ORDER BY id LIMIT 1",
    [STATEMENT_COUNT_VALUES] =
        "SELECT count(*) FROM item WHERE call = ? AND number >= 0",
    [STATEMENT_GET_VALUES] =
        "SELECT id, number, last, delivery, checksum, value FROM item "
        "WHERE call = ? AND number >= 0 ORDER BY number",
    [STATEMENT_GET_FAILURES] =
        "SELECT stage, position, key, args, cause, text, number, attempts, "
        "elapsed_ns, cpu_us, memory_kib, printed, printed_cut FROM call "
        "WHERE cause > 0 ORDER BY id",
    [STATEMENT_ADD_ITEM] =
        "INSERT OR IGNORE INTO item VALUES (?, ?, ?, ?, ?, ?, ?)",
    [STATEMENT_WITHDRAW_ITEM] = "DELETE FROM item WHERE call = ? AND "
                                "number IS NULL AND "
                                "delivery BETWEEN ? AND ?",
    [STATEMENT_FIND_ITEM] =
        "SELECT id, delivery FROM item WHERE call = ? AND number = ?",
    [STATEMENT_WITHDRAW_UNMADE] =
        "DELETE FROM item WHERE delivery BETWEEN ?2 AND ?3 AND call IN "
        "(SELECT id FROM call WHERE key = ?1 AND cause > 0)",
    [STATEMENT_REMOVE_UNMADE] = "DELETE FROM call WHERE key = ? AND cause > 0",
    [STATEMENT_NEXT_OPEN_ITEM] =
        "SELECT item.id, last, delivery, checksum, value, stage, position, "
        "args, cause, text, call.number, elapsed_ns, cpu_us, memory_kib, "
        "call.id, item.number "
        "FROM item LEFT JOIN call ON call.id = item.call "
        "WHERE item.id > ? AND item.id <= ? AND delivery IN (2, 3) "
        "ORDER BY item.id LIMIT 1",
    [STATEMENT_NEXT_ITEM] =
        "SELECT item.id, last, delivery, checksum, value, stage, position, "
        "args, cause, text, call.number, elapsed_ns, cpu_us, memory_kib, "
        "call.id, item.number "
        "FROM item LEFT JOIN call ON call.id = item.call "
        "WHERE item.id > ? AND item.id <= ? AND delivery IN (2, 3, 4) "
        "ORDER BY item.id LIMIT 1",
    [STATEMENT_MOVE_ITEMS] = "UPDATE item SET delivery = ? "
                             "WHERE id BETWEEN ? AND ? AND delivery < ?1",
};

static int prepare(struct store *store, enum statement id)
{
    if (store->statements[id] != NULL)
        return SQLITE_OK;
    return sqlite3_prepare_v3(store->db, texts[id], -1,
                              SQLITE_PREPARE_PERSISTENT, &store->statements[id],
                              NULL);
}

static int bind_text(sqlite3_stmt *statement, int i, const char *text,
                     size_t size)
{
    return sqlite3_bind_text64(statement, i, text, size, SQLITE_STATIC,
                               SQLITE_UTF8);
}

static int bind_value(sqlite3_stmt *statement, int i, struct drover_value value)
{
    if (value.size == 0)
        return sqlite3_bind_null(statement, i);
    return sqlite3_bind_blob64(statement, i, value.data, value.size,
                               SQLITE_STATIC);
}

static int bind_key(sqlite3_stmt *statement, int i, const uint8_t *key)
{
    struct drover_value value = { key, RECORD_KEY_BYTES };
    return bind_value(statement, i, value);
}

static int bind_sized(sqlite3_stmt *statement, int i,
                      struct statement_text sized)
{
    return bind_text(statement, i, sized.text == NULL ? "" : sized.text,
                     sized.size);
}

static int bind_string(sqlite3_stmt *statement, int i, const char *text)
{
    return bind_text(statement, i, text, strlen(text));
}

static int bind(sqlite3_stmt *statement, const char *format, va_list arguments)
{
    int status = SQLITE_OK;
    for (int i = 1; *format != '\0' && status == SQLITE_OK; i++, format++) {
        if (*format == 'i')
            status =
                sqlite3_bind_int64(statement, i, va_arg(arguments, int64_t));
        else if (*format == 't')
            status = bind_string(statement, i, va_arg(arguments, const char *));
        else if (*format == 's')
            status = bind_sized(statement, i,
                                va_arg(arguments, struct statement_text));
        else if (*format == 'b')
            status = bind_value(statement, i,
                                va_arg(arguments, struct drover_value));
        else if (*format == 'k')
            status = bind_key(statement, i, va_arg(arguments, const uint8_t *));
        else
            status = sqlite3_bind_null(statement, i);
    }
    return status;
}

static int start_v(struct store *store, enum statement id, sqlite3_stmt **out,
                   struct drover_error *err, const char *format,
                   va_list arguments)
{
    int status = prepare(store, id);
    if (status == SQLITE_OK)
        status = bind(store->statements[id], format, arguments);
    if (status != SQLITE_OK)
        return store_fail(store, status, err);
    *out = store->statements[id];
    return 0;
}

int statement_start(struct store *store, enum statement id, sqlite3_stmt **out,
                    struct drover_error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = start_v(store, id, out, err, format, arguments);
    va_end(arguments);
    return status;
}

int statement_step(struct store *store, sqlite3_stmt *statement,
                   struct drover_error *err)
{
    int status = sqlite3_step(statement);
    if (status == SQLITE_ROW)
        return 1;
    sqlite3_reset(statement);
    return status == SQLITE_DONE ? 0 : store_fail(store, status, err);
}

int statement_run(struct store *store, enum statement id,
                  struct drover_error *err, const char *format, ...)
{
    sqlite3_stmt *statement;
    va_list arguments;
    va_start(arguments, format);
    int status = start_v(store, id, &statement, err, format, arguments);
    va_end(arguments);
    while (status == 0 || status == 1) {
        status = statement_step(store, statement, err);
        if (status == 0)
            break;
    }
    return status;
}

int statement_check(struct store *store, struct drover_error *err)
{
    return sqlite3_errcode(store->db) == SQLITE_NOMEM
               ? store_fail(store, SQLITE_NOMEM, err)
               : 0;
}

const char *statement_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text == NULL ? "" : text;
}

struct drover_value statement_value(sqlite3_stmt *statement, int column)
{
    struct drover_value value = { sqlite3_column_blob(statement, column), 0 };
    value.size = (size_t)sqlite3_column_bytes(statement, column);
    return value;
}

void statement_forget(struct store *store)
{
    for (int i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
}
