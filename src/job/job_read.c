/* A job is read from its file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "job/file.h"
#include "job/reader.h"

enum { JOB_VERSION = 1 };

int job_read_version(void *context, const struct node *value)
{
    const struct job_reader *reader = context;
    int64_t version;
    if (!node_get_int(value, &version) || version != JOB_VERSION)
        scope_expected(&reader->scope, "version", value,
                       "1, the newest that this drover reads");
    return 0;
}

/* Runs are kept under it, and it stands in front of lines. */
static bool is_job_name(const char *name)
{
    for (const char *c = name; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f || *c == '/')
            return false;
    return strlen(name) <= 100;
}

int job_read_name(void *context, const struct node *value)
{
    const struct job_reader *reader = context;
    const char *name;
    if (!scope_get_text(&reader->scope, "name", value, &name))
        return 0;
    if (!is_job_name(name)) {
        scope_expected(&reader->scope, "name", value,
                       "at most 100 bytes without / or control characters");
        return 0;
    }
    reader->job->name = strdup(name);
    return reader->job->name == NULL ? -ENOMEM : 0;
}

int job_read_workers(void *context, const struct node *value)
{
    const struct job_reader *reader = context;
    int64_t workers;
    if (scope_get_int(&reader->scope, "workers", value, 1, JOB_LIMIT_WORKERS,
                      &workers))
        reader->job->workers = (unsigned)workers;
    return 0;
}

int job_read_seed(void *context, const struct node *value)
{
    const struct job_reader *reader = context;
    int64_t seed;
    if (scope_get_int(&reader->scope, "seed", value, 0, INT64_MAX, &seed))
        reader->job->seed = (uint64_t)seed;
    return 0;
}

int job_read_results(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    bool named[JOB_LIMIT_STAGES] = { false };
    stage_read_names(reader, "results", value, named);
    for (size_t i = 0; i < reader->job->stage_count; i++)
        reader->job->stages[i].printed = named[i];
    reader->has_results = true;
    return 0;
}

/* What no other stage takes is what the job is run for. */
static void print_unsubstituted(struct job_reader *reader)
{
    for (size_t i = 0; i < reader->job->stage_count; i++)
        reader->job->stages[i].printed = !reader->substituted[i];
}

static int read_root(struct job_reader *reader)
{
    const struct node *root = reader->job->root;
    if (root->kind != NODE_MAP) {
        bool is_empty = root->kind == NODE_SCALAR && root->text[0] == '\0';
        char got[192];
        scope_problem(&reader->scope, root->at,
                      "expected a map with version, plugins and stages, got %s",
                      is_empty ? "nothing"
                               : node_describe(root, got, sizeof got));
        return 0;
    }
    int status = keys_read(reader, "", root, root->at);
    if (status == 0)
        status = cycle_check(reader);
    if (status == 0)
        background_check(reader);
    if (!reader->has_results)
        print_unsubstituted(reader);
    return status;
}

/* The job's name when it has none of its own: that of its file. */
static char *name_of_file(const char *file)
{
    static const char *const endings[] = { ".yaml", ".yml" };
    const char *slash = strrchr(file, '/');
    const char *name = slash == NULL ? file : slash + 1;
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t length = strlen(endings[i]);
        if (size > length && strcmp(name + size - length, endings[i]) == 0)
            return strndup(name, size - length);
    }
    return strdup(strcmp(name, "-") == 0 ? "job" : name);
}

static int read_job(struct job *job, const char *file,
                    struct problems *problems)
{
    struct job_reader reader = { .job = job,
                                 .scope = { .problems = problems } };
    job->file = strdup(file);
    if (job->file == NULL)
        return -ENOMEM;
    int status = read_root(&reader);
    if (status == 0 && job->name == NULL) {
        job->name = name_of_file(file);
        status = job->name == NULL ? -ENOMEM : 0;
    }
    return status;
}

int job_parse(const char *file, const char *text, size_t size, struct job **out,
              struct problems *problems)
{
    size_t before = problems->count;
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL)
        return -ENOMEM;
    job->linger_ms = job->keep_ms = -1;
    int status = 0;
    /* An empty buffer has no bytes to point to. */
    job->root = node_parse(size == 0 ? "" : text, size, problems);
    if (job->root == NULL)
        status = problems->count > before ? -EBADMSG : -ENOMEM;
    else
        status = read_job(job, file, problems);
    problems_sort(problems);
    if (status < 0) {
        job_destroy(job);
        return status;
    }
    *out = job;
    return problems->count > before ? -EBADMSG : 0;
}

int job_read(const char *path, struct job **out, struct problems *problems,
             struct drover_error *err)
{
    struct buffer text = BUFFER_INIT(NODE_LIMIT_FILE_BYTES + 1);
    *out = NULL;
    int status = file_read(path, &text, err);
    if (status == 0) {
        status = job_parse(path, (const char *)buffer_bytes(&text),
                           buffer_size(&text), out, problems);
        if (status == -ENOMEM)
            error_no_memory(err);
    }
    buffer_clear(&text);
    return status;
}
