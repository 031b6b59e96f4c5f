#include "cli/record.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "background/address.h"
#include "cli/options.h"
#include "cli/purge.h"
#include "cli/reach.h"
#include "cli/status.h"

/* --- New ones ----------------------------------------------------------------
 */

/* Where the run is to be reached, absolute and to be freed; "" for one that
 * runs in the foreground. */
static int choose_address(const struct record_setting *setting, const char *run,
                          char **address, struct drover_error *err)
{
    if (setting->address != NULL)
        return address_resolve(setting->address, address, err);
    if (setting->background)
        return address_choose(run, address, err);
    *address = strdup("");
    return *address == NULL ? -ENOMEM : 0;
}

static int set_plugins(const struct session *session, struct store *store,
                       struct drover_error *err)
{
    struct store_plugin plugins[JOB_LIMIT_PLUGINS];
    size_t count = session->job->plugin_count;
    for (size_t i = 0; i < count; i++) {
        const struct declaration *declaration = session->declarations[i];
        plugins[i] = (struct store_plugin){
            .name = session->job->plugins[i].name,
            .file = declaration->path,
            .version = declaration->version,
            .build_id = declaration->build_id,
        };
    }
    return store_set_plugins(store, plugins, count, err);
}

/* What was printed was taken; who is to collect something may take long. */
static int64_t choose_keep(const struct job *job,
                           const struct record_setting *setting)
{
    enum { DAYS = 30 };
    static const int64_t day_ms = 24 * 60 * 60 * 1000;
    if (job->keep_ms >= 0)
        return job->keep_ms;
    return setting->background ? -1 : DAYS * day_ms;
}

/* The job's file, absolute; "" when it came from nowhere that could be read
 * again. To be freed. */
static char *find_file(const struct job *job)
{
    char *file = job->from_words || strcmp(job->file, "-") == 0
                     ? NULL
                     : realpath(job->file, NULL);
    return file == NULL ? strdup("") : file;
}

int record_create(const struct session *session,
                  const struct record_setting *setting, struct store **out)
{
    char name[STORE_NAME_BYTES];
    char directory[PATH_MAX];
    char *address = NULL;
    struct drover_error err;
    char *file = find_file(session->job);
    int status = store_make_name(session->job->name, name, &err);
    if (getcwd(directory, sizeof directory) == NULL)
        snprintf(directory, sizeof directory, "/");
    if (status == 0)
        status = choose_address(setting, name, &address, &err);
    if (status == 0) {
        struct store_run run = {
            .name = name,
            .job = session->job->name,
            .text = (const char *)buffer_bytes(&session->text),
            .text_size = buffer_size(&session->text),
            .file = file,
            .directory = directory,
            .address = address,
            .background = setting->background,
            .workers = setting->workers,
            .keep_ms = choose_keep(session->job, setting),
        };
        status = store_create(&run, out, &err);
    }
    if (status == 0) {
        status = set_plugins(session, *out, &err);
        if (status == 0)
            status = store_claim_calls(*out, 0, &err);
        if (status < 0)
            record_discard(*out);
    }
    free(address);
    free(file);
    if (status == 0) {
        const char *warning = store_warning(*out);
        if (warning[0] != '\0')
            say("%s", warning);
        purge_expired();
        return STATUS_OK;
    }
    say("%s", err.message);
    return (int)status_of_making(-status);
}

void record_discard(struct store *store)
{
    char *folder = strdup(store_folder(store));
    store_close(store);
    if (folder != NULL)
        store_remove(folder, NULL);
    free(folder);
}

/* --- Old ones ----------------------------------------------------------------
 */

/* What a program has called by itself has no job. */
static int check_job(const struct store *store)
{
    const struct store_run *run = store_run(store);
    if (run->text_size > 0)
        return STATUS_OK;
    say("run %s is a call of the program %s, and has no job: only that program "
        "can make it again",
        run->name, run->job);
    return STATUS_BAD_FILE;
}

int record_open(const char *reference, struct store **out)
{
    char *folder = NULL;
    struct drover_error err;
    struct store *store = NULL;
    int status = store_find(reference, &folder, &err);
    if (status == 0)
        status = reach_store(folder, &store, &err);
    free(folder);
    if (status < 0)
        return reach_complain(reference, &err);
    int result = check_job(store);
    if (result == STATUS_OK)
        *out = store;
    else
        store_close(store);
    return result;
}

/* Processes of a killed run are killed by their keepers, which is soon done
 * unless the machine is busy: people are to know what they wait for then. */
static int claim_calls(struct store *store, struct drover_error *err)
{
    enum { SILENT_MS = 1000, MOST_MS = 10 * 1000 };
    int status = store_claim_calls(store, SILENT_MS, err);
    if (status != -EBUSY)
        return status;
    say("waiting for the calls that were under way when %s was killed",
        store_name(store));
    return store_claim_calls(store, MOST_MS - SILENT_MS, err);
}

int record_take_up(const char *reference, struct store **out)
{
    struct store *store;
    struct drover_error err;
    int status = record_open(reference, &store);
    if (status != STATUS_OK)
        return status;
    status = claim_calls(store, &err);
    if (status == 0) {
        *out = store;
        return STATUS_OK;
    }
    store_close(store);
    say("%s", err.message);
    return (int)status_of_errno(-status);
}

/* The plugin of that NAME with which the run was begun: 1 with *THEN, borrowed
 * until the store is used again, 0, or an error. */
static int find_plugin(struct store *store, const char *name,
                       struct store_plugin *then, struct drover_error *err)
{
    int status;
    for (size_t i = 0; (status = store_get_plugin(store, i, then, err)) > 0;
         i++)
        if (strcmp(then->name, name) == 0)
            return 1;
    return status;
}

char *record_choose_build_id(const struct session *session, struct store *store,
                             size_t i)
{
    struct store_plugin then;
    if (store != NULL &&
        find_plugin(store, session->job->plugins[i].name, &then, NULL) > 0)
        return strdup(then.build_id);
    return strdup(session->declarations[i]->build_id);
}

/* Whether plugin I is what the run was begun with; says so when not. */
static int check_plugin(const struct session *session, struct store *store,
                        size_t i, bool accept)
{
    const struct declaration *now = session->declarations[i];
    struct store_plugin then;
    struct drover_error err;
    int status = find_plugin(store, session->job->plugins[i].name, &then, &err);
    if (status < 0) {
        say("%s", err.message);
        return (int)status_of_errno(-status);
    }
    if (status == 0 || strcmp(then.build_id, now->build_id) == 0)
        return STATUS_OK;
    say("plugin %s has changed since the run began: it was version %s, build "
        "%s, and is version %s, build %s (%s)%s",
        then.name, then.version, then.build_id, now->version, now->build_id,
        now->path,
        accept ? ""
               : "; --accept-new-plugin runs what is left with it, and keeps "
                 "the results that are there");
    return accept ? STATUS_OK : STATUS_CONFIG;
}

int record_check_plugins(const struct session *session, struct store *store,
                         bool accept)
{
    int result = STATUS_OK;
    for (size_t i = 0; i < session->job->plugin_count; i++) {
        int status = check_plugin(session, store, i, accept);
        result = result == STATUS_OK ? status : result;
    }
    return result;
}
