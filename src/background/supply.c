#include "background/supply.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "background/item.h"
#include "base/clock.h"
#include "base/error.h"

enum {
    CONNECT_MS = 5000,
    /* A process that ends closes its connections before its address, and that
     * before its store; one that begins does it the other way round. */
    BUSY_MS = 1000,
    BUSY_LOOK_MS = 20,
    ITEMS_LIMIT_BYTES = MESSAGE_LIMIT_FROM_SERVER_BYTES + MESSAGE_LIMIT_BYTES,
};

/* --- Life -------------------------------------------------------------------
 */

struct supply *supply_create(const char *address,
                             const struct drover_collector_options *options)
{
    struct supply *supply = calloc(1, sizeof *supply);
    if (supply == NULL)
        return NULL;
    supply->address = strdup(address);
    supply->handed = calloc(options->window, sizeof *supply->handed);
    supply->options = options;
    supply->link.channel.socket = -1;
    supply->owed = options->window;
    supply->lease.peek = options->peek;
    buffer_init(&supply->items, ITEMS_LIMIT_BYTES);
    if (supply->address != NULL && supply->handed != NULL)
        return supply;
    supply_destroy(supply, true);
    return NULL;
}

static void close_ends(struct supply *supply, bool abandon)
{
    link_close(&supply->link);
    if (abandon)
        store_abandon(supply->store);
    else
        store_close(supply->store);
    supply->store = NULL;
    lease_end(&supply->lease, &supply->pool);
    lease_pool_clear(&supply->pool);
}

void supply_abandon(struct supply *supply)
{
    close_ends(supply, true);
}

void supply_destroy(struct supply *supply, bool abandon)
{
    if (!abandon)
        supply_push(supply);
    close_ends(supply, abandon);
    buffer_clear(&supply->items);
    ranges_clear(&supply->acknowledged);
    ranges_clear(&supply->unconfirmed);
    free(supply->handed);
    free(supply->path);
    free(supply->address);
    free(supply);
}

void supply_fail(struct supply *supply, const struct drover_error *err)
{
    supply->failure = *err;
    error_prefix(&supply->failure, "%s", supply->address);
    supply->state = SUPPLY_FAILED;
    if (supply->acknowledged.count + supply->unconfirmed.count > 0)
        supply->unrecorded = supply->failure;
    ranges_clear(&supply->acknowledged);
    ranges_clear(&supply->unconfirmed);
    /* Those that are kept may never have been recorded as given. */
    buffer_clear(&supply->items);
    supply->front = 0;
    close_ends(supply, false);
}

/* --- Opening ----------------------------------------------------------------
 */

static int open_store(struct supply *supply, const struct reference *reference,
                      struct drover_error *err)
{
    if (reference->folder == NULL)
        return error_set(err, ENOENT,
                         "%s: nobody serves it, and its results "
                         "are nowhere",
                         supply->address);
    int status = store_open(reference->folder, &supply->store, err);
    if (status == 0)
        supply->pool.store = supply->store;
    return status;
}

static int open_either(struct supply *supply, struct drover_error *err)
{
    struct reference reference;
    int status = reference_find(supply->address, &reference, err);
    if (status < 0)
        return status;
    status =
        link_reach(&supply->link, &reference, clock_now_ms() + CONNECT_MS, err);
    if (status == -ECONNREFUSED)
        status = open_store(supply, &reference, err);
    if (status == 0) {
        supply->path = reference.path;
        reference.path = NULL;
    }
    reference_clear(&reference);
    return status;
}

int supply_open(struct supply *supply, struct drover_error *err)
{
    /* What was tried in vain on the way is not the caller's concern. */
    struct drover_error own;
    free(supply->path);
    supply->path = NULL;
    supply->state = SUPPLY_GIVING;
    supply->owed = supply->options->window;
    supply->under_way = 0;
    int64_t deadline_ms = clock_now_ms() + BUSY_MS;
    int status;
    while (((status = open_either(supply, &own)) == -EBUSY ||
            status == -ECONNRESET) &&
           clock_now_ms() < deadline_ms)
        (void)poll(NULL, 0, BUSY_LOOK_MS);
    return status < 0 ? error_set(err, own.code, "%s", own.message) : 0;
}

/* --- Changing over -----------------------------------------------------------
 *
 * A process that has nothing more to do does not see who comes just then. */

/* What was given out and not acknowledged would be given out again, and what
 * was acknowledged may be lost: that must be said. */
static bool is_untouched(const struct supply *supply)
{
    return supply->state == SUPPLY_GIVING && supply->handed_count == 0 &&
           buffer_size(&supply->items) == 0 && supply->sent == 0 &&
           supply->acknowledged.count + supply->unconfirmed.count == 0 &&
           !(supply->given && supply->options->peek);
}

static bool has_ended(const struct store *store)
{
    struct store_summary summary;
    store_summarize(store, &summary);
    return summary.state != STORE_RUNNING;
}

static int open_left(struct supply *supply)
{
    struct reference reference;
    int status = reference_find(supply->address, &reference, NULL);
    if (status < 0)
        return status;
    status = open_store(supply, &reference, NULL);
    reference_clear(&reference);
    return status;
}

bool supply_change_over(struct supply *supply)
{
    int64_t deadline_ms = clock_now_ms() + BUSY_MS;
    int status;
    if (!is_untouched(supply))
        return false;
    while ((status = open_left(supply)) == -EBUSY &&
           clock_now_ms() < deadline_ms)
        (void)poll(NULL, 0, BUSY_LOOK_MS);
    if (status < 0)
        return false;
    if (!has_ended(supply->store)) {
        store_close(supply->store);
        supply->store = NULL;
        return false;
    }
    link_close(&supply->link);
    supply->owed = supply->options->window;
    supply->under_way = 0;
    return true;
}

/* --- Items ------------------------------------------------------------------
 */

/* The frame at the front of `items`. */
static bool next_kept(struct supply *supply, struct message *out)
{
    struct drover_error err;
    size_t size = buffer_size(&supply->items);
    if (size == 0)
        return false;
    const uint8_t *bytes = buffer_bytes(&supply->items);
    int64_t frame = message_frame_size(bytes, size, MESSAGE_FROM_SERVER, &err);
    if (frame < 0 || message_decode(bytes, (size_t)frame, MESSAGE_FROM_SERVER,
                                    out, &err) < 0) {
        supply_fail(supply, &err);
        return false;
    }
    supply->front = (size_t)frame;
    return true;
}

static void drop_front(struct supply *supply)
{
    buffer_consume(&supply->items, supply->front);
    supply->front = 0;
    if (buffer_size(&supply->items) == 0)
        buffer_clear(&supply->items);
}

static bool next_message(struct supply *supply, struct message *out)
{
    drop_front(supply);
    if (next_kept(supply, out))
        return true;
    if (supply->link.channel.socket >= 0)
        return supply_link_receive(supply, out);
    if (supply->store == NULL)
        return false;
    supply_store_take(supply);
    return next_kept(supply, out);
}

static void hand_out(struct supply *supply, uint64_t number)
{
    supply->given = true;
    if (supply->options->peek) {
        supply->owed++;
        return;
    }
    size_t at =
        (supply->handed_first + supply->handed_count) % supply->options->window;
    supply->handed[at] = number;
    supply->handed_count++;
    if (number > supply->highest)
        supply->highest = number;
}

bool supply_take(struct supply *supply, struct buffer *words,
                 struct drover_collected *out)
{
    struct message message;
    struct drover_error err;
    if (supply->state == SUPPLY_FAILED || !next_message(supply, &message))
        return false;
    if (item_decode(&message, words, out, &err) < 0) {
        supply_fail(supply, &err);
        return false;
    }
    out->address = supply->address;
    hand_out(supply, out->number);
    return true;
}

/* --- Acknowledging ----------------------------------------------------------
 */

/* How many were given out up to item NUMBER; 0: it is not among them. */
static size_t count_up_to(const struct supply *supply, uint64_t number)
{
    for (size_t i = 0; i < supply->handed_count; i++)
        if (supply->handed[(supply->handed_first + i) %
                           supply->options->window] == number)
            return i + 1;
    return 0;
}

static bool is_open(const struct supply *supply)
{
    return supply->link.channel.socket >= 0 || supply->store != NULL;
}

int supply_acknowledge(struct supply *supply, uint64_t number,
                       struct drover_error *err)
{
    size_t count = count_up_to(supply, number);
    if (count > 0 && !is_open(supply))
        return error_set(err, ECONNRESET,
                         "%s: the connection was lost before that item was "
                         "acknowledged",
                         supply->address);
    if (count == 0 && (number == 0 || number > supply->highest))
        return error_set(err, EINVAL, "no such item was given out");
    for (; count > 0; count--) {
        uint64_t first = supply->handed[supply->handed_first];
        if (ranges_add(&supply->acknowledged, first, first) < 0)
            return error_no_memory(err);
        supply->handed_first =
            (supply->handed_first + 1) % supply->options->window;
        supply->handed_count--;
        supply->owed++;
    }
    return 0;
}

bool supply_is_due(const struct supply *supply)
{
    return supply->link.channel.socket >= 0 && supply->owed > 0 &&
           supply->owed >= supply->options->window / 2;
}

void supply_push(struct supply *supply)
{
    if (supply->link.channel.socket >= 0)
        supply_link_push(supply);
    else if (supply->store != NULL)
        supply_store_push(supply);
}

bool supply_is_blocked(const struct supply *supply)
{
    return supply->state == SUPPLY_GIVING && supply->owed == 0 &&
           supply->under_way == 0;
}
