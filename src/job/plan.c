#include "job/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "job/bind.h"
#include "job/template.h"
#include "job/wording.h"

/* task  index into its plugin's tasks */
struct planned_stage {
    size_t task;
    struct template template;
};

struct plan {
    const struct job *job;
    struct planned_stage *stages;
};

/* One stage's check.
 *
 * missed   by parameter: that a mistyped name was probably meant to be it, so
 *          that it is not reported as missing, too */
struct check {
    struct binder binder;
    const struct job_stage *stage;
    const char *plugin;
    const struct drover_task *task;
    struct problems *problems;
    bool missed[DROVER_PARAMS_MAX];
};

/* --- Names --------------------------------------------------------------- */

static const char *task_name(const void *context, size_t i)
{
    const struct declaration *declaration = context;
    return declaration->tasks[i].name;
}

static const struct job_argument *find_with(const struct job_stage *stage,
                                            const char *name)
{
    for (size_t i = 0; i < stage->with_count; i++)
        if (strcmp(stage->with[i].name, name) == 0)
            return &stage->with[i];
    return NULL;
}

static size_t find_each(const struct job_stage *stage, const char *name)
{
    size_t i = 0;
    while (i < stage->each_count && strcmp(stage->each[i].name, name) != 0)
        i++;
    return i;
}

static const char *param_name(const void *context, size_t i)
{
    const struct check *check = context;
    return check->task->params[i].name;
}

static bool is_given(const struct check *check, const char *name)
{
    return find_with(check->stage, name) != NULL ||
           find_each(check->stage, name) < check->stage->each_count;
}

static const char *missing_name(const void *context, size_t i)
{
    const char *name = param_name(context, i);
    return is_given(context, name) ? NULL : name;
}

/* Rather a parameter that is not given than another one. */
static struct suggestion suggest_param(struct check *check, const char *name)
{
    size_t count = declaration_param_count(check->task);
    const char *nearest = text_nearest(name, missing_name, check, count);
    for (size_t i = 0; i < count; i++)
        if (check->task->params[i].name == nearest)
            check->missed[i] = true;
    return wording_suggest(check->problems, name,
                           nearest == NULL ? param_name : missing_name, check,
                           count);
}

/* --- What a stage says as a whole ---------------------------------------- */

static void report_no_task(const struct job_stage *stage, const char *plugin,
                           const struct declaration *declaration,
                           struct problems *problems)
{
    problems_add(problems, stage->task_at,
                 "stage %s: plugin %s has no task %s%s", stage->name, plugin,
                 wording_quote(stage->task).text,
                 wording_suggest(problems, stage->task, task_name, declaration,
                                 declaration->task_count)
                     .text);
}

/* Where the stage says `worker:`. */
static struct position worker_place(const struct job *job,
                                    const struct job_stage *stage)
{
    const struct node *node =
        job->root == NULL ? NULL : node_get(job->root, "stages");
    if (node != NULL)
        node = node_get(node, stage->name);
    if (node != NULL)
        node = node_get(node, "worker");
    return node == NULL ? stage->task_at : node->at;
}

static void check_worker(struct check *check)
{
    if (!check->stage->reused || (check->task->flags & DROVER_REUSABLE) != 0)
        return;
    problems_add(check->problems, worker_place(check->binder.job, check->stage),
                 "stage %s: task %s.%s cannot be called in a reused worker: "
                 "it is not declared reusable; write worker: forked",
                 check->stage->name, check->plugin, check->task->name);
}

/* --- Arguments ----------------------------------------------------------- */

/* What stands in an argument that the task does not have is checked, too, and
 * what it substitutes is used. */
static void check_unknown_arguments(struct check *check)
{
    for (size_t i = 0; i < check->stage->with_count; i++) {
        const struct job_argument *argument = &check->stage->with[i];
        struct drover_param any = { .name = argument->name };
        if (declaration_find_param(check->task, argument->name) != NULL)
            continue;
        problems_add(check->problems, argument->at,
                     "stage %s: no parameter %s in task %s.%s%s",
                     check->stage->name, wording_quote(argument->name).text,
                     check->plugin, check->task->name,
                     suggest_param(check, argument->name).text);
        bind_with(&check->binder, &any, argument->value);
    }
}

static void check_unused_names(struct check *check)
{
    for (size_t i = 0; i < check->stage->each_count; i++) {
        const struct job_each *each = &check->stage->each[i];
        if (check->binder.used[i])
            continue;
        problems_add(
            check->problems, each->at,
            "stage %s: each: name \"%s\" is neither a parameter of "
            "task %s.%s nor used in %s%s",
            check->stage->name, each->name, check->plugin, check->task->name,
            check->stage->background == NULL ? "with:" : "with: or background:",
            suggest_param(check, each->name).text);
    }
}

static void report_missing(struct check *check,
                           const struct drover_param *param)
{
    char expected[160], where[128] = "give it in with: or each:";
    if (check->binder.job->from_words)
        snprintf(where, sizeof where, "add %s=VALUE", param->name);
    problems_add(
        check->problems, check->stage->task_at,
        "stage %s: task %s.%s needs the parameter \"%s\" (%s): %s",
        check->stage->name, check->plugin, check->task->name, param->name,
        declaration_format_expected(param, expected, sizeof expected), where);
}

static void check_missing_arguments(struct check *check)
{
    size_t count = declaration_param_count(check->task);
    for (size_t i = 0; i < count; i++) {
        const struct drover_param *param = &check->task->params[i];
        if (!check->missed[i] && declaration_is_required(param) &&
            !is_given(check, param->name))
            report_missing(check, param);
    }
}

static void bind_argument(struct check *check, const struct drover_param *param)
{
    const struct job_argument *with = find_with(check->stage, param->name);
    size_t each = find_each(check->stage, param->name);
    if (each < check->stage->each_count)
        bind_each(&check->binder, param, each);
    else if (with != NULL)
        bind_with(&check->binder, param, with->value);
    else if (!declaration_is_required(param))
        bind_fallback(&check->binder, param);
    if (each < check->stage->each_count && with != NULL)
        problems_add(check->problems, with->at,
                     "stage %s: parameter \"%s\" is in each: and in with:; "
                     "leave it out of one",
                     check->stage->name, param->name);
}

static void check_stage(struct check *check)
{
    size_t count = declaration_param_count(check->task);
    check_worker(check);
    bind_begin(&check->binder, count);
    for (size_t i = 0; i < count; i++)
        bind_argument(check, &check->task->params[i]);
    check_unknown_arguments(check);
    if (check->stage->background != NULL)
        bind_address(&check->binder);
    check_unused_names(check);
    check_missing_arguments(check);
}

/* --- The plan ------------------------------------------------------------ */

static int plan_stage(struct plan *plan,
                      const struct declaration *const *declarations,
                      size_t index, struct problems *problems)
{
    const struct job_stage *stage = &plan->job->stages[index];
    if (!stage->sound)
        return 0;
    const struct declaration *declaration = declarations[stage->plugin];
    struct planned_stage *planned = &plan->stages[index];
    struct check check = {
        .binder = { .job = plan->job,
                    .declarations = declarations,
                    .stage = stage,
                    .problems = problems,
                    .template = &planned->template },
        .stage = stage,
        .plugin = plan->job->plugins[stage->plugin].name,
        .problems = problems,
    };
    if (declaration == NULL)
        return 0;
    check.task = declaration_find_task(declaration, stage->task);
    if (check.task == NULL) {
        report_no_task(stage, check.plugin, declaration, problems);
        return 0;
    }
    planned->task = (size_t)(check.task - declaration->tasks);
    check_stage(&check);
    return check.binder.status;
}

int plan_create(const struct job *job,
                const struct declaration *const *declarations,
                struct plan **out, struct problems *problems)
{
    size_t problems_before = problems->count;
    int status = 0;
    struct plan *plan = calloc(1, sizeof *plan);
    if (plan == NULL)
        return -ENOMEM;
    plan->job = job;
    plan->stages = calloc(job->stage_count + 1, sizeof *plan->stages);
    if (plan->stages == NULL) {
        free(plan);
        return -ENOMEM;
    }
    for (size_t i = 0; i < job->stage_count; i++)
        template_init(&plan->stages[i].template);
    for (size_t i = 0; i < job->stage_count && status == 0; i++)
        status = plan_stage(plan, declarations, i, problems);
    if (status == 0 && problems->count > problems_before) {
        problems_sort(problems);
        status = -EBADMSG;
    }
    if (status < 0)
        plan_destroy(plan);
    else
        *out = plan;
    return status;
}

void plan_destroy(struct plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t i = 0; i < plan->job->stage_count; i++)
        template_clear(&plan->stages[i].template);
    free(plan->stages);
    free(plan);
}

size_t plan_stage_task(const struct plan *plan, size_t stage)
{
    return plan->stages[stage].task;
}

const struct job *plan_job(const struct plan *plan)
{
    return plan->job;
}

const struct template *plan_stage_template(const struct plan *plan,
                                           size_t stage)
{
    return &plan->stages[stage].template;
}

bool plan_substitutes(const struct plan *plan, size_t stage, size_t other)
{
    const struct template *template = &plan->stages[stage].template;
    for (size_t i = 0; i < template->segment_count; i++)
        if (template->segments[i].kind == SEGMENT_RESULTS &&
            template->segments[i].index == other)
            return true;
    return false;
}
