#include "exchange/single.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "exchange/channel.h"
#include "exchange/state.h"
#include "plugin/worker.h"

/* What an exchange would make an outcome of is an error here. */
int single_check_args(struct drover_value args, struct drover_error *err)
{
    enum drover_type type = drover_value_type(args);
    if (args.size > 0 && type != DROVER_MAP)
        return error_set(err, EINVAL, "the arguments are %s, expected a map",
                         drover_type_name(type));
    return 0;
}

struct drover_exchange *single_create(const struct forked *child,
                                      struct drover_value args,
                                      struct drover_error *err)
{
    static const struct drover_exchange_options options = { .limit = 1,
                                                            .continuous =
                                                                true };
    struct drover_exchange *exchange =
        exchange_create(&options, false, child, err);
    if (exchange == NULL) {
        fork_abandon(child);
        return NULL;
    }
    if (drover_exchange_start(exchange, NULL, NULL, args) >= 0)
        return exchange;
    error_no_memory(err);
    drover_exchange_destroy(exchange);
    return NULL;
}

int single_descriptor(const struct drover_exchange *exchange)
{
    return dispatch_descriptor(exchange->dispatch);
}

size_t single_untaken(const struct drover_exchange *exchange)
{
    const struct call *call = dispatch_find_call(exchange->dispatch, 0);
    return call == NULL ? 0 : dispatch_unsent(exchange->dispatch, call);
}

void single_cancel(struct drover_exchange *exchange)
{
    dispatch_cancel(exchange->dispatch);
}

struct drover_channel *single_become(int socket)
{
    family_abandon();
    struct drover_channel *channel = calloc(1, sizeof *channel);
    struct drover_call *call =
        worker_begin_bare(&socket, SLOT_FIRST_SEQUENCE, 0);
    if (channel == NULL || call == NULL)
        _exit(EXIT_FAILURE);
    channel->call = call;
    return channel;
}

void single_await_call(int socket)
{
    char first;
    ssize_t size;
    do
        size = recv(socket, &first, 1, MSG_PEEK);
    while (size < 0 && errno == EINTR);
    if (size <= 0)
        _exit(EXIT_FAILURE);
}
