/* [keeper] Loading a plugin into this process, for good. */
#ifndef PLUGIN_LOAD_H
#define PLUGIN_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include <drover/error.h>
#include <drover/plugin.h>

enum { PLUGIN_BUILD_ID_BYTES = 64 };

/* exported  what the plugin exports; its tables lie `stride` apart
 * build_id  hex, see struct declaration */
struct plugin {
    const struct drover_plugin *exported;
    char build_id[2 * PLUGIN_BUILD_ID_BYTES + 1];
};

/* Load the file PATH (absolute) and check that it is a plugin for this
 * library: one that nobody else could have written, of our ABI, with sound
 * tables, and without threads of its own. Runs its constructors: whatever
 * these do to the process is done.
 *
 * Returns 0, or a negative errno value with one sentence. */
int plugin_load(const char *path, struct plugin *out, struct drover_error *err);

/* Whether the plugin is of a version that has hooks for workers: its size
 * covers them. */
bool plugin_has_hooks(const struct drover_plugin *plugin);

/* Task I of the plugin, or NULL. */
const struct drover_task *plugin_task(const struct drover_plugin *plugin,
                                      size_t i);

#endif
