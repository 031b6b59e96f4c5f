#include "background/serving.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "store/delivery.h"

enum { TURN_MS = 1000 };

/* finished   the run has ended
 * quiet_ms   since when that was so and nobody was connected
 * offered    the number of the last item that the server has heard of */
struct serving {
    struct serving_setting setting;
    struct address *address;
    struct server *server;
    bool finished;
    int64_t quiet_ms;
    uint64_t offered;
};

/* --- Life -------------------------------------------------------------------
 */

static int serve(struct serving *serving, struct drover_error *err)
{
    const struct serving_setting *setting = &serving->setting;
    if (setting->path == NULL)
        return 0;
    int status = address_own(setting->path, store_folder(setting->store),
                             &serving->address, err);
    if (status < 0)
        return status;
    serving->server =
        server_create(setting->store, serving->address, &setting->client, err);
    if (serving->server != NULL)
        return 0;
    address_release(serving->address, true);
    return err == NULL ? -ENOMEM : -err->code;
}

int serving_open(struct serving **out, const struct serving_setting *setting,
                 struct drover_error *err)
{
    struct drover_error why;
    struct serving *serving = calloc(1, sizeof *serving);
    if (serving == NULL)
        return error_no_memory(err);
    serving->setting = *setting;
    int status = serve(serving, err == NULL ? &why : err);
    if (status < 0) {
        free(serving);
        return status;
    }
    *out = serving;
    return 0;
}

void serving_close(struct serving *serving)
{
    if (serving == NULL)
        return;
    /* Who sees that the connection was closed may use the address again. */
    address_release(serving->address,
                    serving->finished &&
                        delivery_is_complete(serving->setting.store));
    server_destroy(serving->server);
    free(serving);
}

void serving_abandon(struct serving *serving)
{
    if (serving == NULL)
        return;
    if (serving->server != NULL) {
        server_abandon(serving->server);
        address_abandon(serving->address);
    }
    free(serving);
}

/* --- Turns ------------------------------------------------------------------
 */

static bool is_served(const struct serving *serving)
{
    return serving->server != NULL;
}

int serving_descriptor(const struct serving *serving)
{
    return is_served(serving) ? server_descriptor(serving->server) : -1;
}

/* Whoever takes something keeps us from going. */
static void note_quiet(struct serving *serving)
{
    if (!serving->finished || server_has_connections(serving->server))
        serving->quiet_ms = clock_now_ms();
}

static int64_t left_ms(const struct serving *serving)
{
    return serving->quiet_ms + serving->setting.linger_ms - clock_now_ms();
}

static bool has_lingered(const struct serving *serving)
{
    return serving->setting.linger_ms >= 0 && left_ms(serving) <= 0 &&
           !server_has_connections(serving->server);
}

bool serving_is_over(const struct serving *serving)
{
    if (!serving->finished)
        return false;
    return !is_served(serving) || server_is_drained(serving->server) ||
           has_lingered(serving);
}

int serving_patience_ms(const struct serving *serving)
{
    if (!is_served(serving))
        return -1;
    if (!serving->finished || serving->setting.linger_ms < 0 ||
        left_ms(serving) > TURN_MS)
        return TURN_MS;
    /* Who is still connected when the time is over may go at any moment. */
    return left_ms(serving) > 0 ? (int)left_ms(serving) : TURN_MS;
}

static int offer_news(struct serving *serving, struct drover_error *err)
{
    uint64_t last = delivery_last(serving->setting.store);
    if (last == serving->offered)
        return 0;
    serving->offered = last;
    return server_offer(serving->server, err);
}

int serving_turn(struct serving *serving, struct drover_error *err)
{
    if (!is_served(serving))
        return 0;
    int status = server_turn(serving->server, err);
    if (status == 0)
        status = offer_news(serving, err);
    note_quiet(serving);
    return status;
}

int serving_commit(struct serving *serving, struct drover_error *err)
{
    int status = store_commit(serving->setting.store, err);
    return status == 0 && is_served(serving) ? offer_news(serving, err)
                                             : status;
}

int serving_finish(struct serving *serving, enum store_state state,
                   struct drover_error *err)
{
    int status = serving_commit(serving, err);
    /* On a full disk there may still be room for how it ended. */
    if (status == 0 || status == -ENOSPC)
        status = store_end_run(serving->setting.store, state, err);
    if (status < 0)
        return status;
    serving->finished = true;
    if (!is_served(serving))
        return 0;
    serving->quiet_ms = clock_now_ms();
    return server_finish(serving->server, err);
}
