/* Stores are looked for, and removed. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "store/folder.h"
#include "store/label.h"
#include "store/lock.h"
#include "store/shelf.h"
#include "store/store.h"

/* --- All of them -----------------------------------------------------------
 */

struct entry {
    char *folder;
    int64_t created_ms;
};

struct listing {
    struct entry *entries;
    size_t count;
    size_t capacity;
};

static void clear_listing(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->entries[i].folder);
    free(listing->entries);
}

static int grow_listing(struct listing *listing)
{
    if (listing->count < listing->capacity)
        return 0;
    size_t capacity = 2 * listing->capacity + 16;
    struct entry *entries =
        realloc(listing->entries, capacity * sizeof entries[0]);
    if (entries == NULL)
        return -ENOMEM;
    listing->entries = entries;
    listing->capacity = capacity;
    return 0;
}

static int add_entry(struct listing *listing, const char *shelf,
                     const char *name)
{
    struct stat there;
    char *folder = shelf_join(shelf, "", name);
    if (folder == NULL || grow_listing(listing) < 0) {
        free(folder);
        return -ENOMEM;
    }
    if (lstat(folder, &there) < 0 || !S_ISDIR(there.st_mode)) {
        free(folder);
        return 0;
    }
    struct label label = label_read(folder);
    free(label.address);
    listing->entries[listing->count++] =
        (struct entry){ folder, label.created_ms };
    return 0;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;
    if (one->created_ms != other->created_ms)
        return one->created_ms < other->created_ms ? -1 : 1;
    return strcmp(one->folder, other->folder);
}

static int list_folders(const char *shelf, struct listing *listing,
                        struct drover_error *err)
{
    DIR *folder = opendir(shelf);
    if (folder == NULL)
        return error_set(err, errno, "cannot read %s: %s", shelf,
                         strerror(errno));
    int status = 0;
    const struct dirent *entry;
    while (status == 0 && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            status = add_entry(listing, shelf, entry->d_name);
    closedir(folder);
    if (status < 0)
        return error_no_memory(err);
    if (listing->count > 0)
        qsort(listing->entries, listing->count, sizeof listing->entries[0],
              compare_entries);
    return 0;
}

int store_visit(int (*visit)(void *context, const char *folder), void *context,
                struct drover_error *err)
{
    char *shelf;
    struct listing listing = { NULL, 0, 0 };
    int status = shelf_get(false, &shelf, err);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    shelf_sweep(shelf);
    status = list_folders(shelf, &listing, err);
    for (size_t i = 0; i < listing.count && status == 0; i++)
        status = visit(context, listing.entries[i].folder);
    clear_listing(&listing);
    free(shelf);
    return status;
}

/* --- One of them -----------------------------------------------------------
 */

/* Stored addresses are absolute, and without symbolic links in their folder;
 * the second form is for those that were told so. */
struct search {
    char *as_told;
    char *resolved;
    char *found;
};

static char *make_absolute(const char *path)
{
    if (path[0] == '/')
        return strdup(path);
    char *here = getcwd(NULL, 0);
    char *absolute = here == NULL ? NULL : shelf_join(here, "", path);
    free(here);
    return absolute;
}

/* NULL: its folder is not there, or no memory. */
static char *resolve_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = strndup(path, (size_t)(slash - path) + 1);
    char *real = folder == NULL ? NULL : realpath(folder, NULL);
    bool root = real != NULL && strcmp(real, "/") == 0;
    char *resolved =
        real == NULL ? NULL : shelf_join(root ? "" : real, "", slash + 1);
    free(folder);
    free(real);
    return resolved;
}

static bool is_same(const char *address, const char *wanted)
{
    return wanted != NULL && strcmp(address, wanted) == 0;
}

/* Goes through all of them: the last that fits is the youngest. */
static int match_address(void *context, const char *folder)
{
    struct search *search = context;
    char *address = store_read_address(folder);
    if (address != NULL && address[0] != '\0' &&
        (is_same(address, search->as_told) ||
         is_same(address, search->resolved))) {
        free(search->found);
        search->found = strdup(folder);
    }
    free(address);
    return 0;
}

static bool is_store(const char *folder)
{
    return folder_has_file(folder, "run.db", NULL);
}

static char *find_by_name(const char *name)
{
    char *shelf;
    if (strchr(name, '/') != NULL || name[0] == '.' || name[0] == '\0' ||
        shelf_get(false, &shelf, NULL) < 0)
        return NULL;
    char *folder = shelf_join(shelf, "", name);
    free(shelf);
    if (folder != NULL && is_store(folder))
        return folder;
    free(folder);
    return NULL;
}

static char *find_by_path(const char *path)
{
    return is_store(path) ? realpath(path, NULL) : NULL;
}

/* Returns 0, with *FOUND NULL when there is none, or an error of looking. */
static int find_by_address(const char *address, char **found,
                           struct drover_error *err)
{
    struct search search = { .as_told = make_absolute(address) };
    if (search.as_told == NULL)
        return error_no_memory(err);
    search.resolved = resolve_folder(search.as_told);
    int status = store_visit(match_address, &search, err);
    free(search.as_told);
    free(search.resolved);
    if (status == 0)
        *found = search.found;
    else
        free(search.found);
    return status;
}

int store_find(const char *reference, char **folder, struct drover_error *err)
{
    char *found = find_by_name(reference);
    int status = 0;
    if (found == NULL)
        found = find_by_path(reference);
    if (found == NULL)
        status = find_by_address(reference, &found, err);
    if (status < 0)
        return status;
    if (found == NULL)
        return error_set(err, ENOENT,
                         "there is no run %s: no store has that name, and "
                         "none was started at that address",
                         reference);
    *folder = found;
    return 0;
}

pid_t store_owner(const char *folder)
{
    return lock_owner(folder);
}

char *store_read_address(const char *folder)
{
    return label_read(folder).address;
}

/* --- None of them ----------------------------------------------------------
 */

/* The path that FOLDER is renamed to, to be freed; NULL: no memory. */
static char *name_hidden(const char *folder)
{
    const char *slash = strrchr(folder, '/');
    char *parent = strndup(folder, (size_t)(slash - folder));
    char *hidden =
        parent == NULL ? NULL : shelf_join(parent, SHELF_GONE, slash + 1);
    free(parent);
    return hidden;
}

static int refuse_removal(const char *folder, int status,
                          struct drover_error *err)
{
    return error_set(err, -status, "cannot remove store %s: %s", folder,
                     strerror(-status));
}

/* All of it is gone at once: what is left when we are killed is no store. */
static int remove_locked(const char *folder, struct drover_error *err)
{
    char *hidden = name_hidden(folder);
    if (hidden == NULL)
        return error_no_memory(err);
    int status = rename(folder, hidden) < 0 ? -errno : 0;
    if (status == 0)
        status = shelf_remove_tree(hidden);
    free(hidden);
    return status < 0 ? refuse_removal(folder, status, err) : 0;
}

int store_remove(const char *folder, struct drover_error *err)
{
    char *real = realpath(folder, NULL);
    if (real == NULL || !folder_has_file(real, "lock", NULL)) {
        free(real);
        return error_set(err, ENOENT, "%s is no store", folder);
    }
    int lock = lock_take(real, err);
    int status = lock < 0 ? lock : remove_locked(real, err);
    descriptor_close(&lock);
    free(real);
    return status;
}
