#include "plugin/trust.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static bool is_ours(uid_t owner)
{
    return owner == 0 || owner == geteuid();
}

/* A user's private group has the user's number. */
static bool group_is_ours(gid_t group)
{
    return group == 0 || (group == getegid() && group == geteuid());
}

int trust_check_folder(const char *path, struct drover_error *err)
{
    struct stat file;
    if (stat(path, &file) < 0)
        return error_set(err, errno, "cannot look at %s: %s", path,
                         strerror(errno));
    if (!is_ours(file.st_uid))
        return error_set(err, EPERM,
                         "%s belongs to user %u, who is neither root nor you",
                         path, (unsigned)file.st_uid);
    bool others = file.st_mode & S_IWOTH;
    bool group = (file.st_mode & S_IWGRP) && !group_is_ours(file.st_gid);
    bool sticky = S_ISDIR(file.st_mode) && (file.st_mode & S_ISVTX);
    if ((others || group) && !sticky)
        return error_set(err, EPERM,
                         "%s can be written by others; change that with "
                         "chmod %s-w",
                         path, others ? "go" : "g");
    return 0;
}

int trust_check_file(const char *path, struct drover_error *err)
{
    char *real = realpath(path, NULL);
    if (real == NULL)
        return error_set(err, errno, "cannot open %s: %s", path,
                         strerror(errno));
    int status = trust_check_folder(real, err);
    while (status == 0 && real[1] != '\0') {
        char *slash = strrchr(real, '/');
        slash[slash == real] = '\0';
        status = trust_check_folder(real, err);
    }
    free(real);
    return status;
}
