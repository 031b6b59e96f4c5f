/* simple_managed.c by hand: the arguments of each call are built as a value,
 * and the exchange is told to start the task with it. */
#include "grid.h"

static int calculate(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    return drover_return_pack(call, "[I, I, I]", i, j, grid_calculate(i, j));
}

static void store(struct drover_exchange *exchange,
                  const struct drover_outcome *outcome, void *grid)
{
    (void)exchange;
    grid_place(grid, outcome);
}

/* Start calculate(i, j). Returns 0 or a negative errno value. */
static int start(struct drover_exchange *exchange, struct drover_builder *built,
                 int i, int j, struct drover_error *err)
{
    struct drover_value args;
    drover_builder_reset(built);
    drover_build_pack(built, "{s: i, s: i}", "i", i, "j", j);
    int status = drover_builder_value(built, &args, err);
    if (status == 0)
        drover_exchange_start(exchange, calculate, NULL, args);
    return status;
}

int main(void)
{
    struct grid grid;
    struct drover_exchange_options options = { .limit = LIMIT,
                                               .store = store,
                                               .store_context = &grid };
    struct drover_builder *built = grid_create_builder();
    struct drover_error err;
    grid_init(&grid);

    struct drover_exchange *exchange = drover_queue_create(&options, &err);
    if (exchange == NULL)
        return grid_give_up(&err);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            if (start(exchange, built, i, j, &err) < 0)
                return grid_give_up(&err);

    if (drover_exchange_finish(exchange, &err) < 0)
        return grid_give_up(&err);
    drover_exchange_destroy(exchange);
    drover_builder_destroy(built);
    return grid_print(&grid);
}
