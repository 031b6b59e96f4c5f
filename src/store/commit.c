/* What is written becomes lasting, all of it or nothing; and what happens when
 * that does not work. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "store/ballast.h"
#include "store/failure.h"
#include "store/folder.h"
#include "store/state.h"
#include "store/witness.h"

/* --- Before anything -------------------------------------------------------
 */

static int refuse(const struct store *store, struct drover_error *err)
{
    if (err != NULL)
        *err = store->failed;
    return store->failure;
}

int store_ready(struct store *store, struct drover_error *err)
{
    if (store->failure < 0)
        return refuse(store, err);
    if (store->owner != getpid())
        return error_set(err, EPERM,
                         "store %s was opened by process %ld, of which this "
                         "one is a fork",
                         store->folder, (long)store->owner);
    sqlite3_reset(store->lent);
    store->lent = NULL;
    return 0;
}

int store_begin(struct store *store, size_t size, struct drover_error *err)
{
    int status = store_ready(store, err);
    if (status == 0 && !store->in_transaction)
        status = statement_run(store, STATEMENT_BEGIN, err, "");
    if (status < 0)
        return status;
    store->in_transaction = true;
    store->uncommitted += size;
    return 0;
}

/* --- When it fails ---------------------------------------------------------
 */

int store_fail(struct store *store, int status, struct drover_error *err)
{
    store->failure =
        failure_report(store->db, store->folder, status, &store->failed);
    return refuse(store, err);
}

int store_fail_damaged(struct store *store, const char *why,
                       struct drover_error *err)
{
    store->failure = failure_damaged(store->folder, why, &store->failed);
    return refuse(store, err);
}

/* Back to what was committed. SQLite may have undone it by itself. */
static void undo(struct store *store)
{
    sqlite3_reset(store->lent);
    store->lent = NULL;
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->in_transaction = false;
    store->recording = false;
    store->uncommitted = 0;
    store->tally = store->committed;
}

/* --- Spans -----------------------------------------------------------------
 */

static bool extends(const struct span *span, const struct span *more)
{
    return span->state == more->state && span->last + 1 == more->first;
}

int store_note_span(struct store *store, struct span span,
                    struct drover_error *err)
{
    size_t count = store->span_count;
    if (count > 0 && extends(&store->spans[count - 1], &span)) {
        store->spans[count - 1].last = span.last;
        return 0;
    }
    if (count == store->span_capacity) {
        size_t capacity = 2 * store->span_capacity + 16;
        struct span *spans =
            realloc(store->spans, capacity * sizeof store->spans[0]);
        if (spans == NULL)
            return error_no_memory(err);
        store->spans = spans;
        store->span_capacity = capacity;
    }
    store->spans[store->span_count++] = span;
    return 0;
}

/* --- Committing ------------------------------------------------------------
 */

/* SQLite makes the log's name in the folder last, or not, but never says so. */
static int sync_folder_once(struct store *store, struct drover_error *err)
{
    if (store->folder_synced)
        return 0;
    int status = folder_sync(store->folder, &store->failed);
    store->folder_synced = status == 0;
    store->failure = status < 0 ? -EIO : 0;
    return status < 0 ? refuse(store, err) : 0;
}

static int commit(struct store *store, struct drover_error *err)
{
    store->tally.commits = store->committed.commits + 1;
    int status = tally_write(store, err);
    if (status == 0)
        status = statement_run(store, STATEMENT_COMMIT, err, "");
    if (status == 0)
        status = sync_folder_once(store, err);
    if (status < 0)
        return status;
    store->committed = store->tally;
    witness_note(store);
    store->in_transaction = false;
    store->recording = false;
    store->uncommitted = 0;
    store->span_count = 0;
    return 0;
}

static int repeat_spans(struct store *store, struct drover_error *err)
{
    int status = store_begin(store, 0, err);
    for (size_t i = 0; i < store->span_count && status == 0; i++)
        status = store_move_items(store, &store->spans[i], err);
    return status == 0 ? commit(store, err) : status;
}

/* The disk is full. With the room of the ballast at least what collectors have
 * said is kept. */
static int rescue(struct store *store, struct drover_error *err)
{
    const struct drover_error full = store->failed;
    bool lost = store->recording;
    undo(store);
    if (store->span_count == 0 || !ballast_free_some(store->folder))
        return refuse(store, err);
    store->failure = 0;
    int status = repeat_spans(store, err);
    if (status < 0 || !lost)
        return status;
    store->failed = full;
    store->failure = -ENOSPC;
    return refuse(store, err);
}

/* Whether a statement found that out: it may have written before a commit. */
static bool is_to_be_rescued(const struct store *store)
{
    return store->failure == -ENOSPC && store->in_transaction &&
           store->owner == getpid();
}

int store_commit(struct store *store, struct drover_error *err)
{
    if (is_to_be_rescued(store)) {
        store->recording = true;
        return rescue(store, err);
    }
    int status = store_ready(store, err);
    if (status < 0 || store_uncommitted(store) == 0)
        return status;
    status = store_begin(store, 0, err);
    if (status == 0)
        status = commit(store, err);
    return status == -ENOSPC ? rescue(store, err) : status;
}

size_t store_uncommitted(const struct store *store)
{
    bool changed = store->tally.total != store->committed.total;
    return store->uncommitted + (store->in_transaction || changed);
}

void store_set_total(struct store *store, uint64_t total)
{
    store->tally.total = total;
}

/* --- The run's end, and its beginning again --------------------------------
 */

static int write_end(struct store *store, struct drover_error *err)
{
    int status = store_begin(store, 0, err);
    if (status == 0)
        status = about_write_end(store, err);
    return status == 0 ? commit(store, err) : status;
}

/* That it could not go on is the last that is said of a run; the store then
 * still fails with why. */
static int squeeze_end(struct store *store, struct drover_error *err)
{
    const struct drover_error full = store->failed;
    undo(store);
    ballast_free(store->folder);
    store->failure = 0;
    int status = write_end(store, err);
    if (status < 0)
        return status;
    store->failed = full;
    store->failure = -ENOSPC;
    return 0;
}

int store_end_run(struct store *store, enum store_state state,
                  struct drover_error *err)
{
    const int64_t state_before = store->about.state;
    const int64_t ended_before = store->about.ended_ms;
    if (state == STORE_HALTED && state_before != STORE_RUNNING)
        return 0;
    int status = store_commit(store, err);
    if (status < 0 && (status != -ENOSPC || state == STORE_FINISHED))
        return status;
    store->about.state = state;
    store->about.ended_ms = about_now_ms();
    if (status == 0)
        status = write_end(store, err);
    if (status == -ENOSPC)
        status = squeeze_end(store, err);
    if (status < 0) {
        store->about.state = state_before;
        store->about.ended_ms = ended_before;
    }
    return status;
}
