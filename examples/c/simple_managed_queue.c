/* The calls of simple2.c, managed by a queue: it gives results as they arrive,
 * so that none waits for one that is late. What comes in any order has to say
 * where it belongs. */
#include "grid.h"

static int calculate(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    return drover_return_pack(call, "[I, I, I]", i, j, grid_calculate(i, j));
}

int main(void)
{
    struct drover_exchange_options options = { .limit = LIMIT };
    struct drover_outcome outcome;
    struct drover_error err;
    struct grid grid;
    int status;
    grid_init(&grid);

    struct drover_exchange *queue = drover_queue_create(&options, &err);
    if (queue == NULL)
        return grid_give_up(&err);
    struct drover_managed calc = drover_manage(queue, calculate, NULL);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            drover_managed_call(&calc, "{s: i, s: i}", "i", i, "j", j);

    while ((status = drover_exchange_next(queue, &outcome, -1, &err)) > 0)
        grid_place(&grid, &outcome);
    if (status < 0)
        return grid_give_up(&err);
    drover_exchange_destroy(queue);
    return grid_print(&grid);
}
