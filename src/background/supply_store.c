#include <errno.h>

#include "background/address.h"
#include "background/server.h"
#include "background/supply.h"
#include "base/error.h"

static int record_acknowledgements(struct supply *supply,
                                   struct drover_error *err)
{
    const struct ranges *ranges = &supply->acknowledged;
    int status = 0;
    for (size_t i = 0; status == 0 && i < ranges->count; i++)
        status =
            lease_acknowledge(&supply->lease, &supply->pool,
                              ranges->list[i].first, ranges->list[i].last, err);
    ranges_clear(&supply->lease.acknowledged);
    return status;
}

/* *DRAINED: there was none. */
static int take_items(struct supply *supply, bool *drained,
                      struct drover_error *err)
{
    if (supply->owed == 0 || supply->state != SUPPLY_GIVING ||
        buffer_size(&supply->items) > 0)
        return 0;
    int64_t taken = lease_take(&supply->lease, &supply->pool, supply->owed,
                               &supply->items, SERVER_OUT_BYTES, err);
    if (taken < 0)
        return (int)taken;
    supply->owed -= (uint64_t)taken;
    *drained = taken == 0;
    return 0;
}

/* Nobody will come for more to the address of a run that has ended and was
 * collected: then the file beside it, which says where the results are, goes.
 */
static void forget_address(const struct supply *supply)
{
    struct store_summary summary;
    store_summarize(supply->store, &summary);
    if (supply->path != NULL && summary.state != STORE_RUNNING &&
        delivery_is_complete(supply->store))
        address_forget(supply->path, store_folder(supply->store));
}

/* A job can be carried on; a call of a C program ended with its memory. */
static void tell_killed(struct supply *supply)
{
    const char *name = store_name(supply->store);
    if (store_run(supply->store)->text_size == 0)
        error_set(&supply->failure, ECONNRESET,
                  "%s: run %s was killed before it ended", supply->address,
                  name);
    else
        error_set(&supply->failure, ECONNRESET,
                  "%s: run %s was killed before it ended; \"drover resume %s\" "
                  "carries it on",
                  supply->address, name, name);
}

/* That of a job is told otherwise, see standing.h; a call of a C program has no
 * outcome then. */
static void tell_halted(struct supply *supply)
{
    const char *name = store_name(supply->store);
    if (store_run(supply->store)->text_size == 0)
        error_set(&supply->failure, ECONNRESET,
                  "%s: run %s could not go on; its log says why",
                  supply->address, name);
}

/* What a run that was killed or halted has left is not all that there will be.
 */
static void drain(struct supply *supply)
{
    struct store_summary summary;
    store_summarize(supply->store, &summary);
    supply->state = SUPPLY_DRAINED;
    if (supply->options->no_wait)
        return;
    if (summary.state == STORE_RUNNING)
        tell_killed(supply);
    else if (summary.state == STORE_HALTED)
        tell_halted(supply);
}

static int commit(struct supply *supply, struct drover_error *err)
{
    int status = 0;
    if (supply->pool.changed)
        status = store_commit(supply->store, err);
    if (status < 0)
        return status;
    supply->pool.changed = false;
    ranges_clear(&supply->acknowledged);
    return 0;
}

/* All that was given out is acknowledged, and no more will be. */
static void close_drained(struct supply *supply)
{
    if (supply->state != SUPPLY_DRAINED || supply->handed_count > 0 ||
        buffer_size(&supply->items) > 0)
        return;
    if (!supply->options->peek)
        forget_address(supply);
    store_close(supply->store);
    supply->store = NULL;
}

void supply_store_push(struct supply *supply)
{
    struct drover_error err;
    int status = record_acknowledgements(supply, &err);
    if (status == 0)
        status = commit(supply, &err);
    if (status < 0)
        supply_fail(supply, &err);
    else
        close_drained(supply);
}

void supply_store_take(struct supply *supply)
{
    struct drover_error err;
    bool drained = false;
    int status = record_acknowledgements(supply, &err);
    if (status == 0)
        status = take_items(supply, &drained, &err);
    if (status == 0)
        status = commit(supply, &err);
    if (status < 0) {
        supply_fail(supply, &err);
        return;
    }
    if (drained)
        drain(supply);
    close_drained(supply);
}
