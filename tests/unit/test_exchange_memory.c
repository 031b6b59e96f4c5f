/* Channels and exchanges when memory runs out: at every allocation once. */
#include <errno.h>

#include "memory.h"
#include "tasks.h"
#include "unit.h"

/* --- Exchanges -------------------------------------------------------------
 */

static bool is_no_memory(int64_t status)
{
    ASSERT(status >= 0 || status == -ENOMEM);
    return status == -ENOMEM;
}

static bool start_all(struct drover_exchange *exchange)
{
    struct drover_managed twice = drover_manage(exchange, task_double, NULL);
    bool told = false;
    for (int i = 0; i < 3 && !told; i++)
        told = is_no_memory(drover_managed_call(&twice, "{s: i}", "n", i));
    return told || is_no_memory(drover_exchange_start(exchange, task_count,
                                                      NULL, args_of(3)));
}

/* A failure makes an error of the exchange, or of one call. */
static bool take_all(struct drover_exchange *exchange)
{
    struct drover_outcome outcome;
    struct drover_error err;
    bool told = false;
    size_t count = 0, length = drover_exchange_length(exchange);
    int status;
    while ((status = drover_exchange_next(exchange, &outcome, SOON_MS, &err)) >
           0) {
        count += outcome.ended;
        told |= outcome.ended && outcome.cause != DROVER_OK;
    }
    ASSERT(status < 0 || count == length);
    ASSERT(status == 0 || err.code == ENOMEM);
    return told | is_no_memory(status);
}

static bool try_exchange(const struct drover_exchange_options *options)
{
    struct drover_error err;
    struct drover_exchange *map = drover_map_create(options, &err);
    ASSERT(map != NULL || err.code == ENOMEM);
    bool told = map == NULL || start_all(map) || take_all(map);
    drover_exchange_destroy(map);
    return told;
}

static bool try_forked(void)
{
    return try_exchange(&(struct drover_exchange_options){ .limit = 2 });
}

static bool try_reused(void)
{
    static const struct drover_exchange_options options = { .limit = 1,
                                                            .reuse = true };
    struct drover_exchange *queue = drover_queue_create(&options, NULL);
    bool told = queue == NULL;
    for (int i = 0; i < 3 && !told; i++)
        told = is_no_memory(
            drover_exchange_start(queue, task_count, NULL, args_of(3)));
    told = told || take_all(queue);
    drover_exchange_destroy(queue);
    return told;
}

static bool try_continuous(void)
{
    return try_exchange(
        &(struct drover_exchange_options){ .limit = 2, .continuous = true });
}

static void an_exchange_says_that_it_has_no_memory(void)
{
    memory_fail_each(try_forked);
    memory_fail_each(try_continuous);
    memory_fail_each(try_reused);
}

static struct drover_builder *values;
static struct drover_builder *results;

static bool try_pmap(void)
{
    struct drover_error err;
    struct drover_value list, value;
    drover_builder_reset(results);
    bool watched = memory_watch(false);
    list = list_of(values, 1, 4);
    memory_watch(watched);
    int status = drover_pmap(task_double, NULL, "n", list, 2, results, &err);
    ASSERT(status == 0 || status == -err.code);
    return status != 0 || drover_builder_value(results, &value, NULL) != 0;
}

static void a_map_of_values_says_that_it_has_no_memory(void)
{
    values = drover_builder_create();
    results = drover_builder_create();
    memory_fail_each(try_pmap);
    drover_builder_destroy(values);
    drover_builder_destroy(results);
}

/* --- Channels --------------------------------------------------------------
 */

static bool talk(struct drover_channel *channel)
{
    struct drover_value value;
    struct drover_error err;
    int status = 0;
    for (int i = 0; i < 3 && status >= 0; i++)
        status = drover_channel_send_pack(channel, &err, "i", i);
    drover_channel_close(channel);
    while (status >= 0 && (status = drover_channel_receive(channel, &value,
                                                           SOON_MS, &err)) == 1)
        ;
    if (status == 0)
        status = drover_channel_wait(channel, NULL, SOON_MS, &err);
    ASSERT(status == 0 || status == -err.code);
    ASSERT(status == 0 || err.code == ENOMEM || err.code == EREMOTEIO ||
           err.code == EPIPE);
    return status != 0;
}

static bool try_channel(void)
{
    struct drover_error err;
    struct drover_channel *channel =
        drover_start(task_add_up, NULL, args_of(1), &err);
    bool told = channel == NULL;
    ASSERT(!told || err.code == ENOMEM);
    told = told || talk(channel);
    drover_channel_destroy(channel);
    return told;
}

static bool try_member(void)
{
    struct drover_error err;
    struct drover_exchange *map = drover_map_create(NULL, &err);
    struct drover_channel *channel =
        drover_start(task_count, NULL, args_of(3), &err);
    bool told = map == NULL || channel == NULL;
    if (!told && drover_exchange_add(map, channel, &err) >= 0)
        channel = NULL;
    told = told || channel != NULL || take_all(map);
    drover_channel_destroy(channel);
    drover_exchange_destroy(map);
    return told;
}

static void a_channel_says_that_it_has_no_memory(void)
{
    memory_fail_each(try_channel);
    memory_fail_each(try_member);
}

/* --- Tasks ------------------------------------------------------------------
 */

static int receive_without_memory(struct drover_call *call)
{
    struct drover_value value;
    if (drover_arg_int(call, "n") != 0)
        return drover_return_int(call, 1);
    memory_fail_next();
    int status = drover_receive(call, &value, SOON_MS);
    memory_watch(false);
    return status == -ENOMEM ? 0 : drover_fail(call, "%d", status);
}

/* The second call comes while the first one receives, and must be kept. */
static void a_call_that_receives_says_that_it_has_no_memory(void)
{
    struct drover_exchange_options options = { .limit = 1, .reuse = true };
    struct drover_exchange *queue = drover_queue_create(&options, NULL);
    struct drover_outcome outcome;
    for (int n = 0; n < 2; n++)
        drover_exchange_start(queue, receive_without_memory, NULL, args_of(n));
    ASSERT_INT(drover_exchange_next(queue, &outcome, SOON_MS, NULL), 1);
    ASSERT_INT(outcome.cause, DROVER_ERROR);
    ASSERT_CONTAINS(outcome.text, "no memory");
    ASSERT_INT(drover_exchange_next(queue, &outcome, SOON_MS, NULL), 1);
    drover_exchange_destroy(queue);
}

UNIT_CASES(CASE(a_call_that_receives_says_that_it_has_no_memory),
           CASE(an_exchange_says_that_it_has_no_memory),
           CASE(a_map_of_values_says_that_it_has_no_memory),
           CASE(a_channel_says_that_it_has_no_memory))
