/* What a plugin declares, as data: the form in which a keeper tells the host,
 * and in which the host checks arguments. */
#ifndef PLUGIN_DECLARATION_H
#define PLUGIN_DECLARATION_H

#include <stddef.h>

#include <drover/plugin.h>

/* A plugin as the host knows it. Tasks have no run function; all texts belong
 * to the declaration.
 *
 * path      the file that was loaded, absolute
 * build_id  what tells this build from another, as hex: the GNU build id, or
 *           else a hash of the file */
struct declaration {
    const char *name;
    const char *version;
    const char *summary;
    const char *path;
    const char *build_id;
    struct drover_task *tasks;
    size_t task_count;
    struct declaration_memory *memory;
};

/* Add the description of PLUGIN to BUILDER, a map; strides are respected.
 * [keeper] */
void declaration_encode(struct drover_builder *builder,
                        const struct drover_plugin *plugin, const char *path,
                        const char *build_id);

/* Check the tables that PLUGIN exports: names, types, flags, fallbacks, ranges,
 * limits, no duplicates. Returns 0 or -EINVAL with what is wrong and where.
 * [keeper] */
int declaration_check_plugin(const struct drover_plugin *plugin,
                             struct drover_error *err);

/* The reverse of declaration_encode(); copies what it needs. Returns 0,
 * -EPROTO or -ENOMEM. */
int declaration_decode(struct drover_value value, struct declaration **out,
                       struct drover_error *err);
void declaration_destroy(struct declaration *declaration);

/* The task or parameter of that name, or NULL. */
const struct drover_task *
declaration_find_task(const struct declaration *declaration, const char *name);
const struct drover_param *
declaration_find_param(const struct drover_task *task, const char *name);
size_t declaration_param_count(const struct drover_task *task);

/* Whether VALUE may be the argument of PARAM: type, type of items, range, no
 * NUL in texts; null only where it is optional. Returns 0 or -EINVAL with a
 * message of the form `expected an int of 0 to 9, got the text "x"`. */
int declaration_check_argument(const struct drover_param *param,
                               struct drover_value value,
                               struct drover_error *err);

/* Add the argument that PARAM has when none is given: its fallback, or null
 * when it is optional. Only for those that have one. */
void declaration_build_fallback(struct drover_builder *builder,
                                const struct drover_param *param);

/* Whether an argument must be given. */
bool declaration_is_required(const struct drover_param *param);

#endif
