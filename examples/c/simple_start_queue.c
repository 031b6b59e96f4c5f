/* simple_managed_queue.c by hand: when there is room, a task is started with a
 * channel of its own, and the queue is told to look after that, too. */
#include "grid.h"

static int calculate(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    return drover_return_pack(call, "[I, I, I]", i, j, grid_calculate(i, j));
}

/* Start calculate(i, j) when there is room. Returns 0 or a negative errno
 * value. */
static int start(struct drover_exchange *queue, int i, int j,
                 struct drover_error *err)
{
    if (drover_exchange_wait(queue, -1, err) < 0)
        return -err->code;
    struct drover_channel *channel =
        drover_start_pack(calculate, NULL, err, "{s: i, s: i}", "i", i, "j", j);
    if (channel == NULL || drover_exchange_add(queue, channel, err) < 0)
        return -err->code;
    return 0;
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
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            if (start(queue, i, j, &err) < 0)
                return grid_give_up(&err);

    while ((status = drover_exchange_next(queue, &outcome, -1, &err)) > 0)
        grid_place(&grid, &outcome);
    if (status < 0)
        return grid_give_up(&err);
    drover_exchange_destroy(queue);
    return grid_print(&grid);
}
