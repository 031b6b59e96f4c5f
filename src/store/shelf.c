#include "store/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "store/lock.h"

char *shelf_join(const char *folder, const char *prefix, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s%s", folder, prefix, name) < 0 ? NULL : path;
}

/* --- Where it is -----------------------------------------------------------
 *
 * Source: XDG Base Directory Specification 0.8; what is not absolute there does
 * not count. */

static bool is_absolute(const char *path)
{
    return path != NULL && path[0] == '/';
}

static const char *get_home(void)
{
    const char *home = getenv("HOME");
    if (is_absolute(home))
        return home;
    const struct passwd *user = getpwuid(geteuid());
    return user != NULL && is_absolute(user->pw_dir) ? user->pw_dir : NULL;
}

static char *name_shelf(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    if (is_absolute(state))
        return shelf_join(state, "", "drover");
    const char *home = get_home();
    return home == NULL ? NULL : shelf_join(home, "", ".local/state/drover");
}

/* --- Making it -------------------------------------------------------------
 */

static int make_folder(const char *path, struct drover_error *err)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    return error_set(err, errno, "cannot make the folder %s for stores: %s",
                     path, strerror(errno));
}

/* With all the folders above it. */
static int make_folders(char *path, struct drover_error *err)
{
    int status = 0;
    if (access(path, F_OK) == 0)
        return 0;
    for (char *slash = strchr(path + 1, '/'); slash != NULL && status == 0;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (access(path, F_OK) < 0)
            status = make_folder(path, err);
        *slash = '/';
    }
    return status == 0 ? make_folder(path, err) : status;
}

static int check_shelf(const char *path, struct drover_error *err)
{
    struct stat there;
    if (stat(path, &there) < 0)
        return error_set(err, errno, "cannot use the folder %s for stores: %s",
                         path, strerror(errno));
    if (!S_ISDIR(there.st_mode))
        return error_set(err, ENOTDIR,
                         "%s is in the way: stores stand in a folder of that "
                         "name",
                         path);
    if (there.st_uid != geteuid())
        return error_set(err, EPERM,
                         "the folder %s for stores belongs to another user "
                         "(%ld)",
                         path, (long)there.st_uid);
    if ((there.st_mode & 022) != 0)
        return error_set(err, EPERM,
                         "others may write to the folder %s for stores: "
                         "chmod go-w it",
                         path);
    return 0;
}

int shelf_get(bool make, char **out, struct drover_error *err)
{
    char *path = name_shelf();
    if (path == NULL)
        return error_set(err, ENOENT,
                         "there is no place for stores: neither "
                         "XDG_STATE_HOME nor HOME is set");
    int status = make ? make_folders(path, err) : 0;
    if (status == 0)
        status = check_shelf(path, err);
    char *real = status == 0 ? realpath(path, NULL) : NULL;
    if (status == 0 && real == NULL)
        status =
            error_set(err, errno, "cannot use the folder %s for stores: %s",
                      path, strerror(errno));
    free(path);
    if (status == 0)
        *out = real;
    return status;
}

/* --- Keeping it tidy -------------------------------------------------------
 */

static int remove_entry(const char *path, const struct stat *there, int type,
                        struct FTW *walk)
{
    (void)there, (void)type, (void)walk;
    return remove(path) < 0 && errno != ENOENT ? -errno : 0;
}

int shelf_remove_tree(const char *folder)
{
    enum { DESCRIPTORS = 8 };
    int status = nftw(folder, remove_entry, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    if (status == -1)
        return errno == ENOENT ? 0 : -errno;
    /* Somebody who tidies up, too, was in there. */
    return status == -ENOTEMPTY || status == -EEXIST ? 0 : status;
}

static bool begins_with(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Whoever works on it has its lock. One that has just been begun may lose it
 * to us, and begins again. */
static void sweep_one(const char *shelf, const char *name)
{
    char *folder = shelf_join(shelf, "", name);
    int lock = folder == NULL ? -1 : lock_take(folder, NULL);
    if (lock >= 0)
        shelf_remove_tree(folder);
    descriptor_close(&lock);
    free(folder);
}

void shelf_sweep(const char *shelf)
{
    DIR *folder = opendir(shelf);
    if (folder == NULL)
        return;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        if (begins_with(entry->d_name, SHELF_NEW) ||
            begins_with(entry->d_name, SHELF_GONE))
            sweep_one(shelf, entry->d_name);
    closedir(folder);
}
