/* What a stage's calls run over. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "job/reader.h"
#include "job/wording.h"

static void expect_range(const struct scope *scope, const struct node *value)
{
    static const char form[] = "[start, stop] or [start, stop, step]";
    if (value->kind == NODE_LIST)
        scope_problem(scope, value->at,
                      "range: expected %s, got a list of %zu item%s", form,
                      value->count, value->count == 1 ? "" : "s");
    else
        scope_expected(scope, "range", value, form);
}

int each_read_range(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    const struct scope *scope = &reader->scope;
    int64_t numbers[3] = { 0, 0, 1 };
    reader->each->kind = EACH_RANGE;
    if (value->kind != NODE_LIST || value->count < 2 || value->count > 3) {
        expect_range(scope, value);
        return 0;
    }
    for (size_t i = 0; i < value->count; i++)
        if (!scope_get_int(scope, "range", value->items[i], INT64_MIN,
                           INT64_MAX, &numbers[i]))
            return 0;
    if (numbers[2] == 0)
        scope_problem(scope, value->items[2]->at,
                      "range: the step cannot be 0");
    reader->each->range.start = numbers[0];
    reader->each->range.stop = numbers[1];
    reader->each->range.step = numbers[2];
    return 0;
}

int each_read_glob(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    reader->each->kind = EACH_GLOB;
    scope_get_text(&reader->scope, "glob", value, &reader->each->pattern);
    return 0;
}

/* Standard input can be read once only. */
static void check_input(struct job_reader *reader, const struct node *value)
{
    const struct scope *scope = &reader->scope;
    if (strcmp(reader->job->file, "-") == 0)
        scope_problem(scope, value->at,
                      "lines: standard input is where the job itself is read "
                      "from");
    else if (reader->each > reader->stage->each)
        scope_problem(scope, value->at,
                      "lines: standard input can be read once, so only by the "
                      "first name of each");
    else if (reader->input_reader != NULL)
        scope_problem(scope, value->at,
                      "lines: standard input is read by stage %s already",
                      reader->input_reader->name);
    else
        reader->input_reader = reader->stage;
}

int each_read_lines(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    reader->each->kind = EACH_LINES;
    if (scope_get_text(&reader->scope, "lines", value,
                       &reader->each->pattern) &&
        strcmp(reader->each->pattern, "-") == 0)
        check_input(reader, value);
    return 0;
}

int each_read_stage(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    const struct job *job = reader->job;
    size_t stage;
    if (!stage_find_named(reader, "stage", value, &stage))
        return 0;
    if (&job->stages[stage] == reader->stage) {
        scope_problem(&reader->scope, value->at,
                      "stage: a stage cannot take its own results");
    } else if (reader->each > reader->stage->each) {
        scope_problem(&reader->scope, value->at,
                      "stage: results of a stage come once, so only the first "
                      "name of each can run over them");
    } else {
        reader->each->kind = EACH_STAGE;
        reader->each->stage = stage;
        reader->substituted[stage] = true;
    }
    return 0;
}

static int read_values(struct job_reader *reader, const struct node *value)
{
    const struct problems *problems = reader->scope.problems;
    if (value->kind == NODE_LIST) {
        reader->each->kind = EACH_LIST;
        reader->each->list = value;
        return 0;
    }
    if (value->kind != NODE_MAP) {
        char got[192];
        scope_problem(&reader->scope, value->at,
                      "expected a list, or a map with range, glob, lines or "
                      "stage, got %s",
                      node_describe(value, got, sizeof got));
        return 0;
    }
    size_t before = problems->count;
    int status = keys_read(reader, "stages.*.each.*.", value, reader->each->at);
    if (status == 0 && value->count != 1 && problems->count == before)
        scope_problem(
            &reader->scope, value->at,
            "expected one of range, glob, lines and stage, got %zu of "
            "them",
            value->count);
    return status;
}

static bool is_name(const struct job_reader *reader, const struct node *key)
{
    size_t stage;
    const struct scope *scope = &reader->scope;
    struct quotation quotation = wording_quote(key->text);
    if (!text_is_name(key->text, false)) {
        scope_problem(scope, key->at,
                      "each: %s cannot be a name: " READER_NAME_RULE,
                      quotation.text);
        return false;
    }
    if (job_find_stage(reader->job, key->text, strlen(key->text), &stage))
        scope_problem(scope, key->at,
                      "each: %s is the name of a stage; use another one",
                      quotation.text);
    return true;
}

static int read_name(struct job_reader *reader, const struct node *value)
{
    size_t entered =
        scope_enter(&reader->scope, "each %s: ", reader->each->name);
    int status = read_values(reader, value);
    scope_leave(&reader->scope, entered);
    return status;
}

int each_read(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    struct job_stage *stage = reader->stage;
    if (value->kind != NODE_MAP) {
        scope_expected(&reader->scope, "each", value, "a map of names");
        return 0;
    }
    if (value->count > JOB_LIMIT_EACH) {
        scope_problem(&reader->scope, value->at,
                      "each: %zu names; at most %d are allowed", value->count,
                      JOB_LIMIT_EACH);
        return 0;
    }
    stage->each = calloc(value->count + 1, sizeof *stage->each);
    if (stage->each == NULL)
        return -ENOMEM;
    int status = 0;
    for (size_t i = 0; i < value->count && status == 0; i++) {
        const struct node *key = value->pairs[i].key;
        reader->each = &stage->each[stage->each_count++];
        *reader->each = (struct job_each){ .name = key->text, .at = key->at };
        if (is_name(reader, key))
            status = read_name(reader, value->pairs[i].value);
    }
    reader->each = NULL;
    return status;
}
