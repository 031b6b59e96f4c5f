#include "exchange/channel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "exchange/single.h"
#include "exchange/state.h"
#include "plugin/worker.h"

/* So much may have arrived and not be received before sending fails. */
enum { ARRIVED_MAX_BYTES = 256 * 1024 * 1024 };

/* --- Beginnings ------------------------------------------------------------
 */

/* The parent's end: CHILD serves the one call of an exchange. */
static struct drover_channel *begin(const struct forked *child,
                                    struct drover_value args,
                                    struct drover_error *err)
{
    struct drover_channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL) {
        fork_abandon(child);
        error_no_memory(err);
        return NULL;
    }
    channel->pid = child->pid;
    channel->exchange = single_create(child, args, err);
    if (channel->exchange != NULL)
        return channel;
    free(channel);
    return NULL;
}

struct drover_channel *drover_start(drover_task_fn task, void *context,
                                    struct drover_value args,
                                    struct drover_error *err)
{
    struct worker_task called = { .run = task, .context = context };
    struct forked child;
    if (single_check_args(args, err) < 0 || fork_process(&child, err) < 0)
        return NULL;
    if (child.pid == 0)
        fork_slot_serve(child.socket, NULL, 0, &called);
    return begin(&child, args, err);
}

/* BUILDER may be NULL: out of memory. */
static int pack(struct drover_builder *builder, const char *format,
                va_list arguments, struct drover_value *out,
                struct drover_error *err)
{
    if (builder == NULL)
        return error_no_memory(err);
    drover_build_pack_v(builder, format, arguments);
    return drover_builder_value(builder, out, err);
}

struct drover_channel *drover_start_pack(drover_task_fn task, void *context,
                                         struct drover_error *err,
                                         const char *format, ...)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_channel *channel = NULL;
    struct drover_value args;
    va_list arguments;
    va_start(arguments, format);
    int status =
        pack(builder, format == NULL ? "{}" : format, arguments, &args, err);
    va_end(arguments);
    if (status == 0)
        channel = drover_start(task, context, args, err);
    drover_builder_destroy(builder);
    return channel;
}

struct drover_channel *drover_create(struct drover_error *err)
{
    struct forked child;
    if (fork_process(&child, err) < 0)
        return NULL;
    if (child.pid == 0)
        return single_become(child.socket);
    return begin(&child, (struct drover_value){ NULL, 0 }, err);
}

/* A program that ends the wrong process has a mistake that no error code could
 * tell it of. */
static void check_child(const struct drover_channel *channel)
{
    if (channel != NULL && channel->call != NULL)
        return;
    fputs("drover_exit() in a process that drover_create() did not make: look "
          "at drover_channel_pid() first\n",
          stderr);
    abort();
}

static _Noreturn void end_child(struct drover_channel *channel, bool failed)
{
    int status = worker_end_bare(channel->call, failed);
    free(channel);
    _exit(status);
}

void drover_exit(struct drover_channel *channel)
{
    check_child(channel);
    end_child(channel, false);
}

void drover_exit_failed(struct drover_channel *channel, const char *format, ...)
{
    char message[4096];
    va_list arguments;
    check_child(channel);
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    drover_fail(channel->call, "%s", message);
    end_child(channel, true);
}

pid_t drover_channel_pid(const struct drover_channel *channel)
{
    return channel == NULL ? -1 : channel->pid;
}

/* --- Sending ---------------------------------------------------------------
 */

static struct call *the_call(const struct drover_channel *channel)
{
    return dispatch_find_call(channel->exchange->dispatch, 0);
}

/* The other side has ended: -EPIPE, with how, if it did not end well. */
static int tell_end(const struct drover_channel *channel,
                    struct drover_error *err)
{
    const struct drover_outcome *last =
        channel->ended ? &channel->last : items_last(&channel->exchange->items);
    if (last != NULL && last->cause != DROVER_OK)
        return error_set(err, EPIPE, "the other side: %s", last->text);
    return error_set(err, EPIPE, "the other side has ended");
}

/* Sending goes on as long as the other side lives, takes nothing, and we have
 * room for what it sends. */
static int send_rest(struct drover_channel *channel, int timeout_ms,
                     struct drover_error *err)
{
    struct drover_exchange *exchange = channel->exchange;
    int64_t deadline_ms = clock_now_ms() + timeout_ms;
    int64_t left_ms = timeout_ms;
    struct call *call;
    while ((call = the_call(channel)) != NULL &&
           dispatch_unsent(exchange->dispatch, call) > 0) {
        if (timeout_ms >= 0 && (left_ms = deadline_ms - clock_now_ms()) <= 0)
            return error_set(err, ETIMEDOUT,
                             "the other side takes nothing yet");
        if (exchange->items.size_bytes > ARRIVED_MAX_BYTES)
            return error_set(err, ENOBUFS,
                             "the other side sends, too, and has sent %zu "
                             "bytes that were not received",
                             exchange->items.size_bytes);
        dispatch_turn(exchange->dispatch, (int)left_ms);
        exchange_advance(exchange);
    }
    int status = dispatch_failure(exchange->dispatch, err);
    if (status == 0 && call == NULL)
        status = tell_end(channel, err);
    return status;
}

static int pass(struct drover_channel *channel, struct drover_value value,
                struct drover_error *err)
{
    int status = exchange_check_owner(channel->exchange, err);
    if (status < 0)
        return status;
    struct call *call = the_call(channel);
    if (call == NULL)
        return tell_end(channel, err);
    status = dispatch_pass(channel->exchange->dispatch, call, value);
    return status < 0
               ? error_set(err, -status, "cannot send: %s", strerror(-status))
               : 0;
}

static int no_channel(struct drover_error *err)
{
    return error_set(err, EINVAL, "there is no channel: it could not be made");
}

static int check_sending(const struct drover_channel *channel,
                         struct drover_value value, struct drover_error *err)
{
    if (channel == NULL)
        return no_channel(err);
    if (channel->closed)
        return error_set(err, EPIPE, "this side of the channel is closed");
    if (drover_value_check(value, err) < 0)
        return error_set(err, EINVAL, "what is to be sent is no value");
    return 0;
}

int drover_channel_send(struct drover_channel *channel,
                        struct drover_value value, int timeout_ms,
                        struct drover_error *err)
{
    int status = check_sending(channel, value, err);
    if (status < 0)
        return status;
    if (channel->call != NULL)
        return drover_send(channel->call, value) == 0
                   ? 0
                   : error_set(err, EPIPE, "the other side has ended");
    status = pass(channel, value, err);
    return status < 0 ? status : send_rest(channel, timeout_ms, err);
}

int drover_channel_send_pack(struct drover_channel *channel,
                             struct drover_error *err, const char *format, ...)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value;
    va_list arguments;
    va_start(arguments, format);
    int status = pack(builder, format, arguments, &value, err);
    va_end(arguments);
    if (status == 0)
        status = drover_channel_send(channel, value, -1, err);
    drover_builder_destroy(builder);
    return status;
}

void drover_channel_close(struct drover_channel *channel)
{
    static const struct drover_value no_more = { NULL, 0 };
    if (channel == NULL || channel->closed)
        return;
    if (channel->call == NULL)
        (void)pass(channel, no_more, NULL);
    channel->closed = true;
}

/* --- Receiving --------------------------------------------------------------
 */

static int judge(const struct drover_channel *channel, struct drover_error *err)
{
    if (channel->last.cause == DROVER_OK)
        return 0;
    return error_set(err, EREMOTEIO, "the other side: %s", channel->last.text);
}

/* The last item may have a value: what the task has returned. */
static int take_last(struct drover_channel *channel, struct drover_value *value,
                     struct drover_error *err)
{
    if (!channel->unseen)
        return judge(channel, err);
    channel->unseen = false;
    *value = channel->last.value;
    return 1;
}

static int receive_in_child(struct drover_channel *channel,
                            struct drover_value *value, int timeout_ms,
                            struct drover_error *err)
{
    int status = drover_receive(channel->call, value, timeout_ms);
    return status < 0
               ? error_set(err, -status, "nothing came for %d ms", timeout_ms)
               : status;
}

int drover_channel_receive(struct drover_channel *channel,
                           struct drover_value *value, int timeout_ms,
                           struct drover_error *err)
{
    struct drover_outcome item;
    if (channel == NULL)
        return no_channel(err);
    if (channel->call != NULL)
        return receive_in_child(channel, value, timeout_ms, err);
    if (channel->ended)
        return take_last(channel, value, err);
    int status =
        drover_exchange_next(channel->exchange, &item, timeout_ms, err);
    if (status <= 0)
        return status;
    *value = item.value;
    if (!item.ended)
        return 1;
    channel->ended = true;
    channel->last = item;
    channel->unseen = item.value.size > 0;
    return take_last(channel, value, err);
}

static bool has_ended(const struct drover_exchange *exchange)
{
    return exchange->unended == 0 ||
           exchange->items.size_bytes > ARRIVED_MAX_BYTES;
}

int drover_channel_wait(struct drover_channel *channel,
                        struct drover_outcome *outcome, int timeout_ms,
                        struct drover_error *err)
{
    if (channel == NULL)
        return no_channel(err);
    if (channel->call != NULL)
        return error_set(err, EINVAL, "the other side is the parent");
    struct drover_exchange *exchange = channel->exchange;
    int status = exchange_await(exchange, has_ended, timeout_ms, err);
    if (status < 0)
        return status;
    if (exchange->unended > 0)
        return error_set(err, ENOBUFS,
                         "it has sent %zu bytes that were not received",
                         exchange->items.size_bytes);
    const struct drover_outcome *last =
        channel->ended ? &channel->last : items_last(&exchange->items);
    if (outcome != NULL) {
        *outcome = *last;
        outcome->value = (struct drover_value){ NULL, 0 };
    }
    return 0;
}

void drover_channel_destroy(struct drover_channel *channel)
{
    if (channel == NULL)
        return;
    drover_exchange_destroy(channel->exchange);
    free(channel);
}
