/* A store is made: under a name that nobody looks at, until all of it is
 * there. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "store/ballast.h"
#include "store/database.h"
#include "store/folder.h"
#include "store/label.h"
#include "store/lock.h"
#include "store/open.h"
#include "store/shelf.h"
#include "store/witness.h"

enum {
    JOB_CHARACTERS = 48, /* of the job's name, in the store's */
    RANDOM_CHARACTERS = 10,
    TRIES = 16,
};

/* --- Names -----------------------------------------------------------------
 */

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static size_t copy_plain(const char *job, char *out)
{
    size_t size = 0;
    for (; size < JOB_CHARACTERS && job[size] != '\0'; size++)
        out[size] = is_plain(job[size]) ? job[size] : '_';
    if (size == 0)
        size = strlen(strcpy(out, "run"));
    if (out[0] == '.' || out[0] == '-')
        out[0] = '_';
    return size;
}

/* No letters that are taken for others. */
static int append_random(char *out)
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint8_t bytes[RANDOM_CHARACTERS];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return -EIO;
    for (size_t i = 0; i < sizeof bytes; i++)
        out[i] = letters[bytes[i] % 32];
    out[sizeof bytes] = '\0';
    return 0;
}

int store_make_name(const char *job, char name[STORE_NAME_BYTES],
                    struct drover_error *err)
{
    size_t size = copy_plain(job, name);
    name[size] = '-';
    int status = append_random(name + size + 1);
    return status < 0 ? error_set(err, -status,
                                  "cannot make a name for the run: there are "
                                  "no random numbers")
                      : 0;
}

/* One that is given must be one that we could have made. */
static int take_name(const char *given, char name[STORE_NAME_BYTES],
                     struct drover_error *err)
{
    size_t size = strlen(given);
    for (size_t i = 0; i < size; i++)
        if (!is_plain(given[i]))
            size = 0;
    if (size == 0 || size >= STORE_NAME_BYTES || given[0] == '.')
        return error_set(err, EINVAL, "a run cannot have the name %s", given);
    memcpy(name, given, size + 1);
    return 0;
}

/* --- What is in it ---------------------------------------------------------
 */

static int refuse(int status, const char *folder, struct drover_error *err)
{
    return error_set(err, -status, "cannot make the store %s: %s", folder,
                     strerror(-status));
}

static int fill(struct store *store, struct drover_error *err)
{
    const struct about *about = &store->about;
    int status = label_write(store->folder, about->address.bytes,
                             about->started_ms, err);
    if (status < 0)
        return status;
    status = ballast_create(store->folder);
    if (status < 0)
        return refuse(status, store->folder, err);
    status = witness_create(store->folder, err);
    if (status == 0)
        status = database_create(store, err);
    return status == 0 ? folder_sync(store->folder, err) : status;
}

/* From now on it can be found. */
static int reveal(struct store *store, const char *shelf, const char *name,
                  struct drover_error *err)
{
    char *final = shelf_join(shelf, "", name);
    if (final == NULL)
        return error_no_memory(err);
    int status = 0;
    if (rename(store->folder, final) < 0)
        status = refuse(-errno, final, err);
    if (status == 0)
        status = store_set_folder(store, final, err);
    if (status == 0)
        status = folder_sync(shelf, err);
    free(final);
    return status;
}

/* --- Making ----------------------------------------------------------------
 */

/* Returns 1 when somebody tidied it away before we had its lock. */
static int begin(struct store *store, const char *shelf, const char *name,
                 struct drover_error *err)
{
    char *folder = shelf_join(shelf, SHELF_NEW, name);
    int status = folder == NULL ? error_no_memory(err)
                                : store_set_folder(store, folder, err);
    if (status == 0 && mkdir(folder, 0700) < 0)
        status = refuse(-errno, folder, err);
    free(folder);
    if (status < 0)
        return status;
    store->lock = lock_take(store->folder, err);
    if (store->lock >= 0)
        return 0;
    shelf_remove_tree(store->folder);
    status = store->lock;
    store->lock = -1;
    return status == -ENOENT || status == -EBUSY ? 1 : status;
}

static int begin_somewhere(struct store *store, const char *shelf,
                           const char *given, char name[STORE_NAME_BYTES],
                           struct drover_error *err)
{
    int status = 1;
    for (int tries = 0; tries < TRIES && status == 1; tries++) {
        status = given != NULL
                     ? take_name(given, name, err)
                     : store_make_name(store->about.job.bytes, name, err);
        if (status == 0)
            status = begin(store, shelf, name, err);
    }
    return status == 1 ? refuse(-EBUSY, shelf, err) : status;
}

static int make(struct store *store, const char *shelf, const char *given,
                struct drover_error *err)
{
    char name[STORE_NAME_BYTES];
    int status = begin_somewhere(store, shelf, given, name, err);
    if (status < 0)
        return status;
    status = fill(store, err);
    if (status == 0)
        status = reveal(store, shelf, name, err);
    if (status == 0)
        status = store_open_locked(store, err);
    if (status < 0)
        shelf_remove_tree(store->folder);
    if (status == -ENOSPC)
        return error_set(err, ENOSPC, "cannot make a store in %s: %s", shelf,
                         strerror(ENOSPC));
    return status;
}

static int note_warning(struct store *store, struct drover_error *err)
{
    if (store->warning[0] == '\0')
        return 0;
    int status = store_add_event(store, store->warning, err);
    return status == 0 ? store_commit(store, err) : status;
}

static int create_on(const char *shelf, const struct store_run *run,
                     struct store **out, struct drover_error *err)
{
    struct store *store = store_allocate();
    int status = store == NULL ? error_no_memory(err)
                               : about_init(&store->about, run, err);
    if (status == 0) {
        store->tally = (struct tally){ .total = UINT64_MAX, .open_item = 1 };
        status = make(store, shelf, run->name, err);
    }
    if (status == 0)
        status = note_warning(store, err);
    if (status == 0)
        *out = store;
    else
        store_discard(store);
    return status;
}

int store_create(const struct store_run *run, struct store **out,
                 struct drover_error *err)
{
    char *shelf;
    int status = shelf_get(true, &shelf, err);
    if (status < 0)
        return status;
    shelf_sweep(shelf);
    status = create_on(shelf, run, out, err);
    free(shelf);
    return status;
}
