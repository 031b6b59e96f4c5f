#include "store/checked_file.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sqlite3.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    PAGE = CHECKED_FILE_PAGE_BYTES,
    CONTENT = PAGE - CHECKED_FILE_SUM_BYTES,
    HEADER = 100, /* read by itself, before the page that it is in */
};

/* SQLite allocates room for the file of the system behind it. */
struct checked_file {
    sqlite3_file base;
};

static const char KIND[] = "drover";
static sqlite3_vfs *of_system;
static sqlite3_vfs checked;

static sqlite3_file *real_file(sqlite3_file *file)
{
    return (sqlite3_file *)(void *)((struct checked_file *)(void *)file + 1);
}

static const sqlite3_io_methods *real_methods(sqlite3_file *file)
{
    return real_file(file)->pMethods;
}

/* --- Checksums -------------------------------------------------------------
 */

static XXH64_canonical_t sum_of(const uint8_t *page, sqlite3_int64 offset)
{
    XXH64_canonical_t sum;
    XXH64_hash_t hash =
        XXH3_64bits_withSeed(page, CONTENT, (uint64_t)offset / PAGE + 1);
    XXH64_canonicalFromHash(&sum, hash);
    return sum;
}

/* A hole in the file: a page that was given up before it was ever written. */
static bool is_unwritten(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

static bool is_intact(const uint8_t *page, sqlite3_int64 offset)
{
    XXH64_canonical_t sum = sum_of(page, offset);
    return memcmp(page + CONTENT, sum.digest, sizeof sum.digest) == 0 ||
           is_unwritten(page);
}

static int read_page(sqlite3_file *file, void *bytes, int size,
                     sqlite3_int64 offset)
{
    int status =
        real_methods(file)->xRead(real_file(file), bytes, size, offset);
    if (status != SQLITE_OK && status != SQLITE_IOERR_SHORT_READ)
        return status;
    if (offset + size <= HEADER)
        return status;
    if (size != PAGE || offset % PAGE != 0 || !is_intact(bytes, offset))
        return SQLITE_IOERR_DATA;
    return status;
}

static int write_page(sqlite3_file *file, const void *bytes, int size,
                      sqlite3_int64 offset)
{
    uint8_t page[PAGE];
    if (size != PAGE || offset % PAGE != 0)
        return SQLITE_IOERR_WRITE;
    memcpy(page, bytes, CONTENT);
    XXH64_canonical_t sum = sum_of(page, offset);
    memcpy(page + CONTENT, sum.digest, sizeof sum.digest);
    return real_methods(file)->xWrite(real_file(file), page, PAGE, offset);
}

/* --- Everything else is the system's ---------------------------------------
 */

static int close_file(sqlite3_file *file)
{
    return real_methods(file)->xClose(real_file(file));
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    return real_methods(file)->xTruncate(real_file(file), size);
}

static int sync_file(sqlite3_file *file, int flags)
{
    return real_methods(file)->xSync(real_file(file), flags);
}

static int get_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_methods(file)->xFileSize(real_file(file), size);
}

static int lock_file(sqlite3_file *file, int level)
{
    return real_methods(file)->xLock(real_file(file), level);
}

static int unlock_file(sqlite3_file *file, int level)
{
    return real_methods(file)->xUnlock(real_file(file), level);
}

static int check_reserved(sqlite3_file *file, int *reserved)
{
    return real_methods(file)->xCheckReservedLock(real_file(file), reserved);
}

static int control_file(sqlite3_file *file, int operation, void *argument)
{
    return real_methods(file)->xFileControl(real_file(file), operation,
                                            argument);
}

static int get_sector_size(sqlite3_file *file)
{
    return real_methods(file)->xSectorSize(real_file(file));
}

static int get_characteristics(sqlite3_file *file)
{
    return real_methods(file)->xDeviceCharacteristics(real_file(file));
}

/* Version 1: no mapping, which would go round the checksums, and no shared
 * memory, which one connection does not need. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_page,
    .xWrite = write_page,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = get_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved,
    .xFileControl = control_file,
    .xSectorSize = get_sector_size,
    .xDeviceCharacteristics = get_characteristics,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                     int flags, int *out_flags)
{
    (void)vfs;
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
        return of_system->xOpen(of_system, name, file, flags, out_flags);
    int status =
        of_system->xOpen(of_system, name, real_file(file), flags, out_flags);
    /* Without methods SQLite does not close it. */
    file->pMethods = status == SQLITE_OK ? &methods : NULL;
    return status;
}

static void set_up(void)
{
    if (sqlite3_initialize() != SQLITE_OK)
        return;
    of_system = sqlite3_vfs_find("unix");
    if (of_system == NULL)
        return;
    checked = *of_system;
    checked.zName = KIND;
    checked.pNext = NULL;
    checked.szOsFile += (int)sizeof(struct checked_file);
    checked.xOpen = open_file;
    sqlite3_vfs_register(&checked, 0);
}

const char *checked_file_kind(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up);
    return sqlite3_vfs_find(KIND) == NULL ? NULL : KIND;
}
