/* A stage's arguments, and what they substitute. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/reader.h"
#include "job/substitution.h"
#include "job/wording.h"

static bool is_each_name(const struct job_stage *stage, const char *name,
                         size_t size)
{
    for (size_t i = 0; i < stage->each_count; i++) {
        const char *other = stage->each[i].name;
        if (strncmp(other, name, size) == 0 && other[size] == '\0')
            return true;
    }
    return false;
}

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

static int complain_unknown(const struct job_reader *reader, struct position at,
                            const struct substitution_piece *piece)
{
    char *name = strndup(piece->text, piece->size);
    if (name == NULL)
        return -ENOMEM;
    struct suggestion suggestion = wording_suggest(
        reader->scope.problems, name, substitutable_name, reader,
        reader->stage->each_count + reader->job->stage_count);
    scope_problem(&reader->scope, at, "no stage or name of each %s%s",
                  wording_quote(name).text, suggestion.text);
    free(name);
    return 0;
}

static int check_reference(struct job_reader *reader, const struct node *node,
                           const struct substitution_piece *piece)
{
    size_t stage;
    if (is_each_name(reader->stage, piece->text, piece->size))
        return 0;
    if (!job_find_stage(reader->job, piece->text, piece->size, &stage))
        return complain_unknown(reader, node->at, piece);
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

/* Problems beyond those that are kept are not looked for: a small file can have
 * very many of them. */
static int check_text(struct job_reader *reader, const struct node *node)
{
    const char *cursor = node->text, *problem;
    struct substitution_piece piece;
    while (!problems_is_full(reader->scope.problems)) {
        int status = substitution_next(&cursor, &piece, &problem);
        if (status < 0)
            scope_problem(&reader->scope, node->at, "%s: %s",
                          wording_quote(node->text).text, problem);
        if (status <= 0)
            return 0;
        if (piece.is_reference) {
            status = check_reference(reader, node, &piece);
            if (status < 0)
                return status;
        }
    }
    return 0;
}

static int check_value(struct job_reader *reader, const struct node *node)
{
    int status = 0;
    if (node->kind == NODE_SCALAR)
        return check_text(reader, node);
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
