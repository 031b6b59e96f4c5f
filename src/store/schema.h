/* What a store's database looks like: its tables, in one description that
 * makes them and that a database which is opened is compared with. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stdbool.h>

#include <sqlite3.h>

#include <drover/error.h>

/* "drov": says in the file's header whose it is. */
enum { SCHEMA_APPLICATION = 0x64726f76 };

/* Raised whenever a table changes, or what a column means. */
enum { SCHEMA_VERSION = 2 };

/* Indexes that runs which are not resumed do without; see
 * schema_add_index(). */
enum schema_index {
    SCHEMA_CALLS_BY_KEY,
    SCHEMA_ITEMS_BY_CALL,
};

/* Make the tables in an empty database. Returns an SQLite status. */
int schema_create(sqlite3 *db);

/* Whether the tables are those that schema_create() makes, and nothing else is
 * there. Returns 0; -EPROTONOSUPPORT: another version; -EUCLEAN with ERR saying
 * what is wrong; or -EIO, -ENOMEM. FOLDER is for the sentence. */
int schema_check(sqlite3 *db, const char *folder, struct drover_error *err);

/* Whether an index is there; make one that is not. Return an SQLite status. */
int schema_has_index(sqlite3 *db, enum schema_index index, bool *out);
int schema_add_index(sqlite3 *db, enum schema_index index);

#endif
