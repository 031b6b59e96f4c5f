#include "store/store.h"

#include <string.h>

#include "store/ballast.h"
#include "store/folder.h"
#include "store/label.h"
#include "store/state.h"

/* --- What it is ------------------------------------------------------------
 */

const char *store_name(const struct store *store)
{
    return store->name;
}

const char *store_folder(const struct store *store)
{
    return store->folder;
}

int store_open_log(const struct store *store, struct drover_error *err)
{
    return folder_append_file(store->folder, "log", err);
}

const struct store_run *store_run(const struct store *store)
{
    return &store->about.view;
}

const char *store_warning(const struct store *store)
{
    return store->warning;
}

const char *store_state_name(enum store_state state)
{
    static const char *const names[] = {
        [STORE_RUNNING] = "running",
        [STORE_FINISHED] = "finished",
        [STORE_CANCELLED] = "cancelled",
        [STORE_HALTED] = "halted",
    };
    return names[state];
}

/* When inputs have changed there are outcomes of calls that are not made any
 * more. */
static uint64_t count_total(const struct tally *tally)
{
    uint64_t ended = tally->done + tally->failed;
    return tally->total < ended ? ended : tally->total;
}

void store_summarize(const struct store *store, struct store_summary *out)
{
    const struct tally *tally = &store->committed;
    *out = (struct store_summary){
        .state = (enum store_state)store->about.state,
        .started_ms = store->about.started_ms,
        .ended_ms = store->about.ended_ms,
        .total = count_total(tally),
        .done = tally->done,
        .failed = tally->failed,
        .items = tally->items,
        .acknowledged = tally->acknowledged,
        .attempts = (uint64_t)store->about.attempts,
    };
}

/* --- Its plugins, its events -----------------------------------------------
 */

int store_set_plugins(struct store *store, const struct store_plugin *plugins,
                      size_t count, struct drover_error *err)
{
    int status = store_begin(store, 256 * (count + 1), err);
    if (status == 0)
        status = statement_run(store, STATEMENT_REMOVE_PLUGINS, err, "");
    for (size_t i = 0; i < count && status == 0; i++)
        status = statement_run(store, STATEMENT_ADD_PLUGIN, err, "itttt",
                               (int64_t)i, plugins[i].name, plugins[i].file,
                               plugins[i].version, plugins[i].build_id);
    store->recording = true;
    return status;
}

int store_get_plugin(struct store *store, size_t i, struct store_plugin *out,
                     struct drover_error *err)
{
    sqlite3_stmt *row;
    int status = store_ready(store, err);
    if (status == 0)
        status = statement_start(store, STATEMENT_GET_PLUGIN, &row, err, "i",
                                 (int64_t)i);
    if (status == 0)
        status = statement_step(store, row, err);
    if (status <= 0)
        return status;
    store->lent = row;
    *out = (struct store_plugin){
        .name = statement_text(row, 1),
        .file = statement_text(row, 2),
        .version = statement_text(row, 3),
        .build_id = statement_text(row, 4),
    };
    return 1;
}

int store_add_event(struct store *store, const char *text,
                    struct drover_error *err)
{
    int status = store_begin(store, strlen(text) + 16, err);
    if (status == 0)
        status = statement_run(store, STATEMENT_ADD_EVENT, err, "it",
                               about_now_ms(), text);
    if (status == 0)
        store->recording = true;
    return status;
}

/* --- It is carried on ------------------------------------------------------
 */

/* Beside the record, for those who may not open it. */
static int label(const struct store *store, struct drover_error *err)
{
    int status = label_write(store->folder, store->about.view.address,
                             store->about.started_ms, err);
    return status == 0 ? folder_sync(store->folder, err) : status;
}

int store_reopen_run(struct store *store, const char *address, bool background,
                     struct drover_error *err)
{
    int status = store_begin(store, 0, err);
    if (status == 0)
        status = about_restart(&store->about, address, background, err);
    if (status == 0)
        status = about_write(store, err);
    if (status < 0)
        return status;
    store->recording = true;
    status = store_commit(store, err);
    if (status < 0)
        return status;
    /* A run can do without, until the disk is full. */
    ballast_create(store->folder);
    return label(store, err);
}
