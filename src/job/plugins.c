/* The plugins that a job names. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "job/reader.h"
#include "job/wording.h"

/* The folder of FILE, absolute unless FILE itself says where it is; to be freed
 * by the caller. NULL with errno set when that cannot be known. */
static char *folder_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    size_t size = slash == NULL ? 0 : (size_t)(slash - file);
    if (file[0] == '/')
        return strndup(file, size);
    char *working = getcwd(NULL, 0);
    char *folder = NULL;
    if (working != NULL && asprintf(&folder, "%s%s%.*s", working,
                                    size > 0 ? "/" : "", (int)size, file) < 0)
        folder = NULL;
    free(working);
    return folder;
}

/* Returns 0 with *OUT to be freed by the caller, -ENOMEM, or another error when
 * the working folder cannot be known. */
static int make_absolute(const char *file, const char *locator, char **out)
{
    if (strchr(locator, '/') == NULL || locator[0] == '/') {
        *out = strdup(locator);
        return *out == NULL ? -ENOMEM : 0;
    }
    while (strncmp(locator, "./", 2) == 0)
        locator += 2;
    errno = ENOMEM;
    char *folder = folder_of(file);
    if (folder == NULL)
        return -errno;
    char *path = NULL;
    int length = asprintf(&path, "%s/%s", folder, locator);
    free(folder);
    if (length < 0)
        return -ENOMEM;
    *out = path;
    return 0;
}

static bool is_locator(const struct scope *scope, const struct node *value,
                       const char *text)
{
    if (strchr(text, '/') != NULL || text_is_name(text, true))
        return true;
    scope_problem(scope, value->at,
                  "%s is no name of a plugin (a path has a \"/\" in it, like "
                  "./sums.so)",
                  wording_quote(text).text);
    return false;
}

static int read_locator(struct job_reader *reader, const struct node_pair *pair,
                        char **out)
{
    const char *text;
    const struct scope *scope = &reader->scope;
    if (!scope_get_text(scope, pair->key->text, pair->value, &text) ||
        !is_locator(scope, pair->value, text))
        return 0;
    int status = make_absolute(reader->job->file, text, out);
    if (status == 0 || status == -ENOMEM)
        return status;
    scope_problem(scope, pair->value->at,
                  "%s: cannot tell the working folder: %s", pair->key->text,
                  strerror(-status));
    return 0;
}

/* A plugin whose locator is wrong is there all the same, without one, so that
 * tasks which name it are no further problems. */
static int read_plugin(struct job_reader *reader, const struct node_pair *pair)
{
    struct job *job = reader->job;
    struct job_plugin *plugin = &job->plugins[job->plugin_count];
    if (!text_is_name(pair->key->text, false)) {
        scope_problem(&reader->scope, pair->key->at,
                      "%s cannot be a name: " READER_NAME_RULE,
                      wording_quote(pair->key->text).text);
        return 0;
    }
    plugin->at = pair->key->at;
    plugin->name = strdup(pair->key->text);
    job->plugin_count++;
    if (plugin->name == NULL)
        return -ENOMEM;
    return read_locator(reader, pair, &plugin->locator);
}

int plugins_read(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    reader->plugins_unknown = true;
    if (value->kind != NODE_MAP) {
        scope_expected(&reader->scope, "plugins", value,
                       "a map of names to plugins");
        return 0;
    }
    if (value->count > JOB_LIMIT_PLUGINS) {
        scope_problem(&reader->scope, value->at,
                      "plugins: %zu plugins; at most %d are allowed",
                      value->count, JOB_LIMIT_PLUGINS);
        return 0;
    }
    struct job_plugin *plugins = calloc(value->count + 1, sizeof *plugins);
    if (plugins == NULL)
        return -ENOMEM;
    reader->job->plugins = plugins;
    reader->plugins_unknown = false;
    size_t entered = scope_enter(&reader->scope, "plugins: ");
    int status = 0;
    for (size_t i = 0; i < value->count && status == 0; i++)
        status = read_plugin(reader, &value->pairs[i]);
    scope_leave(&reader->scope, entered);
    return status;
}
