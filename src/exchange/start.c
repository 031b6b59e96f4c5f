/* Calls begin. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "exchange/arguments.h"
#include "exchange/state.h"

/* --- The line ---------------------------------------------------------------
 */

static void push_waiting(struct drover_exchange *exchange, struct call *call)
{
    call->next = NULL;
    *exchange->waiting_last = call;
    exchange->waiting_last = &call->next;
    exchange->waiting_count++;
    schedule_supply(exchange->schedule, 0, exchange->waiting_count);
}

struct call *exchange_pop_waiting(struct drover_exchange *exchange)
{
    struct call *call = exchange->waiting;
    if (call == NULL)
        return NULL;
    exchange->waiting = call->next;
    if (exchange->waiting == NULL)
        exchange->waiting_last = &exchange->waiting;
    exchange->waiting_count--;
    schedule_supply(exchange->schedule, 0, exchange->waiting_count);
    call->next = NULL;
    return call;
}

static void end_unmade(struct drover_exchange *exchange, struct call *call,
                       enum drover_cause cause, const char *why)
{
    exchange_add_item(exchange, &(struct drover_outcome){
                                    .cause = cause,
                                    .ended = true,
                                    .index = call->index,
                                    .args = { buffer_bytes(&call->args),
                                              buffer_size(&call->args) },
                                    .text = why });
    dispatch_give_call(exchange->dispatch, call);
}

void exchange_refuse_waiting(struct drover_exchange *exchange, const char *why)
{
    struct call *call;
    while ((call = exchange_pop_waiting(exchange)) != NULL) {
        schedule_unmade(exchange->schedule, 0);
        end_unmade(exchange, call, DROVER_LOAD, why);
    }
}

/* --- Tasks ------------------------------------------------------------------
 */

static bool is_same(const struct worker_task *a, const struct worker_task *b)
{
    return a->run == b->run && a->context == b->context &&
           a->declared == b->declared;
}

/* Contexts are often the elements of an array, so there may be many. */
static size_t hash(const struct worker_task *task)
{
    uint64_t mixed = (uint64_t)(uintptr_t)task->context ^
                     (uint64_t)(uintptr_t)task->run << 1;
    return (size_t)(mixed * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* The exchange's own copy of TASK: workers find it where it lies. */
static const struct worker_task *keep_task(struct drover_exchange *exchange,
                                           const struct worker_task *task)
{
    struct exchange_task **chain =
        &exchange->chains[hash(task) % EXCHANGE_CHAINS];
    struct exchange_task *kept = *chain;
    while (kept != NULL && !is_same(&kept->task, task))
        kept = kept->similar;
    if (kept == NULL) {
        kept = malloc(sizeof *kept);
        if (kept == NULL)
            return NULL;
        *kept = (struct exchange_task){ exchange->tasks, *chain, *task };
        exchange->tasks = *chain = kept;
    }
    return &kept->task;
}

/* Workers that are reused know only what there was when they were forked. */
static int check_reuse(const struct drover_exchange *exchange,
                       const struct worker_task *task, struct drover_error *err)
{
    if (!exchange->options.reuse || exchange->tasks == NULL ||
        is_same(&exchange->tasks->task, task))
        return 0;
    return error_set(err, EINVAL,
                     "an exchange that reuses processes calls one task with "
                     "one context, and this is another");
}

/* --- Calls ------------------------------------------------------------------
 */

/* Returns 0, -EINVAL with why the call cannot be made, or -ENOMEM. */
static int prepare(struct drover_exchange *exchange, struct call *call,
                   const struct worker_task *task, struct drover_value args,
                   struct drover_error *err)
{
    int status = check_reuse(exchange, task, err);
    if (status == 0)
        status = arguments_complete(task->declared, args, &call->args, err);
    if (status < 0)
        return status;
    call->task = fork_slot_task(keep_task(exchange, task));
    return call->task == 0 ? error_no_memory(err) : 0;
}

/* Without memory for a call nobody could say what became of it, so the exchange
 * says it as a whole. */
static int64_t fail_for_memory(struct drover_exchange *exchange)
{
    dispatch_fail(exchange->dispatch, -ENOMEM, "cannot start a call");
    return -ENOMEM;
}

/* The call has its index, and will have an outcome. */
static int64_t count(struct drover_exchange *exchange, struct call *call)
{
    call->index = exchange->started++;
    exchange->unended++;
    return (int64_t)call->index;
}

int64_t exchange_start(struct drover_exchange *exchange,
                       const struct worker_task *task, struct drover_value args)
{
    struct drover_error err;
    int status = exchange_check_owner(exchange, NULL);
    if (status < 0)
        return status;
    struct call *call = dispatch_take_call(exchange->dispatch);
    if (call == NULL)
        return -ENOMEM;
    status = prepare(exchange, call, task, args, &err);
    if (status == -ENOMEM) {
        dispatch_give_call(exchange->dispatch, call);
        return fail_for_memory(exchange);
    }
    int64_t index = count(exchange, call);
    if (status < 0)
        end_unmade(exchange, call, DROVER_ERROR, err.message);
    else
        push_waiting(exchange, call);
    exchange_advance(exchange);
    return index;
}

int64_t drover_exchange_start(struct drover_exchange *exchange,
                              drover_task_fn task, void *context,
                              struct drover_value args)
{
    return exchange_start(
        exchange, &(struct worker_task){ .run = task, .context = context },
        args);
}

/* A map of one: the call's arguments. */
static int pack_one(struct drover_builder *builder, const char *name,
                    struct drover_value value, struct drover_value *out)
{
    drover_builder_reset(builder);
    drover_build_pack(builder, "{s: v}", name, value);
    return drover_builder_value(builder, out, NULL);
}

int64_t drover_exchange_start_each(struct drover_exchange *exchange,
                                   drover_task_fn task, void *context,
                                   const char *name, struct drover_value values)
{
    if (exchange == NULL || drover_value_type(values) != DROVER_LIST)
        return -EINVAL;
    int64_t first = (int64_t)exchange->started;
    struct drover_iterator each = drover_iterate(values);
    struct drover_value value, args;
    while (drover_next(&each, &value)) {
        int64_t status = pack_one(exchange->builder, name, value, &args);
        if (status == 0)
            status = drover_exchange_start(exchange, task, context, args);
        if (status < 0)
            return status;
    }
    return first;
}

/* --- Managed tasks ----------------------------------------------------------
 */

struct drover_managed drover_manage(struct drover_exchange *exchange,
                                    drover_task_fn task, void *context)
{
    return (struct drover_managed){ exchange, task, context, NULL };
}

struct drover_managed drover_manage_declared(struct drover_exchange *exchange,
                                             const struct drover_task *task,
                                             void *context)
{
    return (struct drover_managed){ exchange, task->run, context, task };
}

/* Make the arguments, or leave what is wrong with them in ERR. */
static int pack_args(struct drover_builder *builder, const char *format,
                     va_list arguments, struct drover_value *args,
                     struct drover_error *err)
{
    *args = (struct drover_value){ NULL, 0 };
    if (format == NULL)
        return 0;
    drover_builder_reset(builder);
    drover_build_pack_v(builder, format, arguments);
    int status = drover_builder_value(builder, args, err);
    return status < 0 ? error_prefix(err, "the arguments \"%s\"", format) : 0;
}

static int64_t start_unpacked(struct drover_exchange *exchange,
                              const struct drover_error *err)
{
    if (err->code == ENOMEM)
        return fail_for_memory(exchange);
    struct call *call = dispatch_take_call(exchange->dispatch);
    if (call == NULL)
        return -ENOMEM;
    int64_t index = count(exchange, call);
    end_unmade(exchange, call, DROVER_ERROR, err->message);
    return index;
}

int64_t drover_managed_call(const struct drover_managed *managed,
                            const char *format, ...)
{
    struct drover_exchange *exchange = managed->exchange;
    struct drover_value args;
    struct drover_error err;
    va_list arguments;
    int status = exchange_check_owner(exchange, NULL);
    if (status < 0)
        return status;
    va_start(arguments, format);
    status = pack_args(exchange->builder, format, arguments, &args, &err);
    va_end(arguments);
    if (status < 0)
        return start_unpacked(exchange, &err);
    struct worker_task task = { .run = managed->task,
                                .context = managed->context,
                                .declared = managed->declared };
    if (managed->declared != NULL) {
        task.name = managed->declared->name;
        task.param_stride = sizeof(struct drover_param);
    }
    return exchange_start(exchange, &task, args);
}

int drover_exchange_send(struct drover_exchange *exchange, uint64_t index,
                         struct drover_value value)
{
    int status = exchange_check_owner(exchange, NULL);
    if (status < 0)
        return status;
    status = value.size > 0 ? drover_value_check(value, NULL) : 0;
    if (status < 0)
        return status == -ENOMEM ? status : -EINVAL;
    struct call *call = dispatch_find_call(exchange->dispatch, index);
    if (call == NULL)
        return -ENOENT;
    return dispatch_pass(exchange->dispatch, call, value);
}
