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

/* Start it, or reconnect to it. What goes wrong is said. */
static void connect_task(struct drover_collector *exchange, bool begin,
                         struct background_tally *tally)
{
    struct drover_background managed = { .address = "task.socket",
                                         .task = task,
                                         .collector = exchange };
    struct drover_error err;
    if (!begin) {
        background_connect(exchange, managed.address, tally);
    } else if (drover_background_start_pack(&managed, &err, NULL) < 0) {
        grid_give_up(&err);
        tally->failures++;
    }
}

/* Start it, unless it was, and take its results. Returns what main is to
 * return. */
static int work(bool begin, const char *program)
{
    struct background_tally tally = { 0 };
    struct drover_error err;
    struct grid grid;
    struct drover_collector *exchange = drover_collector_create(NULL, &err);
    if (exchange == NULL)
        return grid_give_up(&err);
    grid_init(&grid);
    connect_task(exchange, begin, &tally);
    background_collect(exchange, &grid, grid_place, &tally);
    drover_collector_destroy(exchange);
    return background_print(&grid, &tally, program);
}

/* Start it and leave. */
static int leave(void)
{
    struct drover_background background = { .address = "task.socket",
                                            .task = task };
    struct drover_error err;
    if (drover_background_start_pack(&background, &err, NULL) < 0)
        return grid_give_up(&err);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct background_steps steps = background_choose(argc, argv);
    return steps.collect ? work(steps.start, argv[0]) : leave();
}
