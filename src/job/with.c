/* A stage's arguments, and what they substitute. */
#include <errno.h>
#include <stdlib.h>

#include "job/reader.h"
#include "job/reference.h"
#include "job/substitution.h"

/* What can be substituted: the names of each:, then the other stages. */
static const char *substitutable_name(const void *context, size_t i)
{
    const struct job_reader *reader = context;
    const struct job_stage *stage = reader->stage;
    if (i < stage->each_count)
        return stage->each[i].name;
    const struct job_stage *other = &reader->job->stages[i - stage->each_count];
    return other == stage ? NULL : other->name;
}

static int check_reference(struct job_reader *reader, const struct node *node,
                           const struct substitution_piece *piece)
{
    size_t stage;
    if (reference_is_each_name(reader, piece))
        return 0;
    if (!job_find_stage(reader->job, piece->text, piece->size, &stage))
        return reference_complain_unknown(
            reader, node->at, "stage or name of each", piece,
            substitutable_name,
            reader->stage->each_count + reader->job->stage_count);
    const char *name = reader->job->stages[stage].name;
    struct substitution_piece lone;
    if (&reader->job->stages[stage] == reader->stage) {
        scope_problem(&reader->scope, node->at,
                      "\"${%s}\": a stage cannot take its own results", name);
    } else if (!substitution_is_lone(node->text, &lone)) {
        scope_problem(&reader->scope, node->at,
                      "\"${%s}\" is the list of that stage's results; it "
                      "cannot stand within a text",
                      name);
    } else {
        reader->substituted[stage] = true;
        stage_add_need(reader, stage);
    }
    return 0;
}

static int check_value(struct job_reader *reader, const struct node *node)
{
    int status = 0;
    if (node->kind == NODE_SCALAR)
        return reference_check_text(reader, node, check_reference);
    for (size_t i = 0; i < node->count && status == 0; i++)
        status =
            check_value(reader, node->kind == NODE_LIST ? node->items[i]
                                                        : node->pairs[i].value);
    return status;
}

int with_read(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    struct job_stage *stage = reader->stage;
    if (value->kind != NODE_MAP) {
        scope_expected(&reader->scope, "with", value, "a map of arguments");
        return 0;
    }
    stage->with = calloc(value->count + 1, sizeof *stage->with);
    if (stage->with == NULL)
        return -ENOMEM;
    int status = 0;
    for (size_t i = 0; i < value->count && status == 0; i++) {
        const struct node_pair *pair = &value->pairs[i];
        stage->with[stage->with_count++] = (struct job_argument){
            .name = pair->key->text,
            .at = pair->key->at,
            .value = pair->value,
        };
        status = check_value(reader, pair->value);
    }
    return status;
}
