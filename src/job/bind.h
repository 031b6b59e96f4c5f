/* One stage's arguments: what the job gives is typed by what the task declares
 * and becomes the stage's template. */
#ifndef JOB_BIND_H
#define JOB_BIND_H

#include <stdbool.h>
#include <stddef.h>

#include <drover/plugin.h>

#include "job/job.h"
#include "job/template.h"
#include "plugin/declaration.h"

/* The items of an each: list as they were bound last: where an argument refers
 * to the list again and again, they are there once.
 *
 * values   the first span of their values, for what EXPECTED says
 * texts    the first span of their texts in longer texts */
struct bound_items {
    bool has_values;
    bool has_texts;
    struct drover_param expected;
    size_t values;
    size_t texts;
};

/* What the functions below work on; the caller sets all but the last three.
 *
 * used     by name of each:, whether an argument has used it
 * items    by name of each:
 * status   the first failure (-ENOMEM, -EMSGSIZE); later ones are not kept */
struct binder {
    const struct job *job;
    const struct declaration *const *declarations;
    const struct job_stage *stage;
    struct problems *problems;
    struct template *template;
    bool used[JOB_LIMIT_EACH];
    struct bound_items items[JOB_LIMIT_EACH];
    int status;
};

/* Begin with the map of COUNT arguments; then bind so many. */
void bind_begin(struct binder *binder, size_t count);

/* Bind PARAM to what the job says in with:, to name EACH of each:, or to its
 * fallback or null. What is wrong with it is added to the problems. */
void bind_with(struct binder *binder, const struct drover_param *param,
               const struct node *value);
void bind_each(struct binder *binder, const struct drover_param *param,
               size_t each);
void bind_fallback(struct binder *binder, const struct drover_param *param);

/* Make the pieces of the addresses of the stage's calls, which has such. */
void bind_address(struct binder *binder);

/* The task that STAGE calls, or NULL when that is not known. */
const struct drover_task *bind_find_task(const struct binder *binder,
                                         const struct job_stage *stage);

/* --- Between bind.c and bind_reference.c --------------------------------- */

/* A place that is to be filled.
 *
 * apart  the bytes are for a span of the caller's, not for the next segment,
 *        and a '$' in them means nothing: the items of each: lists */
struct target {
    struct drover_param expected;
    bool apart;
};

/* Fill TARGET with NODE, and all that is in it. */
void bind_node(struct binder *binder, struct target target,
               const struct node *node);

/* Fill TARGET with name EACH of each:.
 *
 * at  what is to blame when it does not fit as a whole */
void bind_each_name(struct binder *binder, struct target target, size_t each,
                    struct position at);

/* Fill TARGET with SCALAR, a text with at least one '$'. */
void bind_substituted(struct binder *binder, struct target target,
                      const struct node *scalar);

/* Add the pieces of TEXT. Returns whether one of them is a reference. */
bool bind_pieces(struct binder *binder, const char *text);

/* Bytes were appended to the template: where they begin is START. Check that
 * they are a value for TARGET; returns whether they are. */
bool bind_check(struct binder *binder, struct target target, struct position at,
                size_t start);

/* They become the next literal, unless the target is apart. */
void bind_finish(struct binder *binder, struct target target, size_t start);

/* Add the problem that something else was expected than GOT. */
void bind_complain(struct binder *binder, struct target target,
                   struct position at, const char *got);

/* Keep STATUS when it is the first failure. */
void bind_note(struct binder *binder, int status);

/* How many bytes the template has. */
static inline size_t bind_here(const struct binder *binder)
{
    return buffer_size(&binder->template->bytes);
}

#endif
