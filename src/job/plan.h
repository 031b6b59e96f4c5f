/* A job with its plugins' declarations: every stage's arguments checked and
 * made ready for quick expansion. */
#ifndef JOB_PLAN_H
#define JOB_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "job/job.h"
#include "job/problems.h"
#include "plugin/declaration.h"

struct plan;
struct template;

/* Check JOB against the declarations of its plugins, in the order of
 * job->plugins (NULL for one that could not be loaded: what uses it is not
 * checked). Everything that can be known before the run is checked: tasks,
 * parameters, types and ranges of constants, lists and ranges, flags that
 * worker: reused needs, names of each: that nothing uses, substitutions.
 * Stages that are not sound are passed over; a job that has such cannot be run.
 * JOB and the declarations are borrowed for the life of the plan.
 *
 * Returns 0, -EBADMSG with problems added, -ENOMEM, or -EMSGSIZE: a stage's
 * constants are larger than a value may be. */
int plan_create(const struct job *job,
                const struct declaration *const *declarations,
                struct plan **out, struct problems *problems);
void plan_destroy(struct plan *plan);

/* Which task stage STAGE calls: its index in its plugin's declaration. Not for
 * a stage whose plugin could not be loaded. */
size_t plan_stage_task(const struct plan *plan, size_t stage);

/* Whether arguments of STAGE hold all results of the stage OTHER. */
bool plan_substitutes(const struct plan *plan, size_t stage, size_t other);

/* The job, and what expansion makes the calls of stage STAGE from. */
const struct job *plan_job(const struct plan *plan);
const struct template *plan_stage_template(const struct plan *plan,
                                           size_t stage);

#endif
