#include "store/database.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "store/checked_file.h"
#include "store/folder.h"
#include "store/schema.h"
#include "store/state.h"

/* One connection that nobody else may disturb. Exclusive locking comes first:
 * the index of the write-ahead log is then in memory, not in a file. In the
 * log a page is written at most once a commit: the larger it may grow, the
 * less often one is written twice. */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA wal_autocheckpoint = 4000;"
                               "PRAGMA journal_size_limit = 33554432;"
                               "PRAGMA cache_size = -8000;";

/* Made at one go, and of no use to anybody before it is finished: it needs no
 * journal, and lasts when it is synced at the end. */
static const char settings_of_creation[] = "PRAGMA page_size = 4096;"
                                           "PRAGMA locking_mode = EXCLUSIVE;"
                                           "PRAGMA journal_mode = OFF;"
                                           "PRAGMA synchronous = OFF;"
                                           "BEGIN";
static const char end_of_creation[] = "COMMIT; PRAGMA journal_mode = WAL";

static int execute(struct store *store, const char *text)
{
    return sqlite3_exec(store->db, text, NULL, NULL, NULL);
}

/* What is in the file must not make SQLite do anything but look it up. */
static int trust_nothing(sqlite3 *db)
{
    static const struct {
        int option, on;
    } options[] = {
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },
        { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
        { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
        { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
        { SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0 },
        { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
    };
    int status = SQLITE_OK;
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (status == SQLITE_OK)
            status =
                sqlite3_db_config(db, options[i].option, options[i].on, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    return status;
}

static int connect_file(struct store *store, int flags)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/run.db", store->folder) >= PATH_MAX)
        return SQLITE_CANTOPEN;
    const char *kind = checked_file_kind();
    if (kind == NULL)
        return SQLITE_ERROR;
    flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
             SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE |
             SQLITE_OPEN_EXRESCODE;
    int status = sqlite3_open_v2(path, &store->db, flags, kind);
    return status == SQLITE_OK ? trust_nothing(store->db) : status;
}

void database_close(struct store *store, bool tidy)
{
    statement_forget(store);
    if (store->db == NULL)
        return;
    if (!tidy)
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(store->db);
    store->db = NULL;
}

/* --- Making ----------------------------------------------------------------
 */

/* Room for the checksums; must be said before there is a page. */
static int keep_room(sqlite3 *db)
{
    int bytes = CHECKED_FILE_SUM_BYTES;
    return sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}

/* SQLite has no option for it; the log does as the file. */
static void make_private(const struct store *store)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/run.db", store->folder);
    chmod(path, 0600);
}

static int make_tables(struct store *store, struct drover_error *err)
{
    make_private(store);
    int status = keep_room(store->db);
    if (status == SQLITE_OK)
        status = execute(store, settings_of_creation);
    if (status == SQLITE_OK)
        status = schema_create(store->db);
    return status == SQLITE_OK ? 0 : store_fail(store, status, err);
}

static int fill_tables(struct store *store, struct drover_error *err)
{
    int status = about_write(store, err);
    if (status == 0)
        status = tally_write(store, err);
    if (status < 0)
        return status;
    int ended = execute(store, end_of_creation);
    return ended == SQLITE_OK ? 0 : store_fail(store, ended, err);
}

int database_create(struct store *store, struct drover_error *err)
{
    int opened = connect_file(store, SQLITE_OPEN_CREATE);
    int status = opened == SQLITE_OK ? 0 : store_fail(store, opened, err);
    if (status == 0)
        status = make_tables(store, err);
    if (status == 0)
        status = fill_tables(store, err);
    database_close(store, true);
    /* Nobody has it open now, so that opening it ourselves drops no lock. */
    return status < 0 ? status : folder_sync_file(store->folder, "run.db", err);
}

/* --- Opening ---------------------------------------------------------------
 */

/* The one word that a pragma answers. */
static int ask(struct store *store, const char *pragma, char *out, size_t size)
{
    sqlite3_stmt *statement = NULL;
    int status = sqlite3_prepare_v2(store->db, pragma, -1, &statement, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_step(statement);
    if (status == SQLITE_ROW)
        snprintf(out, size, "%s", statement_text(statement, 0));
    sqlite3_finalize(statement);
    return status == SQLITE_ROW ? SQLITE_OK : status;
}

static int check_mode(struct store *store, struct drover_error *err)
{
    char mode[16] = "";
    int status = ask(store, "PRAGMA journal_mode", mode, sizeof mode);
    if (status != SQLITE_OK)
        return store_fail(store, status, err);
    return strcmp(mode, "wal") == 0
               ? 0
               : store_fail_damaged(store, "its record has no log", err);
}

/* Reads every page, and so looks at every checksum. */
static int check_pages(struct store *store, struct drover_error *err)
{
    char answer[160] = "";
    int status = ask(store, "PRAGMA quick_check(1)", answer, sizeof answer);
    if (status != SQLITE_OK)
        return store_fail(store, status, err);
    return strcmp(answer, "ok") == 0 ? 0
                                     : store_fail_damaged(store, answer, err);
}

/* The log goes when its database is closed in good order. */
static bool was_interrupted(const struct store *store)
{
    off_t size = 0;
    return folder_has_file(store->folder, "run.db-wal", &size) && size > 0;
}

int database_open(struct store *store, struct drover_error *err)
{
    bool interrupted = was_interrupted(store);
    int status = connect_file(store, 0);
    if (status == SQLITE_OK)
        status = execute(store, settings);
    if (status != SQLITE_OK)
        return store_fail(store, status, err);
    status = schema_check(store->db, store->folder, err);
    if (status == 0)
        status = check_mode(store, err);
    if (status == 0 && interrupted)
        status = check_pages(store, err);
    return status;
}
