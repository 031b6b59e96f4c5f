#include "store/failure.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"

int failure_damaged(const char *folder, const char *why,
                    struct drover_error *err)
{
    return error_set(err, EUCLEAN,
                     "store %s is damaged: %s; it is not served; its file is "
                     "%s/run.db",
                     folder, why, folder);
}

/* SQLite knows a full disk, but not a quota, nor a limit for files. */
static int judge_io(int status, int system)
{
    if (status == SQLITE_IOERR_DATA || status == SQLITE_IOERR_CORRUPTFS)
        return EUCLEAN;
    if (status == SQLITE_IOERR_NOMEM)
        return ENOMEM;
    /* Before the sync: the end of the transaction was not written. */
    if (status == SQLITE_IOERR_WRITE && (system == EDQUOT || system == EFBIG))
        return ENOSPC;
    return EIO;
}

static int judge(int status, int system)
{
    switch (status & 0xff) {
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_NOMEM:
        return ENOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return EUCLEAN;
    case SQLITE_IOERR:
        return judge_io(status, system);
    default:
        return EIO;
    }
}

static int report_io(sqlite3 *db, const char *folder, int status,
                     struct drover_error *err)
{
    int system = db == NULL ? 0 : sqlite3_system_errno(db);
    return error_set(err, EIO,
                     "store %s: %s%s%s; what was being written may be in the "
                     "record or not: look at the disk, then resume the run",
                     folder, sqlite3_errstr(status), system == 0 ? "" : ": ",
                     system == 0 ? "" : strerror(system));
}

int failure_report(sqlite3 *db, const char *folder, int status,
                   struct drover_error *err)
{
    int code = judge(status, db == NULL ? 0 : sqlite3_system_errno(db));
    if (code == EUCLEAN && status == SQLITE_IOERR_DATA)
        return failure_damaged(folder, "a page has a wrong checksum", err);
    if (code == EUCLEAN)
        return failure_damaged(folder, sqlite3_errstr(status), err);
    if (code == ENOMEM)
        return error_no_memory(err);
    if (code == ENOSPC)
        return error_set(err, ENOSPC,
                         "store %s: the disk is full; what was committed is "
                         "safe: make room, then resume the run",
                         folder);
    return report_io(db, folder, status, err);
}
