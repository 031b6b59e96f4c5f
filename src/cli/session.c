#include "cli/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/options.h"
#include "cli/status.h"
#include "job/file.h"
#include "process/budget.h"
#include "process/cores.h"
#include "run/keeper_slot.h"

static void print_with_places(const struct problems *problems)
{
    for (size_t i = 0; i < problems_kept(problems); i++) {
        struct buffer line = BUFFER_INIT(64 * 1024);
        if (problems_format(problems, i, &line) == 0)
            fprintf(stderr, "%.*s\n", (int)buffer_size(&line),
                    (char *)buffer_bytes(&line));
        buffer_clear(&line);
    }
}

static void print_without(const char *context, const struct problems *problems)
{
    for (size_t i = 0; i < problems_kept(problems); i++) {
        const char *message = problems->kept[i].message;
        if (strncmp(message, context, strlen(context)) == 0)
            message += strlen(context);
        say("%s", message);
    }
}

static void print_problems(struct problems *problems, const char *context)
{
    problems_sort(problems);
    if (context == NULL)
        print_with_places(problems);
    else
        print_without(context, problems);
    if (problems->count > problems_kept(problems))
        fprintf(stderr, "%s: and %zu more\n", problems->file,
                problems->count - problems_kept(problems));
}

/* --- Configuration ---------------------------------------------------------
 */

static int read_configuration(struct session *session)
{
    const char *named = getenv("DROVER_CONFIG");
    const char *file = named != NULL ? named : CONFIG_FILE;
    struct problems problems;
    struct drover_error err;
    if (problems_init(&problems, file) < 0)
        return STATUS_INTERNAL;
    int status =
        config_read(file, named != NULL, &session->config, &problems, &err);
    int result = STATUS_OK;
    if (status == -EBADMSG) {
        print_problems(&problems, NULL);
        result = STATUS_CONFIG;
    } else if (status < 0) {
        say("%s", err.message);
        result = STATUS_CONFIG;
    }
    problems_clear(&problems);
    if (result == STATUS_OK &&
        search_path_init(&session->path, session->config.plugin_path,
                         session->config.plugin_path_count, &err) < 0) {
        say("%s", err.message);
        result = STATUS_INTERNAL;
    }
    return result;
}

/* --- Plugins ---------------------------------------------------------------
 */

/* Whether FILE is not there, but would be if its name had the usual end. */
static bool lacks_suffix(const char *file)
{
    char *whole = NULL;
    bool lacks = access(file, F_OK) < 0 &&
                 asprintf(&whole, "%s.so", file) > 0 &&
                 access(whole, F_OK) == 0;
    free(whole);
    return lacks;
}

/* The file of the plugin LOCATOR, to be freed. Returns 0, -ENOENT, -ENOMEM. */
static int find_plugin(const struct session *session, const char *locator,
                       char **file, struct drover_error *err)
{
    int status = search_plugin(&session->path, locator, file, err);
    if (status < 0 || !lacks_suffix(*file))
        return status;
    error_set(err, ENOENT, "no file \"%s\" (did you mean \"%s.so\"?)", locator,
              locator);
    free(*file);
    *file = NULL;
    return -ENOENT;
}

static void find_plugins(struct session *session, struct problems *problems)
{
    for (size_t i = 0; i < session->job->plugin_count; i++) {
        const struct job_plugin *plugin = &session->job->plugins[i];
        struct drover_error err;
        if (plugin->locator == NULL)
            continue; /* a mistake that was said already */
        if (find_plugin(session, plugin->locator, &session->files[i], &err) < 0)
            problems_add(problems, plugin->at, "plugin %s: %s", plugin->name,
                         err.message);
    }
}

/* Load those that were found; whenever one cannot be loaded, the others are
 * tried without it, so that all that is wrong is said in one go. */
static int load_found(struct session *session, struct problems *problems)
{
    size_t count = session->job->plugin_count;
    for (;;) {
        const char *files[JOB_LIMIT_PLUGINS];
        size_t places[JOB_LIMIT_PLUGINS] = { 0 };
        size_t found = 0, refused = 0;
        struct declaration *declarations[JOB_LIMIT_PLUGINS] = { NULL };
        struct drover_error err;
        for (size_t i = 0; i < count; i++)
            if (session->files[i] != NULL) {
                files[found] = session->files[i];
                places[found++] = i;
            }
        struct keeper_material material = { .files = files,
                                            .count = found,
                                            .seed = session->job->seed };
        slot_init(&session->slot, &keeper_slot_maker, &material);
        int status =
            keeper_slot_load(&session->slot, declarations, &refused, &err);
        for (size_t i = 0; status == 0 && i < found; i++)
            session->declarations[places[i]] = declarations[i];
        if (status == 0)
            return STATUS_OK;
        if (status != -EINVAL || refused >= found) {
            say("%s", err.message);
            return STATUS_INTERNAL;
        }
        size_t place = places[refused];
        problems_add(problems, session->job->plugins[place].at, "plugin %s: %s",
                     session->job->plugins[place].name, err.message);
        free(session->files[place]);
        session->files[place] = NULL;
    }
}

static int check_with_plugins(struct session *session,
                              struct problems *problems)
{
    find_plugins(session, problems);
    int status = load_found(session, problems);
    if (status != STATUS_OK)
        return status;
    size_t plugin_problems = problems->count;
    const struct declaration *declarations[JOB_LIMIT_PLUGINS];
    for (size_t i = 0; i < session->job->plugin_count; i++)
        declarations[i] = session->declarations[i];
    int planned =
        plan_create(session->job, declarations, &session->plan, problems);
    if (plugin_problems > 0)
        return STATUS_CONFIG;
    if (planned == -EBADMSG)
        return STATUS_BAD_FILE;
    return planned == 0 ? STATUS_OK : STATUS_INTERNAL;
}

/* --- Jobs ------------------------------------------------------------------
 */

static int finish_opening(struct session *session, int read_status,
                          struct problems *problems,
                          const struct drover_error *err)
{
    int result = STATUS_OK;
    /* With mistakes, too: what is sound is checked against the plugins, so that
     * all that is wrong is said in one go. */
    if (session->job != NULL)
        result = check_with_plugins(session, problems);
    if (read_status == -EBADMSG) {
        result = STATUS_BAD_FILE;
    } else if (read_status < 0) {
        say("%s", err->message);
        result = (int)status_of_errno(-read_status);
    }
    print_problems(problems, session->context);
    problems_clear(problems);
    return result;
}

static void init(struct session *session)
{
    *session = (struct session){ 0 };
    buffer_init(&session->text, NODE_LIMIT_FILE_BYTES + 1);
    /* Keepers hand it on. */
    budget_open(cores_available());
    slot_init(&session->slot, &keeper_slot_maker, NULL);
}

/* Make a job of the session's text, which FILE has given; NULL: from words. */
static int open_text(struct session *session, int read_status, const char *file,
                     struct drover_error *err)
{
    struct problems problems;
    const char *name = file == NULL ? "arguments" : file;
    if (problems_init(&problems, name) < 0)
        return STATUS_INTERNAL;
    if (read_status == 0) {
        read_status =
            job_parse(name, (char *)buffer_bytes(&session->text),
                      buffer_size(&session->text), &session->job, &problems);
        if (read_status == -ENOMEM)
            error_no_memory(err);
    }
    if (session->job != NULL) {
        session->job->from_words = file == NULL;
        config_complete(&session->config, session->job);
    }
    return finish_opening(session, read_status, &problems, err);
}

int session_open(struct session *session, const char *path)
{
    struct drover_error err;
    init(session);
    int status = read_configuration(session);
    if (status != STATUS_OK)
        return status;
    int read_status = file_read(path, &session->text, &err);
    return open_text(session, read_status, path, &err);
}

int session_open_recorded(struct session *session, const char *text,
                          size_t size, const char *file)
{
    struct drover_error err;
    init(session);
    int status = read_configuration(session);
    if (status != STATUS_OK)
        return status;
    int read_status = buffer_append(&session->text, text, size);
    if (read_status < 0)
        error_no_memory(&err);
    return open_text(session, read_status, file[0] == '\0' ? "job" : file,
                     &err);
}

int session_open_text(struct session *session, const char *text, size_t size,
                      const char *context)
{
    struct drover_error err;
    init(session);
    session->context = context;
    int status = read_configuration(session);
    if (status != STATUS_OK)
        return status;
    int read_status = buffer_append(&session->text, text, size);
    if (read_status < 0)
        error_no_memory(&err);
    return open_text(session, read_status, NULL, &err);
}

int session_open_plugin(struct session *session, const char *locator)
{
    struct drover_error err;
    size_t refused;
    init(session);
    int status = read_configuration(session);
    if (status != STATUS_OK)
        return status;
    int found = find_plugin(session, locator, &session->files[0], &err);
    if (found == 0) {
        const char *file = session->files[0];
        struct keeper_material material = { .files = &file, .count = 1 };
        slot_init(&session->slot, &keeper_slot_maker, &material);
        found = keeper_slot_load(&session->slot, session->declarations,
                                 &refused, &err);
    }
    if (found == 0)
        return STATUS_OK;
    say("plugin %s: %s", locator, err.message);
    return found == -ENOENT || found == -EINVAL ? STATUS_CONFIG
                                                : STATUS_INTERNAL;
}

void session_close(struct session *session)
{
    slot_close(&session->slot);
    plan_destroy(session->plan);
    for (size_t i = 0; i < JOB_LIMIT_PLUGINS; i++) {
        declaration_destroy(session->declarations[i]);
        free(session->files[i]);
    }
    job_destroy(session->job);
    buffer_clear(&session->text);
    search_path_clear(&session->path);
    config_clear(&session->config);
}
