/* A background call that is managed by a collector, as other calls are by an
 * exchange: it is started through the collector, which is then connected to it.
 * The call sends each number as soon as it is there. Another program can
 * reconnect to it, and gets what this one has not taken. */
#include "background.h"

static int calculate(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    return drover_return_pack(call, "[I, I, I]", i, j, grid_calculate(i, j));
}

/* Passes results on as they come. */
static void store(struct drover_exchange *exchange,
                  const struct drover_outcome *outcome, void *call)
{
    (void)exchange;
    if (grid_is_ok(outcome))
        drover_send(call, outcome->value);
}

/* The computation: N * N values [i, j, result], in any order. */
static int task(struct drover_call *call)
{
    struct drover_exchange_options options = { .limit = LIMIT,
                                               .store = store,
                                               .store_context = call };
    struct drover_exchange *exchange = drover_queue_create(&options, NULL);
    struct drover_managed calc = drover_manage(exchange, calculate, NULL);
    struct drover_error err;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            drover_managed_call(&calc, "{s: i, s: i}", "i", i, "j", j);
    int status = drover_exchange_finish(exchange, &err);
    drover_exchange_destroy(exchange);
    return status < 0 ? drover_fail(call, "%s", err.message) : 0;
}

/* Start it, unless it was, and take its results. Returns how many there were,
 * or a negative errno. */
static int work(struct drover_collector *exchange, bool begin,
                struct grid *grid, struct drover_error *err)
{
    struct drover_background managed = { .address = "task.socket",
                                         .task = task,
                                         .collector = exchange };
    int status = begin
                     ? drover_background_start_pack(&managed, err, NULL)
                     : drover_collector_connect(exchange, managed.address, err);
    if (status == 0)
        status = background_collect(exchange, grid, grid_place);
    return status;
}

/* Start it and leave. */
static int leave(struct drover_error *err)
{
    struct drover_background background = { .address = "task.socket",
                                            .task = task };
    if (drover_background_start_pack(&background, err, NULL) < 0)
        return grid_give_up(err);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct background_steps steps = background_choose(argc, argv);
    struct drover_error err;
    struct grid grid;
    grid_init(&grid);
    if (!steps.collect)
        return leave(&err);

    struct drover_collector *exchange = drover_collector_create(NULL, &err);
    if (exchange == NULL)
        return grid_give_up(&err);
    int status = work(exchange, steps.start, &grid, &err);
    drover_collector_destroy(exchange);
    return status <= 0 ? background_give_up(argv[0], status, &err)
                       : grid_print(&grid);
}
