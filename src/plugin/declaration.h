/* What a plugin declares, as data: the form in which a keeper tells the host,
 * and in which the host checks arguments. */
#ifndef PLUGIN_DECLARATION_H
#define PLUGIN_DECLARATION_H

#include <stdbool.h>
#include <stddef.h>

#include <drover/error.h>
#include <drover/plugin.h>
#include <drover/value.h>

enum { DECLARATION_LIMIT_TASKS = 256 };

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

/* Add the description of PLUGIN to BUILDER; strides are respected. A map:
 *
 *   name, version, summary, path, build_id   texts
 *   tasks     list of maps: name, summary: texts; flags: int, the sum of enum
 *             drover_task_flags; params: list of maps, in order; result: map
 *   a param   name, fallback, unit, shape, doc: texts; type, items: texts as
 *             drover_type_name() gives them; optional: bool; min, max: floats,
 *             in the param's unit
 *   a result  type, items, unit, shape, doc: as in a param
 *
 * What is NULL, 0, false or DROVER_ANY is left out. [keeper] */
void declaration_encode(struct drover_builder *builder,
                        const struct drover_plugin *plugin, const char *path,
                        const char *build_id);

/* Check the tables that PLUGIN exports: names, types, flags, fallbacks, ranges,
 * limits, no duplicates. Its magic and its ABI version have been checked.
 * Returns 0, -EINVAL with what is wrong and where, or -ENOMEM. [keeper] */
int declaration_check_plugin(const struct drover_plugin *plugin,
                             struct drover_error *err);

/* Check a declaration in the same way. Returns 0, -EINVAL or -ENOMEM. */
int declaration_check(const struct declaration *declaration,
                      struct drover_error *err);

/* The reverse of declaration_encode(); copies what it needs. What comes out
 * has passed declaration_check().
 *
 * value  well-formed (drover_value_check), its contents not trusted
 *
 * Returns 0, -EPROTO or -ENOMEM. */
int declaration_decode(struct drover_value value, struct declaration **out,
                       struct drover_error *err);
void declaration_destroy(struct declaration *declaration);

/* The task or parameter of that name, or NULL. */
const struct drover_task *
declaration_find_task(const struct declaration *declaration, const char *name);
const struct drover_param *
declaration_find_param(const struct drover_task *task, const char *name);
size_t declaration_param_count(const struct drover_task *task);

/* Whether an argument must be given. */
bool declaration_is_required(const struct drover_param *param);

/* Whether VALUE may be the argument of PARAM: type, type of items, range, no
 * NUL in texts; null only where it is optional. Returns 0 or -EINVAL with a
 * message of the form `expected an int of 0 to 9, got the text "x"`. */
int declaration_check_argument(const struct drover_param *param,
                               struct drover_value value,
                               struct drover_error *err);

/* What each element of the list that PARAM expects must be, as a parameter of
 * the same name. */
struct drover_param declaration_element(const struct drover_param *param);

/* What PARAM expects, for messages: `an int of 0 to 9`, `a list of texts`.
 * Written to OUT, which is returned. */
const char *declaration_format_expected(const struct drover_param *param,
                                        char *out, size_t size);

/* Whether the fallback of PARAM, if it has one, is an argument it may have.
 * Returns 0, -EINVAL with why not, or -ENOMEM. */
int declaration_check_fallback(const struct drover_param *param,
                               struct drover_error *err);

/* Add the argument that PARAM has when none is given: its fallback, or null
 * when it is optional. Only for those that have one, and are checked. */
void declaration_build_fallback(struct drover_builder *builder,
                                const struct drover_param *param);

#endif
