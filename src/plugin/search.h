/* Finding a plugin's file. */
#ifndef PLUGIN_SEARCH_H
#define PLUGIN_SEARCH_H

#include <stddef.h>

#include <drover/error.h>

/* The folders in which plugins are looked for, in this order: those of
 * $DROVER_PLUGIN_PATH (separated by colons), those of the configuration file,
 * the installed one. */
struct search_path {
    char **folders;
    size_t count;
};

/* configured  from the configuration file, borrowed during the call */
int search_path_init(struct search_path *path, char *const *configured,
                     size_t configured_count, struct drover_error *err);
void search_path_clear(struct search_path *path);

/* The file of the plugin LOCATOR: a path when it has a '/', otherwise a name
 * on PATH, where the file is NAME.so. *FILE is absolute, to be freed.
 * Returns 0, -ENOENT (says where it was looked for, and a name that is near),
 * -ENOMEM. */
int search_plugin(const struct search_path *path, const char *locator,
                  char **file, struct drover_error *err);

#endif
