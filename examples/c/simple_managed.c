/* An exchange that hands each outcome to a function of the program, store,
 * while the program starts calls and waits for the end of all. */
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

int main(void)
{
    struct grid grid;
    struct drover_exchange_options options = { .limit = LIMIT,
                                               .store = store,
                                               .store_context = &grid };
    struct drover_error err;
    grid_init(&grid);

    struct drover_exchange *exchange = drover_queue_create(&options, &err);
    if (exchange == NULL)
        return grid_give_up(&err);
    struct drover_managed calc = drover_manage(exchange, calculate, NULL);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            drover_managed_call(&calc, "{s: i, s: i}", "i", i, "j", j);

    if (drover_exchange_finish(exchange, &err) < 0)
        return grid_give_up(&err);
    drover_exchange_destroy(exchange);
    return grid_print(&grid);
}
