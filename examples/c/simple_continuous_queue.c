/* A continuous queue: each call sends the results of a whole row, one after the
 * other, and they arrive while it goes on. */
#include "grid.h"

static int calculate_row(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i");
    for (int64_t j = 0; j < N; j++) {
        int64_t result = grid_calculate(i, j);
        int status = drover_send_pack(call, "[I, I, I]", i, j, result);
        if (status != 0)
            return status;
    }
    return 0;
}

int main(void)
{
    struct drover_exchange_options options = { .limit = LIMIT,
                                               .continuous = true };
    struct drover_outcome outcome;
    struct drover_error err;
    struct grid grid;
    int status;
    grid_init(&grid);

    struct drover_exchange *queue = drover_queue_create(&options, &err);
    if (queue == NULL)
        return grid_give_up(&err);
    struct drover_managed calc = drover_manage(queue, calculate_row, NULL);
    for (int i = 0; i < N; i++)
        drover_managed_call(&calc, "{s: i}", "i", i);

    while ((status = drover_exchange_next(queue, &outcome, -1, &err)) > 0)
        grid_place(&grid, &outcome);
    if (status < 0)
        return grid_give_up(&err);
    drover_exchange_destroy(queue);
    return grid_print(&grid);
}
