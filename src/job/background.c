/* What a job says about runs in the background, and about what they leave
 * behind. */
#include "job/background.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/reader.h"
#include "job/reference.h"
#include "job/source.h"
#include "job/substitution.h"
#include "job/wording.h"

int job_read_linger(void *context, const struct node *value)
{
    const struct job_reader *reader = context;
    scope_get_duration(&reader->scope, "linger", value,
                       &reader->job->linger_ms);
    return 0;
}

int job_read_store(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    if (value->kind != NODE_MAP) {
        reader->job->store_off = scope_is_word(
            &reader->scope, "store", value, "none", "none or {keep: DURATION}");
        return 0;
    }
    size_t entered = scope_enter(&reader->scope, "store: ");
    int status = keys_read(reader, "store.", value, value->at);
    scope_leave(&reader->scope, entered);
    return status;
}

int job_read_keep(void *context, const struct node *value)
{
    const struct job_reader *reader = context;
    scope_get_duration(&reader->scope, "keep", value, &reader->job->keep_ms);
    return 0;
}

/* --- The address of a run -------------------------------------------------
 */

bool background_is_address(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return false;
    return text[0] != '\0' && text[strlen(text) - 1] != '/';
}

static bool get_address(const struct job_reader *reader,
                        const struct node *value, const char **out)
{
    if (!scope_get_text(&reader->scope, "background", value, out))
        return false;
    if (!background_is_address(*out))
        scope_expected(&reader->scope, "background", value,
                       BACKGROUND_ADDRESS_RULE);
    return background_is_address(*out);
}

static int refuse_reference(struct job_reader *reader, const struct node *node,
                            const struct substitution_piece *reference)
{
    (void)reference;
    scope_problem(&reader->scope, node->at,
                  "%s: there is nothing to substitute here, only in a stage's "
                  "background:",
                  wording_quote(node->text).text);
    return 0;
}

/* Check the references in VALUE, which is what a background: says. */
static int check_references(struct job_reader *reader, const struct node *value,
                            reference_fn check)
{
    size_t entered = scope_enter(&reader->scope, "background: ");
    int status = reference_check_text(reader, value, check);
    scope_leave(&reader->scope, entered);
    return status;
}

/* TEXT with two dollar signs as one, to be freed; NULL: no memory. */
static char *unescape(const char *text)
{
    struct substitution_piece piece;
    const char *problem;
    char *unescaped = malloc(strlen(text) + 1), *end = unescaped;
    while (end != NULL && substitution_next(&text, &piece, &problem) == 1)
        end = mempcpy(end, piece.text, piece.size);
    if (end != NULL)
        *end = '\0';
    return unescaped;
}

int job_read_background(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    const char *text;
    if (!get_address(reader, value, &text))
        return 0;
    reader->job->background = unescape(text);
    if (reader->job->background == NULL)
        return -ENOMEM;
    return check_references(reader, value, refuse_reference);
}

/* --- The addresses of a stage's calls --------------------------------------
 */

static const char *each_name(const void *context, size_t i)
{
    const struct job_reader *reader = context;
    return reader->stage->each[i].name;
}

static int check_reference(struct job_reader *reader, const struct node *node,
                           const struct substitution_piece *piece)
{
    size_t stage;
    if (reference_is_each_name(reader, piece))
        return 0;
    if (!job_find_stage(reader->job, piece->text, piece->size, &stage))
        return reference_complain_unknown(reader, node->at, "name of each",
                                          piece, each_name,
                                          reader->stage->each_count);
    scope_problem(&reader->scope, node->at,
                  "\"${%s}\": results of a stage cannot be part of an address",
                  reader->job->stages[stage].name);
    return 0;
}

/* Whether EACH has more than one value for certain. */
static bool has_many_values(const struct job_each *each)
{
    if (each->kind == EACH_LIST)
        return each->list->count > 1;
    return each->kind == EACH_RANGE && source_range_count(each) > 1;
}

static bool refers_to(const char *text, const char *name)
{
    struct substitution_piece piece;
    const char *problem;
    while (substitution_next(&text, &piece, &problem) == 1)
        if (piece.is_reference && strlen(name) == piece.size &&
            memcmp(name, piece.text, piece.size) == 0)
            return true;
    return false;
}

/* Whether an address belongs to one call only shows when all are known, unless
 * it cannot. */
static void check_distinct(const struct job_reader *reader,
                           const struct node *value)
{
    const struct job_stage *stage = reader->stage;
    for (size_t i = 0; i < stage->each_count; i++) {
        const char *name = stage->each[i].name;
        if (has_many_values(&stage->each[i]) && !refers_to(value->text, name))
            scope_problem(&reader->scope, value->at,
                          "background: calls that differ in %s only would have "
                          "the same address; add \"${%s}\"",
                          name, name);
    }
}

int stage_read_background(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    size_t before = reader->scope.problems->count;
    const char *text;
    reader->stage->background = value;
    if (!get_address(reader, value, &text))
        return 0;
    int status = check_references(reader, value, check_reference);
    if (status == 0 && reader->scope.problems->count == before)
        check_distinct(reader, value);
    return status;
}

/* --- The job as a whole --------------------------------------------------- */

static const struct job_stage *find_background(const struct job *job)
{
    for (size_t i = 0; i < job->stage_count; i++)
        if (job->stages[i].background != NULL)
            return &job->stages[i];
    return NULL;
}

/* A stage that STAGE needs or is fed by, when the calls of one of the two are
 * runs of their own; or NULL. */
static const struct job_stage *find_cut_off(const struct job *job,
                                            const struct job_stage *stage)
{
    size_t feeder;
    bool is_fed = job_stage_is_fed(stage, &feeder);
    for (size_t i = 0; i < stage->needs_count + is_fed; i++) {
        size_t index = i < stage->needs_count ? stage->needs[i] : feeder;
        const struct job_stage *other = &job->stages[index];
        if (stage->background != NULL || other->background != NULL)
            return other;
    }
    return NULL;
}

static void check_stage(const struct job_reader *reader,
                        const struct job_stage *stage,
                        const struct job_stage *background)
{
    const struct scope *scope = &reader->scope;
    const struct job_stage *other = find_cut_off(reader->job, stage);
    if (stage->background != NULL && other != NULL)
        scope_problem(scope, stage->background->at,
                      "stage %s: background: each of its calls would be a run "
                      "of its own, which cannot wait for stage %s or take its "
                      "results",
                      stage->name, other->name);
    else if (other != NULL)
        scope_problem(scope, stage->at,
                      "stage %s: cannot wait for stage %s or take its results: "
                      "each of that one's calls is a run of its own "
                      "(background:)",
                      stage->name, other->name);
    else if (stage->background == NULL)
        scope_problem(scope, stage->at,
                      "stage %s: has no background:, but stage %s has, so that "
                      "there is no run of the whole job: give it to all stages "
                      "or to none",
                      stage->name, background->name);
}

/* A run in the background is collected from its store, and has no terminal. */
static void check_surroundings(const struct job_reader *reader)
{
    const struct job *job = reader->job;
    if (job->store_off)
        scope_problem(&reader->scope, node_get(job->root, "store")->at,
                      "store: a run in the background needs one, to be "
                      "collected from; leave out store: none or background:");
    for (size_t i = 0; i < job->stage_count; i++)
        if (job_stage_reads_input(&job->stages[i]))
            scope_problem(&reader->scope, job->stages[i].at,
                          "stage %s: a run in the background has no standard "
                          "input: give its lines in a file",
                          job->stages[i].name);
}

void background_check(const struct job_reader *reader)
{
    const struct job *job = reader->job;
    const struct job_stage *background = find_background(job);
    const struct node *own = node_get(job->root, "background");
    if (own != NULL || background != NULL)
        check_surroundings(reader);
    if (background == NULL)
        return;
    if (own != NULL)
        scope_problem(&reader->scope, own->at,
                      "background: there is no run of the whole job, as each "
                      "call of stage %s is a run of its own; leave out one of "
                      "the two background:",
                      background->name);
    for (size_t i = 0; i < job->stage_count; i++)
        check_stage(reader, &job->stages[i], background);
}
