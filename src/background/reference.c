#include "background/reference.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "background/address.h"
#include "base/error.h"
#include "store/store.h"

void reference_clear(struct reference *reference)
{
    free(reference->path);
    free(reference->folder);
    *reference = (struct reference){ 0 };
}

/* An address that somebody has, or had: there is a lock file. */
static int find_address(const char *text, struct reference *out,
                        struct drover_error *err)
{
    struct address_owner owner;
    char *path;
    int status = address_resolve(text, &path, err);
    if (status < 0)
        return status;
    status = address_look(path, &owner, err);
    if (status < 0) {
        free(path);
        return status;
    }
    *out = (struct reference){ .path = path, .folder = owner.store };
    return 0;
}

/* A run that has a store, and an address unless it ran in the foreground. */
static int find_run(const char *text, struct reference *out,
                    struct drover_error *err)
{
    char *folder;
    int status = store_find(text, &folder, err);
    if (status < 0)
        return status;
    char *path = store_read_address(folder);
    if (path != NULL && path[0] == '\0') {
        free(path);
        path = NULL;
    }
    const char *slash = strrchr(folder, '/');
    *out = (struct reference){ .path = path,
                               .folder = folder,
                               .run = slash == NULL ? folder : slash + 1 };
    return 0;
}

int reference_find(const char *text, struct reference *out,
                   struct drover_error *err)
{
    int status = find_address(text, out, err);
    if (status == -ENOENT || status == -EINVAL || status == -ENAMETOOLONG)
        status = find_run(text, out, err);
    if (status == -ENOENT)
        return error_set(err, ENOENT,
                         "%s: nobody serves such an address, and there is no "
                         "run of that name",
                         text);
    return status;
}
