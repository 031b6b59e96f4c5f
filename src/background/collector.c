#include "background/collector.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "background/server.h"
#include "base/descriptor.h"
#include "base/error.h"

enum {
    WINDOW_DEFAULT = 256,
    WINDOW_MAX = SERVER_CREDIT_MAX,
    WORDS_LIMIT_BYTES = MESSAGE_LIMIT_FROM_SERVER_BYTES,
    FAREWELL_MS = 1000, /* for acknowledgements that are under way, and for
                           processes that have nothing more to do */
};

int collector_check(const struct drover_collector *collector,
                    struct drover_error *err)
{
    if (collector == NULL)
        return error_set(err, EINVAL,
                         "there is no collector: it could not be made");
    if (collector->owner != getpid())
        return error_set(err, EPERM,
                         "the collector belongs to another process");
    return 0;
}

/* --- Life -------------------------------------------------------------------
 */

static int open_epoll(struct drover_collector *collector,
                      struct drover_error *err)
{
    collector->epoll = epoll_create1(EPOLL_CLOEXEC);
    int status =
        collector->epoll < 0 ? -errno : descriptor_move_up(&collector->epoll);
    return status < 0 ? error_set(err, -status, "cannot make a collector: %s",
                                  strerror(-status))
                      : 0;
}

/* [forked child] A server must see that this process has disconnected, a store
 * be free when it has closed it, whoever was forked meanwhile. */
static void abandon(struct belonging *belonging)
{
    struct drover_collector *collector =
        (struct drover_collector *)((char *)belonging -
                                    offsetof(struct drover_collector,
                                             belonging));
    for (size_t i = 0; i < collector->count; i++)
        supply_abandon(collector->supplies[i]);
    descriptor_close(&collector->epoll);
}

struct drover_collector *
drover_collector_create(const struct drover_collector_options *options,
                        struct drover_error *err)
{
    struct drover_collector *collector = calloc(1, sizeof *collector);
    if (collector == NULL) {
        error_no_memory(err);
        return NULL;
    }
    collector->belonging.abandon = abandon;
    belonging_add(&collector->belonging);
    collector->owner = getpid();
    collector->epoll = -1;
    buffer_init(&collector->words, WORDS_LIMIT_BYTES);
    if (options != NULL)
        collector->options = *options;
    if (collector->options.window == 0)
        collector->options.window = WINDOW_DEFAULT;
    int status = 0;
    if (collector->options.window > WINDOW_MAX)
        status = error_set(err, EINVAL, "window %u, the most is %d",
                           collector->options.window, WINDOW_MAX);
    if (status == 0)
        status = open_epoll(collector, err);
    if (status == 0)
        return collector;
    drover_collector_destroy(collector);
    return NULL;
}

void drover_collector_destroy(struct drover_collector *collector)
{
    if (collector == NULL)
        return;
    bool ours = collector->owner == getpid();
    if (ours && collector->count > 0 &&
        drover_collector_confirm(collector, FAREWELL_MS, NULL) == 0)
        collector_see_off(collector, FAREWELL_MS);
    belonging_remove(&collector->belonging);
    for (size_t i = 0; i < collector->count; i++)
        supply_destroy(collector->supplies[i], !ours);
    free(collector->supplies);
    descriptor_close(&collector->epoll);
    buffer_clear(&collector->words);
    free(collector);
}

/* --- Connecting -------------------------------------------------------------
 */

static int make_room(struct drover_collector *collector,
                     struct drover_error *err)
{
    struct supply **supplies = reallocarray(
        collector->supplies, collector->count + 1, sizeof *supplies);
    if (supplies == NULL)
        return error_no_memory(err);
    collector->supplies = supplies;
    return 0;
}

int collector_open_supply(struct drover_collector *collector,
                          struct supply *supply, struct drover_error *err)
{
    int status = supply_open(supply, err);
    if (status < 0 || supply->link.channel.socket < 0)
        return status;
    supply->events = EPOLLIN;
    struct epoll_event event = { .events = supply->events, .data.ptr = supply };
    if (epoll_ctl(collector->epoll, EPOLL_CTL_ADD, supply->link.channel.socket,
                  &event) < 0)
        return error_set(err, errno, "cannot wait for %s: %s", supply->address,
                         strerror(errno));
    return 0;
}

int drover_collector_connect(struct drover_collector *collector,
                             const char *address, struct drover_error *err)
{
    int status = collector_check(collector, err);
    if (status == 0)
        status = make_room(collector, err);
    if (status < 0)
        return status;
    struct supply *supply = supply_create(address, &collector->options);
    if (supply == NULL)
        return error_no_memory(err);
    status = collector_open_supply(collector, supply, err);
    if (status < 0) {
        supply_destroy(supply, false);
        return status;
    }
    collector->supplies[collector->count++] = supply;
    /* A server may get going; a store can wait until it is asked. */
    if (supply->link.channel.socket >= 0)
        collector_push(collector);
    return 0;
}

size_t drover_collector_open(const struct drover_collector *collector)
{
    size_t count = 0;
    for (size_t i = 0; collector != NULL && i < collector->count; i++)
        count += collector->supplies[i]->state == SUPPLY_GIVING;
    return count;
}
