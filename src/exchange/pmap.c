#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "exchange/state.h"

static int add_results(struct drover_exchange *map,
                       struct drover_builder *results, struct drover_error *err)
{
    static const uint8_t null = 0xf6;
    struct drover_outcome outcome;
    int status = 0;
    drover_build_list_begin(results);
    for (uint64_t i = 0; status == 0 && i < map->started; i++) {
        status = drover_exchange_get(map, i, &outcome, -1, err);
        if (status == 0)
            drover_build_value(results,
                               outcome.value.size > 0
                                   ? outcome.value
                                   : (struct drover_value){ &null, 1 });
    }
    drover_build_list_end(results);
    return status;
}

/* Wait for all. Returns 0, or -EREMOTEIO when some have failed. */
static int finish_all(struct drover_exchange *map, struct drover_error *err)
{
    struct drover_outcome outcome;
    uint64_t failed = 0;
    char first[sizeof err->message - 64];
    int status;
    while ((status = drover_exchange_next(map, &outcome, -1, err)) > 0)
        if (outcome.cause != DROVER_OK && failed++ == 0)
            drover_outcome_format(&outcome, first, sizeof first);
    if (status == 0 && failed > 0)
        return error_set(err, EREMOTEIO,
                         "%" PRIu64 " of %" PRIu64 " calls failed, first %s",
                         failed, map->started, first);
    return status;
}

int drover_pmap(drover_task_fn task, void *context, const char *name,
                struct drover_value values, unsigned limit,
                struct drover_builder *results, struct drover_error *err)
{
    struct drover_exchange_options options = { .limit = limit };
    if (drover_value_type(values) != DROVER_LIST)
        return error_set(err, EINVAL, "the values are %s, expected a list",
                         drover_type_name(drover_value_type(values)));
    struct drover_exchange *map = drover_map_create(&options, err);
    if (map == NULL)
        return err == NULL ? -ENOMEM : -err->code;
    int64_t started =
        drover_exchange_start_each(map, task, context, name, values);
    int status = started < 0 ? (int)started : 0;
    if (status < 0)
        error_set(err, -status, "cannot make the arguments \"%s\": %s", name,
                  strerror(-status));
    if (status == 0)
        status = finish_all(map, err);
    if (status == 0)
        status = add_results(map, results, err);
    drover_exchange_destroy(map);
    return status;
}
