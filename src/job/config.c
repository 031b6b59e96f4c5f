#include "job/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "job/file.h"
#include "job/job.h"
#include "job/scope.h"
#include "job/wording.h"

static const struct config nothing = { .linger_ms = -1, .keep_ms = -1 };

struct config_reader {
    struct config config;
    struct scope scope;
};

/* What "~" stands for; NULL with a problem added when that is not known. */
static const char *home_folder(const struct scope *scope,
                               const struct node *value)
{
    const char *home = getenv("HOME");
    if (home != NULL && home[0] == '/')
        return home;
    scope_problem(scope, value->at,
                  "plugin_path: %s cannot be found: the environment has no "
                  "absolute HOME",
                  wording_quote(value->text).text);
    return NULL;
}

static int add_folder(struct config *config, const char *parent,
                      const char *rest)
{
    char *folder;
    if (asprintf(&folder, "%s%s", parent, rest) < 0)
        return -ENOMEM;
    config->plugin_path[config->plugin_path_count++] = folder;
    return 0;
}

static int read_folder(struct config_reader *reader, const struct node *value)
{
    const struct scope *scope = &reader->scope;
    const char *text;
    if (!scope_get_text(scope, "plugin_path", value, &text))
        return 0;
    if (text[0] == '/')
        return add_folder(&reader->config, "", text);
    if (strncmp(text, "~/", 2) != 0) {
        scope_expected(scope, "plugin_path", value,
                       "a folder that begins with / or ~/");
        return 0;
    }
    const char *home = home_folder(scope, value);
    return home == NULL ? 0 : add_folder(&reader->config, home, text + 1);
}

static int read_plugin_path(void *context, const struct node *value)
{
    struct config_reader *reader = context;
    if (value->kind != NODE_LIST || value->count > CONFIG_LIMIT_FOLDERS) {
        scope_expected(&reader->scope, "plugin_path", value,
                       "a list of at most 64 folders");
        return 0;
    }
    char **folders = calloc(value->count + 1, sizeof *folders);
    if (folders == NULL)
        return -ENOMEM;
    reader->config.plugin_path = folders;
    int status = 0;
    for (size_t i = 0; i < value->count && status == 0; i++)
        status = read_folder(reader, value->items[i]);
    return status;
}

static int read_workers(void *context, const struct node *value)
{
    struct config_reader *reader = context;
    int64_t workers;
    if (scope_get_int(&reader->scope, "workers", value, 1, JOB_LIMIT_WORKERS,
                      &workers))
        reader->config.workers = (unsigned)workers;
    return 0;
}

static int read_linger(void *context, const struct node *value)
{
    struct config_reader *reader = context;
    scope_get_duration(&reader->scope, "linger", value,
                       &reader->config.linger_ms);
    return 0;
}

static int read_keep(void *context, const struct node *value)
{
    struct config_reader *reader = context;
    scope_get_duration(&reader->scope, "keep", value, &reader->config.keep_ms);
    return 0;
}

static int read_store(void *context, const struct node *value);

static const struct job_key keys[] = {
    { "plugin_path", NULL, read_plugin_path },
    { "workers", NULL, read_workers },
    { "linger", NULL, read_linger },
    { "store", NULL, read_store },
    { "store.keep", "keep: DURATION", read_keep },
};

static const struct key_table table = { keys, sizeof keys / sizeof keys[0] };

static int read_store(void *context, const struct node *value)
{
    struct config_reader *reader = context;
    struct scope *scope = &reader->scope;
    if (value->kind != NODE_MAP) {
        reader->config.store_off = scope_is_word(scope, "store", value, "none",
                                                 "none or {keep: DURATION}");
        return 0;
    }
    size_t entered = scope_enter(scope, "store: ");
    int status =
        key_read_map(scope, &table, "store.", value, value->at, reader);
    scope_leave(scope, entered);
    return status;
}

const struct job_key *config_keys(size_t *count)
{
    *count = table.count;
    return keys;
}

static int read_root(struct config_reader *reader, const struct node *root)
{
    if (root->kind == NODE_SCALAR && node_scalar_type(root) == NODE_NULL)
        return 0;
    if (root->kind == NODE_MAP)
        return key_read_map(&reader->scope, &table, "", root, root->at, reader);
    char got[192];
    scope_problem(&reader->scope, root->at, "expected a map, got %s",
                  node_describe(root, got, sizeof got));
    return 0;
}

/* Returns 0, -EBADMSG or -ENOMEM. */
static int parse(const struct buffer *text, struct config *out,
                 struct problems *problems)
{
    struct config_reader reader = { .config = nothing,
                                    .scope = { .problems = problems } };
    size_t before = problems->count;
    struct node *root = node_parse((const char *)buffer_bytes(text),
                                   buffer_size(text), problems);
    int status = root != NULL ? read_root(&reader, root) : -ENOMEM;
    if (problems->count > before)
        status = -EBADMSG;
    problems_sort(problems);
    if (status == 0)
        *out = reader.config;
    else
        config_clear(&reader.config);
    node_destroy(root);
    return status;
}

int config_read(const char *path, bool must_exist, struct config *config,
                struct problems *problems, struct drover_error *err)
{
    struct buffer text = BUFFER_INIT(NODE_LIMIT_FILE_BYTES + 1);
    int status = file_read(path, &text, err);
    if (status == 0) {
        status = parse(&text, config, problems);
        if (status == -ENOMEM)
            error_no_memory(err);
    } else if (!must_exist && (status == -ENOENT || status == -ENOTDIR)) {
        *config = nothing;
        status = 0;
    }
    buffer_clear(&text);
    return status;
}

void config_clear(struct config *config)
{
    for (size_t i = 0; i < config->plugin_path_count; i++)
        free(config->plugin_path[i]);
    free(config->plugin_path);
    *config = nothing;
}

void config_complete(const struct config *config, struct job *job)
{
    if (job->linger_ms < 0)
        job->linger_ms = config->linger_ms;
    if (job->store_off || job->keep_ms >= 0)
        return;
    job->store_off = config->store_off;
    job->keep_ms = config->keep_ms;
}
