#include "plugin/search.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

static const char suffix[] = ".so";
enum { SUFFIX_BYTES = sizeof suffix - 1 };

static int add_folder(struct search_path *path, const char *folder, size_t size)
{
    if (size == 0)
        return 0;
    char **folders =
        realloc(path->folders, (path->count + 1) * sizeof *folders);
    if (folders == NULL)
        return -ENOMEM;
    path->folders = folders;
    folders[path->count] = strndup(folder, size);
    if (folders[path->count] == NULL)
        return -ENOMEM;
    path->count++;
    return 0;
}

static int add_from_environment(struct search_path *path)
{
    const char *next = getenv("DROVER_PLUGIN_PATH");
    int status = 0;
    while (next != NULL && status == 0) {
        size_t size = strcspn(next, ":");
        status = add_folder(path, next, size);
        next = next[size] == ':' ? next + size + 1 : NULL;
    }
    return status;
}

int search_path_init(struct search_path *path, char *const *configured,
                     size_t configured_count, struct drover_error *err)
{
    *path = (struct search_path){ 0 };
    int status = add_from_environment(path);
    for (size_t i = 0; status == 0 && i < configured_count; i++)
        status = add_folder(path, configured[i], strlen(configured[i]));
    if (status == 0)
        status = add_folder(path, PLUGIN_FOLDER, strlen(PLUGIN_FOLDER));
    if (status < 0) {
        search_path_clear(path);
        return error_no_memory(err);
    }
    return 0;
}

void search_path_clear(struct search_path *path)
{
    for (size_t i = 0; i < path->count; i++)
        free(path->folders[i]);
    free(path->folders);
    *path = (struct search_path){ 0 };
}

/* The name of the plugin in FILE, cut at its suffix, or NULL if it is none. */
static const char *plugin_name(struct dirent *file)
{
    size_t size = strlen(file->d_name);
    if (size <= SUFFIX_BYTES ||
        strcmp(file->d_name + size - SUFFIX_BYTES, suffix) != 0)
        return NULL;
    file->d_name[size - SUFFIX_BYTES] = '\0';
    return file->d_name;
}

static const char *the_name(const void *context, size_t i)
{
    (void)i;
    return context;
}

/* Look in FOLDER for a plugin whose name is near NAME. */
static bool find_near(const char *folder, const char *name,
                      char near[NAME_MAX + 1])
{
    DIR *listing = opendir(folder);
    if (listing == NULL)
        return false;
    bool found = false;
    for (struct dirent *file; !found && (file = readdir(listing)) != NULL;) {
        const char *candidate = plugin_name(file);
        found = candidate != NULL &&
                text_nearest(name, the_name, candidate, 1) != NULL;
        if (found)
            snprintf(near, NAME_MAX + 1, "%s", candidate);
    }
    closedir(listing);
    return found;
}

static int report_missing(const struct search_path *path, const char *name,
                          struct drover_error *err)
{
    char near[NAME_MAX + 1];
    struct buffer folders = BUFFER_INIT(64 * 1024);
    bool found = false;
    for (size_t i = 0; i < path->count; i++) {
        buffer_append_format(&folders, "%s%s", i > 0 ? ", " : "",
                             path->folders[i]);
        found = found || find_near(path->folders[i], name, near);
    }
    error_set(err, ENOENT, "no file %s%s in %.*s", name, suffix,
              (int)buffer_size(&folders),
              folders.data == NULL ? "" : (char *)buffer_bytes(&folders));
    if (found && err != NULL)
        error_set(err, ENOENT, "%s (did you mean \"%s\"?)", err->message, near);
    buffer_clear(&folders);
    return -ENOENT;
}

/* FILE made absolute, to be freed, or NULL when there is no memory. */
static char *absolute(const char *file)
{
    char *whole = NULL, *folder = NULL;
    if (file[0] == '/')
        return strdup(file);
    while (strncmp(file, "./", 2) == 0)
        file += 2;
    folder = getcwd(NULL, 0);
    if (folder == NULL || asprintf(&whole, "%s/%s", folder, file) < 0)
        whole = NULL;
    free(folder);
    return whole;
}

int search_plugin(const struct search_path *path, const char *locator,
                  char **file, struct drover_error *err)
{
    if (strchr(locator, '/') != NULL) {
        *file = absolute(locator);
        return *file == NULL ? error_no_memory(err) : 0;
    }
    for (size_t i = 0; i < path->count; i++) {
        char *candidate;
        if (asprintf(&candidate, "%s/%s%s", path->folders[i], locator, suffix) <
            0)
            return error_no_memory(err);
        if (access(candidate, F_OK) == 0) {
            *file = absolute(candidate);
            free(candidate);
            return *file == NULL ? error_no_memory(err) : 0;
        }
        free(candidate);
    }
    return report_missing(path, locator, err);
}
