#include "background/address_place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background/address.h"
#include "background/address_lock.h"
#include "base/descriptor.h"
#include "base/error.h"

/* --- Names -----------------------------------------------------------------
 */

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* With the slash at its end, so that what is no folder is not found. */
static char *copy_until_name(const char *path)
{
    size_t size = (size_t)(name_in(path) - path);
    return size == 0 ? strdup("./") : strndup(path, size);
}

static char *copy_folder(const char *path)
{
    char *folder = copy_until_name(path);
    size_t size = folder == NULL ? 0 : strlen(folder);
    if (size > 1)
        folder[size - 1] = '\0';
    return folder;
}

/* The lock file's name is longer than the socket's. */
static int check_length(const char *path, struct drover_error *err)
{
    if (strlen(name_in(path)) > NAME_MAX - ADDRESS_LOCK_EXTRA)
        return error_set(err, ENAMETOOLONG,
                         "an address's name has at most %d bytes: %.40s...",
                         NAME_MAX - ADDRESS_LOCK_EXTRA, name_in(path));
    if (strlen(path) >= PATH_MAX - ADDRESS_LOCK_EXTRA)
        return error_set(err, ENAMETOOLONG,
                         "an address has less than %d bytes: %.40s...",
                         PATH_MAX - ADDRESS_LOCK_EXTRA, path);
    return 0;
}

static int check_name(const char *path, struct drover_error *err)
{
    const char *name = name_in(path);
    if (path[0] == '\0')
        return error_set(err, EINVAL,
                         "an address is the path of a socket, "
                         "not an empty text");
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return error_set(err, EINVAL,
                         "%.400s names a folder: an address is the path of a "
                         "socket",
                         path);
    return check_length(path, err);
}

int address_resolve(const char *path, char **out, struct drover_error *err)
{
    int status = check_name(path, err);
    if (status < 0)
        return status;
    char *joined = NULL;
    char *folder = copy_until_name(path);
    char *real = folder == NULL ? NULL : realpath(folder, NULL);
    if (folder == NULL)
        status = error_no_memory(err);
    else if (real == NULL)
        status = error_set(err, errno, "there is no folder for %.400s: %s",
                           path, strerror(errno));
    else if (asprintf(&joined, "%s/%s", real[1] == '\0' ? "" : real,
                      name_in(path)) < 0)
        status = error_no_memory(err);
    else
        status = check_length(joined, err);
    if (status == 0)
        *out = joined;
    else
        free(joined);
    free(real);
    free(folder);
    return status;
}

/* --- The folder of this user's ---------------------------------------------
 */

/* $XDG_RUNTIME_DIR, real, when it is ours: sudo leaves another user's. */
static char *find_runtime_folder(void)
{
    const char *set = getenv("XDG_RUNTIME_DIR");
    struct stat folder;
    if (set == NULL || set[0] != '/' || stat(set, &folder) < 0)
        return NULL;
    if (!S_ISDIR(folder.st_mode) || folder.st_uid != geteuid())
        return NULL;
    return realpath(set, NULL);
}

/* The path of the folder that addresses are chosen in; to be freed. */
static char *name_own_folder(void)
{
    char *runtime = find_runtime_folder();
    char *own = NULL;
    int size = runtime != NULL
                   ? asprintf(&own, "%s/drover", runtime)
                   : asprintf(&own, "/tmp/drover-%u", (unsigned)geteuid());
    free(runtime);
    return size < 0 ? NULL : own;
}

static int check_own_folder(const char *path, struct drover_error *err)
{
    struct stat folder;
    if (lstat(path, &folder) < 0)
        return error_set(err, errno, "cannot look at %.400s: %s", path,
                         strerror(errno));
    if (!S_ISDIR(folder.st_mode) || folder.st_uid != geteuid())
        return error_set(err, EPERM,
                         "%.400s is no folder of yours, so addresses cannot "
                         "be there",
                         path);
    if (folder.st_mode & (S_IRWXG | S_IRWXO))
        return error_set(err, EPERM,
                         "%.400s is open to others; change that with chmod "
                         "go-rwx",
                         path);
    return 0;
}

static int make_own_folder(const char *path, struct drover_error *err)
{
    if (mkdir(path, S_IRWXU) < 0 && errno != EEXIST)
        return error_set(err, errno, "cannot make the folder %.400s: %s", path,
                         strerror(errno));
    return check_own_folder(path, err);
}

int address_choose(const char *run, char **out, struct drover_error *err)
{
    char *path = NULL;
    char *folder = name_own_folder();
    if (folder == NULL)
        return error_no_memory(err);
    int status = make_own_folder(folder, err);
    if (status == 0 && asprintf(&path, "%s/%s.socket", folder, run) < 0)
        status = error_no_memory(err);
    if (status == 0) {
        status = address_resolve(path, out, err);
        free(path);
    }
    free(folder);
    return status;
}

int address_place_make(const char *path, struct drover_error *err)
{
    int status = 0;
    char *own = name_own_folder();
    char *folder = copy_folder(path);
    if (own == NULL || folder == NULL)
        status = error_no_memory(err);
    else if (strcmp(own, folder) == 0)
        status = make_own_folder(own, err);
    free(folder);
    free(own);
    return status;
}

/* --- Places ----------------------------------------------------------------
 */

int address_place_open(const char *path, struct address_place *out,
                       struct drover_error *err)
{
    int status = check_name(path, err);
    if (status == 0 && path[0] != '/')
        status = error_set(err, EINVAL, "%.400s is not absolute", path);
    if (status < 0)
        return status;
    struct address_place place = { .path = path, .name = name_in(path) };
    place.folder_path = copy_folder(path);
    if (place.folder_path == NULL)
        return error_no_memory(err);
    place.folder = open(place.folder_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place.folder < 0) {
        status = error_set(err, errno, "there is no folder for %.400s: %s",
                           path, strerror(errno));
        free(place.folder_path);
        return status;
    }
    *out = place;
    return 0;
}

void address_place_close(struct address_place *place)
{
    descriptor_close(&place->folder);
    free(place->folder_path);
    place->folder_path = NULL;
}
