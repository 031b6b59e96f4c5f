/* A store is opened and closed. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "store/database.h"
#include "store/folder.h"
#include "store/lock.h"
#include "store/open.h"
#include "store/place.h"
#include "store/stages.h"
#include "store/witness.h"

/* --- Opening ---------------------------------------------------------------
 */

struct store *store_allocate(void)
{
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return NULL;
    store->lock = store->claim = store->witness = -1;
    store->owner = getpid();
    return store;
}

int store_set_folder(struct store *store, const char *folder,
                     struct drover_error *err)
{
    char *copy = strdup(folder);
    if (copy == NULL)
        return error_no_memory(err);
    free(store->folder);
    store->folder = copy;
    const char *slash = strrchr(copy, '/');
    store->name = slash == NULL ? copy : slash + 1;
    store->about.view.name = store->name;
    return 0;
}

static void warn_of_network(struct store *store)
{
    const char *network = place_network(store->folder);
    if (network != NULL)
        snprintf(store->warning, sizeof store->warning,
                 "the store is on a network file system (%s): what it commits "
                 "may not outlast a crash of the server",
                 network);
}

static int read_last(struct store *store, struct drover_error *err)
{
    sqlite3_stmt *row;
    int status = statement_start(store, STATEMENT_LAST, &row, err, "");
    if (status == 0)
        status = statement_step(store, row, err);
    if (status < 0)
        return status;
    store->last_call = sqlite3_column_int64(row, 0);
    int64_t last_item = sqlite3_column_int64(row, 1);
    sqlite3_reset(row);
    return last_item > (int64_t)store->tally.last_item
               ? store_fail_damaged(store, "it has items uncounted", err)
               : 0;
}

/* How store_abandon() will know SQLite's descriptors. */
static void remember_file(struct store *store, size_t i, const char *name)
{
    char path[PATH_MAX];
    struct stat there;
    if (snprintf(path, sizeof path, "%s/%s", store->folder, name) < PATH_MAX &&
        lstat(path, &there) == 0)
        store->files[i] = (struct file_identity){ there.st_dev, there.st_ino };
}

int store_open_locked(struct store *store, struct drover_error *err)
{
    int status = database_open(store, err);
    if (status == 0)
        status = about_read(store, err);
    if (status == 0)
        status = tally_read(store, err);
    if (status == 0)
        status = witness_open(store, err);
    if (status == 0)
        status = stages_read(store, err);
    if (status == 0)
        status = read_last(store, err);
    if (status < 0)
        return status;
    remember_file(store, 0, "run.db");
    remember_file(store, 1, "run.db-wal");
    warn_of_network(store);
    return 0;
}

static int check_folder(const char *folder, struct drover_error *err)
{
    struct stat there;
    if (stat(folder, &there) < 0)
        return error_set(err, errno, "cannot open store %s: %s", folder,
                         strerror(errno));
    if (!S_ISDIR(there.st_mode))
        return error_set(err, ENOTDIR, "%s is no store: it is no folder",
                         folder);
    if (access(folder, W_OK | X_OK) < 0)
        return error_set(err, errno, "cannot open store %s: %s", folder,
                         strerror(errno));
    if (!folder_has_file(folder, "run.db", NULL))
        return error_set(err, ENOENT, "%s is no store: there is no run.db",
                         folder);
    return 0;
}

static int open_real(struct store *store, struct drover_error *err)
{
    int lock = lock_take(store->folder, err);
    if (lock < 0)
        return lock;
    store->lock = lock;
    return store_open_locked(store, err);
}

static int open_at(const char *real, struct store **out,
                   struct drover_error *err)
{
    int status = check_folder(real, err);
    if (status < 0)
        return status;
    struct store *store = store_allocate();
    if (store == NULL)
        return error_no_memory(err);
    status = store_set_folder(store, real, err);
    if (status == 0)
        status = open_real(store, err);
    if (status == 0)
        *out = store;
    else
        store_discard(store);
    return status;
}

int store_open(const char *folder, struct store **out, struct drover_error *err)
{
    char *real = realpath(folder, NULL);
    if (real == NULL)
        return error_set(err, errno, "cannot open store %s: %s", folder,
                         strerror(errno));
    int status = open_at(real, out, err);
    free(real);
    return status;
}

/* --- Closing ---------------------------------------------------------------
 */

static void destroy(struct store *store, bool tidy)
{
    database_close(store, tidy);
    descriptor_close(&store->witness);
    descriptor_close(&store->claim);
    descriptor_close(&store->lock);
    stages_clear(store);
    about_clear(&store->about);
    free(store->spans);
    free(store->folder);
    free(store);
}

void store_discard(struct store *store)
{
    if (store != NULL)
        destroy(store, false);
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    if (store->owner != getpid()) {
        store_abandon(store);
        return;
    }
    bool tidy = store_commit(store, NULL) == 0;
    /* After a full disk there is nothing wrong with what is there. */
    destroy(store, tidy || store->failure == -ENOSPC);
}

/* --- In a fork -------------------------------------------------------------
 */

static bool is_ours(const struct store *store, int descriptor)
{
    struct stat file;
    if (fstat(descriptor, &file) < 0)
        return false;
    for (size_t i = 0; i < 2; i++)
        if (file.st_dev == store->files[i].device &&
            file.st_ino == store->files[i].inode)
            return true;
    return false;
}

/* SQLite has no word for letting go without a last look at the file. */
static void close_files(const struct store *store)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        int descriptor = atoi(entry->d_name);
        if (descriptor > STDERR_FILENO && descriptor != dirfd(folder) &&
            is_ours(store, descriptor))
            close(descriptor);
    }
    closedir(folder);
}

void store_abandon(struct store *store)
{
    /* The connection cannot be freed; a pointer to it stays for those who
     * look for lost memory. */
    static struct store *abandoned;
    if (store == NULL || store->owner == getpid())
        return;
    close_files(store);
    descriptor_close(&store->witness);
    descriptor_close(&store->claim);
    descriptor_close(&store->lock);
    store->next_abandoned = abandoned;
    abandoned = store;
}
