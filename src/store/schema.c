#include "store/schema.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "store/failure.h"

/* SQLite keeps the text of a definition as it was given, so that a word
 * changed here makes another version. */
struct definition {
    const char *name;
    const char *text;
};

static const struct definition tables[] = {
    /* What the run is and how it stands, see about.c. */
    { "run", "CREATE TABLE run (name TEXT PRIMARY KEY, value) WITHOUT ROWID" },
    /* One row, written with every commit, see struct tally. */
    { "tally",
      "CREATE TABLE tally (id INTEGER PRIMARY KEY, commits INT, total INT, "
      "done INT, failed INT, items INT, acknowledged INT, last_item INT, "
      "open_item INT)" },
    { "plugin",
      "CREATE TABLE plugin (number INTEGER PRIMARY KEY, name TEXT, file TEXT, "
      "version TEXT, build_id TEXT)" },
    { "stage", "CREATE TABLE stage (id INTEGER PRIMARY KEY, name TEXT)" },
    /* cause is NULL until the call has ended; the rest is as in struct
     * record_call and struct record_outcome. */
    { "call",
      "CREATE TABLE call (id INTEGER PRIMARY KEY, stage INT, position INT, "
      "key BLOB, args BLOB, cause INT, text TEXT, number INT, attempts INT, "
      "elapsed_ns INT, cpu_us INT, memory_kib INT, printed BLOB, "
      "printed_cut INT)" },
    /* number and value are NULL where an outcome that is not ok is offered;
     * delivery is an enum delivery_state. */
    { "item",
      "CREATE TABLE item (id INTEGER PRIMARY KEY, call INT, number INT, "
      "last INT, delivery INT, checksum INT, value BLOB)" },
    { "event", "CREATE TABLE event (time_ms INT, text TEXT)" },
};

/* Runs that are not resumed do without. */
static const struct definition indexes[] = {
    [SCHEMA_CALLS_BY_KEY] = { "call_by_key",
                              "CREATE INDEX call_by_key ON call (stage, key)" },
    [SCHEMA_ITEMS_BY_CALL] = { "item_by_call",
                               "CREATE UNIQUE INDEX item_by_call ON item "
                               "(call, number)" },
};

enum {
    TABLES = sizeof tables / sizeof tables[0],
    INDEXES = sizeof indexes / sizeof indexes[0],
};

/* --- Making ----------------------------------------------------------------
 */

static int set_number(sqlite3 *db, const char *pragma, int number)
{
    char text[64];
    snprintf(text, sizeof text, "PRAGMA %s = %d", pragma, number);
    return sqlite3_exec(db, text, NULL, NULL, NULL);
}

int schema_create(sqlite3 *db)
{
    int status = SQLITE_OK;
    for (size_t i = 0; i < TABLES && status == SQLITE_OK; i++)
        status = sqlite3_exec(db, tables[i].text, NULL, NULL, NULL);
    if (status == SQLITE_OK)
        status = set_number(db, "application_id", SCHEMA_APPLICATION);
    if (status == SQLITE_OK)
        status = set_number(db, "user_version", SCHEMA_VERSION);
    return status;
}

/* --- Checking --------------------------------------------------------------
 */

static int get_number(sqlite3 *db, const char *query, int *out)
{
    sqlite3_stmt *statement = NULL;
    int status = sqlite3_prepare_v2(db, query, -1, &statement, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_step(statement);
    if (status == SQLITE_ROW)
        *out = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return status == SQLITE_ROW ? SQLITE_OK : status;
}

static bool is_defined(const struct definition *definitions, size_t count,
                       const char *name, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(definitions[i].name, name) == 0)
            return strcmp(definitions[i].text, text) == 0;
    return false;
}

/* What is there must be ours; whether all of ours is there is a matter of
 * counting then. */
static int check_definitions(sqlite3 *db, bool *ours)
{
    static const char query[] = "SELECT name, sql FROM sqlite_schema";
    sqlite3_stmt *statement = NULL;
    size_t found = 0;
    int status = sqlite3_prepare_v2(db, query, -1, &statement, NULL);
    for (*ours = true; status == SQLITE_OK && *ours;) {
        status = sqlite3_step(statement);
        if (status != SQLITE_ROW)
            break;
        status = SQLITE_OK;
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        const char *text = (const char *)sqlite3_column_text(statement, 1);
        bool table = name && text && is_defined(tables, TABLES, name, text);
        found += table;
        *ours =
            table || (name && text && is_defined(indexes, INDEXES, name, text));
    }
    *ours = *ours && found == TABLES;
    sqlite3_finalize(statement);
    return status == SQLITE_DONE ? SQLITE_OK : status;
}

int schema_check(sqlite3 *db, const char *folder, struct drover_error *err)
{
    int application = 0, version = 0;
    bool ours = false;
    int status = get_number(db, "PRAGMA application_id", &application);
    if (status == SQLITE_OK)
        status = get_number(db, "PRAGMA user_version", &version);
    if (status != SQLITE_OK)
        return failure_report(db, folder, status, err);
    if (application != SCHEMA_APPLICATION)
        return failure_damaged(folder, "its record is no record of drover's",
                               err);
    if (version != SCHEMA_VERSION)
        return error_set(err, EPROTONOSUPPORT,
                         "store %s was made by another version of drover: its "
                         "record has version %d, this drover reads %d",
                         folder, version, SCHEMA_VERSION);
    status = check_definitions(db, &ours);
    if (status != SQLITE_OK)
        return failure_report(db, folder, status, err);
    return ours ? 0
                : failure_damaged(folder, "its tables are not drover's", err);
}

/* --- Indexes ---------------------------------------------------------------
 */

int schema_has_index(sqlite3 *db, enum schema_index index, bool *out)
{
    static const char query[] =
        "SELECT count(*) FROM sqlite_schema WHERE name = ";
    char text[sizeof query + 32];
    int count = 0;
    snprintf(text, sizeof text, "%s'%s'", query, indexes[index].name);
    int status = get_number(db, text, &count);
    *out = count > 0;
    return status;
}

int schema_add_index(sqlite3 *db, enum schema_index index)
{
    return sqlite3_exec(db, indexes[index].text, NULL, NULL, NULL);
}
