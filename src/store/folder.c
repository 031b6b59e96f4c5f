#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

enum { FILE_BYTES_MAX = 64 * 1024 };

static int refuse(int status, const char *what, const char *path,
                  struct drover_error *err)
{
    return error_set(err, -status, "cannot %s %s: %s", what, path,
                     strerror(-status));
}

static int name_file(const char *path, const char *name, char out[PATH_MAX])
{
    return snprintf(out, PATH_MAX, "%s/%s", path, name) < PATH_MAX
               ? 0
               : -ENAMETOOLONG;
}

static int sync_path(const char *path, int flags, struct drover_error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | flags);
    int status = file < 0 || fsync(file) < 0 ? -errno : 0;
    descriptor_close(&file);
    return status < 0 ? refuse(status, "sync", path, err) : 0;
}

int folder_sync(const char *path, struct drover_error *err)
{
    return sync_path(path, O_DIRECTORY, err);
}

int folder_sync_file(const char *path, const char *name,
                     struct drover_error *err)
{
    char file[PATH_MAX];
    int status = name_file(path, name, file);
    return status < 0 ? refuse(status, "sync", path, err)
                      : sync_path(file, O_NOFOLLOW, err);
}

static int write_text(int file, const char *text)
{
    size_t size = strlen(text);
    ssize_t written = write(file, text, size);
    if (written < 0)
        return -errno;
    if ((size_t)written < size)
        return -ENOSPC;
    return fsync(file) < 0 ? -errno : 0;
}

int folder_write_file(const char *path, const char *name, const char *text,
                      struct drover_error *err)
{
    char final[PATH_MAX], fresh[PATH_MAX];
    if (name_file(path, name, final) < 0 ||
        snprintf(fresh, sizeof fresh, "%s/.%s", path, name) >= PATH_MAX)
        return refuse(-ENAMETOOLONG, "write", path, err);
    int file = open(
        fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int status = file < 0 ? -errno : write_text(file, text);
    descriptor_close(&file);
    if (status == 0 && rename(fresh, final) < 0)
        status = -errno;
    if (status == 0)
        return 0;
    unlink(fresh);
    return refuse(status, "write", final, err);
}

char *folder_read_file(const char *path, const char *name)
{
    char from[PATH_MAX];
    if (name_file(path, name, from) < 0)
        return NULL;
    int file = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char *text = file < 0 ? NULL : malloc(FILE_BYTES_MAX + 1);
    ssize_t size = text == NULL ? -1 : read(file, text, FILE_BYTES_MAX + 1);
    descriptor_close(&file);
    if (size < 0 || size > FILE_BYTES_MAX) {
        free(text);
        return NULL;
    }
    text[size] = '\0';
    return text;
}

int folder_append_file(const char *path, const char *name,
                       struct drover_error *err)
{
    char full[PATH_MAX];
    int status = name_file(path, name, full);
    if (status < 0)
        return refuse(status, "open", path, err);
    int file = open(
        full, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    status = file < 0 ? -errno : descriptor_move_up(&file);
    return status < 0 ? refuse(status, "open", full, err) : file;
}

bool folder_has_file(const char *path, const char *name, off_t *size)
{
    char file[PATH_MAX];
    struct stat there;
    if (name_file(path, name, file) < 0 || lstat(file, &there) < 0 ||
        !S_ISREG(there.st_mode))
        return false;
    if (size != NULL)
        *size = there.st_size;
    return true;
}
