/* A job's stages. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "job/reader.h"
#include "job/wording.h"

static const char *plugin_name(const void *context, size_t i)
{
    const struct job *job = context;
    return job->plugins[i].name;
}

static const char *stage_name(const void *context, size_t i)
{
    const struct job *job = context;
    return job->stages[i].name;
}

/* Find the plugin whose name is the SIZE bytes at NAME. */
static bool find_plugin(const struct job *job, const char *name, size_t size,
                        size_t *plugin)
{
    for (size_t i = 0; i < job->plugin_count; i++) {
        const char *other = job->plugins[i].name;
        if (strncmp(other, name, size) == 0 && other[size] == '\0') {
            *plugin = i;
            return true;
        }
    }
    return false;
}

static int complain_plugin(const struct job_reader *reader, struct position at,
                           const char *text, size_t size)
{
    const struct job *job = reader->job;
    char *name = strndup(text, size);
    if (name == NULL)
        return -ENOMEM;
    struct suggestion suggestion = wording_suggest(
        reader->scope.problems, name, plugin_name, job, job->plugin_count);
    scope_problem(
        &reader->scope, at, "no plugin %s%s", wording_quote(name).text,
        suggestion.text[0] != '\0' ? suggestion.text : " (add it to plugins:)");
    free(name);
    return 0;
}

int stage_read_task(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    struct job_stage *stage = reader->stage;
    const char *text;
    if (!scope_get_text(&reader->scope, "task", value, &text))
        return 0;
    const char *dot = strchr(text, '.');
    if (dot == NULL || dot == text || !text_is_name(dot + 1, false)) {
        scope_expected(&reader->scope, "task", value,
                       "the names of a plugin and a task, like text.count");
        return 0;
    }
    stage->task = dot + 1;
    stage->task_at = value->at;
    size_t size = (size_t)(dot - text);
    if (reader->plugins_unknown ||
        find_plugin(reader->job, text, size, &stage->plugin))
        return 0;
    return complain_plugin(reader, value->at, text, size);
}

/* Read one of two words. Returns whether it is the second. */
static bool read_choice(const struct job_reader *reader, const char *key,
                        const struct node *value, const char *const words[2])
{
    for (size_t i = 0; i < 2; i++)
        if (value->kind == NODE_SCALAR && strcmp(value->text, words[i]) == 0)
            return i == 1;
    char what[64];
    snprintf(what, sizeof what, "%s or %s", words[0], words[1]);
    scope_expected(&reader->scope, key, value, what);
    return false;
}

int stage_read_worker(void *context, const struct node *value)
{
    static const char *const words[2] = { "forked", "reused" };
    struct job_reader *reader = context;
    reader->stage->reused = read_choice(reader, "worker", value, words);
    return 0;
}

int stage_read_order(void *context, const struct node *value)
{
    static const char *const words[2] = { "input", "arrival" };
    struct job_reader *reader = context;
    reader->stage->arrival = read_choice(reader, "order", value, words);
    return 0;
}

bool stage_find_named(const struct job_reader *reader, const char *key,
                      const struct node *value, size_t *stage)
{
    const struct job *job = reader->job;
    const char *name;
    if (!scope_get_text(&reader->scope, key, value, &name))
        return false;
    if (job_find_stage(job, name, strlen(name), stage))
        return true;
    struct suggestion suggestion = wording_suggest(
        reader->scope.problems, name, stage_name, job, job->stage_count);
    scope_problem(&reader->scope, value->at, "%s: no stage %s%s", key,
                  wording_quote(name).text, suggestion.text);
    return false;
}

static void read_stage_name(struct job_reader *reader, const char *key,
                            const struct node *value,
                            bool named[JOB_LIMIT_STAGES])
{
    const struct job *job = reader->job;
    size_t stage;
    if (!stage_find_named(reader, key, value, &stage))
        return;
    if (named[stage]) {
        scope_problem(&reader->scope, value->at, "%s: %s is named twice", key,
                      wording_quote(value->text).text);
    } else if (&job->stages[stage] == reader->stage) {
        scope_problem(&reader->scope, value->at,
                      "%s: a stage cannot wait for itself", key);
    } else {
        named[stage] = true;
    }
}

void stage_read_names(struct job_reader *reader, const char *key,
                      const struct node *value, bool named[JOB_LIMIT_STAGES])
{
    if (value->kind == NODE_MAP)
        scope_expected(&reader->scope, key, value, "a list of stages");
    else if (value->kind == NODE_SCALAR)
        read_stage_name(reader, key, value, named);
    else
        for (size_t i = 0; i < value->count; i++)
            read_stage_name(reader, key, value->items[i], named);
}

void stage_add_need(struct job_reader *reader, size_t needed)
{
    struct job_stage *stage = reader->stage;
    for (size_t i = 0; i < stage->needs_count; i++)
        if (stage->needs[i] == needed)
            return;
    stage->needs[stage->needs_count++] = needed;
}

int stage_read_needs(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    bool named[JOB_LIMIT_STAGES] = { false };
    stage_read_names(reader, "needs", value, named);
    for (size_t i = 0; i < reader->job->stage_count; i++)
        if (named[i])
            stage_add_need(reader, i);
    return 0;
}

static int read_stage(struct job_reader *reader, const struct node *value)
{
    struct job_stage *stage = reader->stage;
    if (!text_is_name(stage->name, false)) {
        scope_problem(&reader->scope, stage->at,
                      "%s cannot be a stage's name: " READER_NAME_RULE,
                      wording_quote(stage->name).text);
        return 0;
    }
    stage->needs = calloc(reader->job->stage_count, sizeof *stage->needs);
    if (stage->needs == NULL)
        return -ENOMEM;
    if (value->kind != NODE_MAP) {
        char got[192];
        scope_problem(&reader->scope, value->at,
                      "stage %s: expected a map, got %s", stage->name,
                      node_describe(value, got, sizeof got));
        return 0;
    }
    size_t entered = scope_enter(&reader->scope, "stage %s: ", stage->name);
    int status = keys_read(reader, "stages.*.", value, stage->at);
    scope_leave(&reader->scope, entered);
    return status;
}

int stage_read_all(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    struct job *job = reader->job;
    if (value->kind != NODE_MAP) {
        scope_expected(&reader->scope, "stages", value, "a map of stages");
        return 0;
    }
    if (value->count == 0) {
        scope_problem(&reader->scope, value->at, "stages: there is none");
        return 0;
    }
    if (value->count > JOB_LIMIT_STAGES) {
        scope_problem(&reader->scope, value->at,
                      "stages: %zu stages; at most %d are allowed",
                      value->count, JOB_LIMIT_STAGES);
        return 0;
    }
    job->stages = calloc(value->count, sizeof *job->stages);
    if (job->stages == NULL)
        return -ENOMEM;
    /* All names first: a stage may name one that comes after it. */
    job->stage_count = value->count;
    for (size_t i = 0; i < value->count; i++) {
        job->stages[i].name = value->pairs[i].key->text;
        job->stages[i].at = value->pairs[i].key->at;
    }
    int status = 0;
    for (size_t i = 0; i < value->count && status == 0; i++) {
        size_t before = reader->scope.problems->count;
        reader->stage = &job->stages[i];
        status = read_stage(reader, value->pairs[i].value);
        job->stages[i].sound =
            !reader->plugins_unknown && reader->scope.problems->count == before;
    }
    reader->stage = NULL;
    return status;
}
