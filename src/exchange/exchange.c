#include "exchange/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "process/budget.h"
#include "process/cores.h"
#include "value/encode.h"

enum { LIMIT_MAX = 1024, FAREWELL_MS = 2000 };

/* What a call has given so far, unless the exchange is continuous.
 *
 * ahead     some of it was sent ahead
 * too_large it was more than one outcome can hold, and is lost */
struct gathered {
    struct buffer values;
    size_t count;
    bool ahead;
    bool too_large;
};

/* --- What the dispatch asks ---------------------------------------------- */

static void open_stage(void *context, size_t stage)
{
    struct drover_exchange *exchange = context;
    schedule_opened(exchange->schedule, stage, 0);
}

static struct call *give_next(void *context, size_t stage)
{
    (void)stage;
    return exchange_pop_waiting(context);
}

static void refuse_next(void *context, size_t stage, const char *why)
{
    (void)stage;
    exchange_refuse_waiting(context, why);
}

void exchange_add_item(struct drover_exchange *exchange,
                       const struct drover_outcome *outcome)
{
    struct drover_outcome item = *outcome;
    /* A task sees an empty map; the caller, who gave no arguments, none. */
    if (drover_value_count(item.args) == 0)
        item.args = (struct drover_value){ NULL, 0 };
    if (items_add(&exchange->items, &item) < 0) {
        dispatch_fail(exchange->dispatch, -ENOMEM, "cannot keep an outcome");
        return;
    }
    if (outcome->ended) {
        exchange->unended--;
        exchange->untaken++;
    }
}

static struct drover_value args_of(const struct call *call)
{
    return (struct drover_value){ buffer_bytes(&call->args),
                                  buffer_size(&call->args) };
}

static void give_ahead(struct drover_exchange *exchange,
                       const struct call *call, struct drover_value value)
{
    exchange_add_item(exchange, &(struct drover_outcome){ .cause = DROVER_OK,
                                                          .index = call->index,
                                                          .args = args_of(call),
                                                          .value = value,
                                                          .text = "" });
}

static int gather(struct call *call, struct drover_value value, bool ahead)
{
    struct gathered *gathered = call->client;
    if (gathered == NULL) {
        gathered = calloc(1, sizeof *gathered);
        if (gathered == NULL)
            return -ENOMEM;
        buffer_init(&gathered->values, MESSAGE_LIMIT_BYTES);
        call->client = gathered;
        /* Room for the head of a list. */
        static const uint8_t room[VALUE_HEAD_BYTES];
        int status = buffer_append(&gathered->values, room, sizeof room);
        if (status < 0)
            return status;
    }
    gathered->count++;
    gathered->ahead |= ahead;
    int status = 0;
    if (!gathered->too_large)
        status = buffer_append(&gathered->values, value.data, value.size);
    if (status != -EMSGSIZE)
        return status;
    buffer_clear(&gathered->values);
    gathered->too_large = true;
    return 0;
}

static void take_result(void *context, struct call *call,
                        struct drover_value value, bool ahead)
{
    struct drover_exchange *exchange = context;
    if (exchange->options.continuous && ahead) {
        give_ahead(exchange, call, value);
        return;
    }
    int status = gather(call, value, ahead);
    if (status < 0)
        dispatch_fail(exchange->dispatch, status, "cannot keep a result");
}

/* The values become one: the list of them if some were sent ahead. */
static void finish_value(struct gathered *gathered,
                         struct drover_outcome *outcome)
{
    if (gathered->too_large) {
        outcome->cause = DROVER_ERROR;
        outcome->text = "what it has sent is more than 256 MiB, too large for "
                        "one outcome: a continuous exchange gives each value";
        return;
    }
    uint8_t *bytes = buffer_bytes(&gathered->values);
    size_t size = buffer_size(&gathered->values);
    size_t unused = VALUE_HEAD_BYTES;
    if (gathered->ahead) {
        uint8_t head[VALUE_HEAD_BYTES];
        size_t head_size = value_write_list_head(head, gathered->count);
        unused -= head_size;
        memcpy(bytes + unused, head, head_size);
    }
    outcome->value = (struct drover_value){ bytes + unused, size - unused };
}

static void forget_gathered(struct call *call)
{
    struct gathered *gathered = call->client;
    if (gathered == NULL)
        return;
    buffer_clear(&gathered->values);
    free(gathered);
    call->client = NULL;
}

static void end_call(void *context, struct call *call,
                     const struct outcome *outcome)
{
    struct drover_exchange *exchange = context;
    struct drover_outcome item = {
        .cause = outcome->cause,
        .ended = true,
        .index = call->index,
        .args = outcome->args,
        .text = outcome->text,
        .number = outcome->number,
        .elapsed_ns = outcome->elapsed_ns,
        .cpu_us = outcome->cpu_us,
        .memory_kib = outcome->memory_kib,
    };
    /* What could not be kept is not to be taken for the result. */
    if (dispatch_failure(exchange->dispatch, NULL) == 0) {
        if (outcome->cause == DROVER_OK && call->client != NULL)
            finish_value(call->client, &item);
        exchange_add_item(exchange, &item);
    }
    forget_gathered(call);
}

static void hear(void *context, unsigned source, size_t number)
{
    (void)source;
    exchange_hear_member(context, number);
}

/* --- Creation --------------------------------------------------------------
 */

static int create_dispatch(struct drover_exchange *exchange,
                           struct drover_error *err)
{
    exchange->stage =
        (struct schedule_stage){ .reused = exchange->options.reuse,
                                 .fed = true };
    exchange->dispatch = dispatch_create(
        &(struct dispatch_setting){
            .slots = exchange->slots,
            .maker = &fork_slot_maker,
            .material = &exchange->material,
            .stages = &exchange->stage,
            .stage_count = 1,
            .watchful = true,
            .bound = exchange->ready.pid > 0,
            .client = { .context = exchange,
                        .open = open_stage,
                        .expand = give_next,
                        .refuse = refuse_next,
                        .result = take_result,
                        .ended = end_call,
                        .happened = hear },
        },
        err);
    if (exchange->dispatch == NULL)
        return err == NULL ? -ENOMEM : -err->code;
    exchange->schedule = dispatch_schedule(exchange->dispatch);
    exchange->family.dispatch = exchange->dispatch;
    family_join(&exchange->family);
    /* The stage opens now, so that calls can be added to it. */
    dispatch_advance(exchange->dispatch);
    return 0;
}

static int build(struct drover_exchange *exchange, struct drover_error *err)
{
    unsigned cores = cores_available();
    budget_open(cores);
    exchange->budgeted = exchange->options.limit == 0;
    exchange->slots = exchange->options.limit;
    if (exchange->budgeted)
        exchange->slots = cores < LIMIT_MAX ? cores : LIMIT_MAX;
    exchange->builder = drover_builder_create();
    exchange->cores = calloc(exchange->slots, sizeof *exchange->cores);
    if (exchange->builder == NULL || exchange->cores == NULL)
        return error_no_memory(err);
    return create_dispatch(exchange, err);
}

struct drover_exchange *
exchange_create(const struct drover_exchange_options *options, bool ordered,
                const struct forked *ready, struct drover_error *err)
{
    if (options != NULL && options->limit > LIMIT_MAX) {
        error_set(err, EINVAL, "a limit of %u, expected 0 to %d",
                  options->limit, LIMIT_MAX);
        return NULL;
    }
    struct drover_exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        error_no_memory(err);
        return NULL;
    }
    if (options != NULL)
        exchange->options = *options;
    if (ready != NULL)
        exchange->ready = *ready;
    exchange->material.ready = &exchange->ready;
    exchange->material.seed = exchange->options.seed;
    exchange->owner = getpid();
    exchange->waiting_last = &exchange->waiting;
    items_init(&exchange->items, ordered);
    if (build(exchange, err) < 0) {
        exchange->ready.pid = 0; /* it is the caller's */
        drover_exchange_destroy(exchange);
        return NULL;
    }
    return exchange;
}

struct drover_exchange *
drover_queue_create(const struct drover_exchange_options *options,
                    struct drover_error *err)
{
    return exchange_create(options, false, NULL, err);
}

struct drover_exchange *
drover_map_create(const struct drover_exchange_options *options,
                  struct drover_error *err)
{
    return exchange_create(options, true, NULL, err);
}

static void free_tasks(struct drover_exchange *exchange)
{
    while (exchange->tasks != NULL) {
        struct exchange_task *task = exchange->tasks;
        exchange->tasks = task->next;
        free(task);
    }
}

/* What runs is killed; what idles, or has just returned, ends in good order. In
 * a fork of the process that made them they are left alone. */
static void end_workers(struct drover_exchange *exchange)
{
    bool ours = exchange_check_owner(exchange, NULL) == 0;
    if (!ours)
        dispatch_abandon(exchange->dispatch);
    exchange_release_members(exchange);
    if (!ours)
        return;
    if (exchange->ready.pid > 0)
        fork_abandon(&exchange->ready);
    dispatch_cancel(exchange->dispatch);
    dispatch_say_farewell(exchange->dispatch, clock_now_ms() + FAREWELL_MS);
    exchange_give_cores(exchange);
}

void drover_exchange_destroy(struct drover_exchange *exchange)
{
    if (exchange == NULL)
        return;
    family_leave(&exchange->family);
    if (exchange->dispatch != NULL) {
        end_workers(exchange);
        dispatch_forget_calls(exchange->dispatch, forget_gathered);
    }
    dispatch_destroy(exchange->dispatch);
    free_tasks(exchange);
    items_clear(&exchange->items);
    drover_builder_destroy(exchange->builder);
    free(exchange->cores);
    free(exchange);
}
