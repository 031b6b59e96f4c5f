/* The computation of simple.c stays where it is: inside the loop a new process
 * goes on from there, as after fork(2), computes, sends its result, and ends.
 * The exchange hands what is sent to store. */
#include "grid.h"

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
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            struct drover_channel *channel =
                drover_exchange_create_process(exchange, &err);
            if (channel == NULL)
                return grid_give_up(&err);
            if (drover_channel_pid(channel) != 0)
                continue;
            grid_delay();
            drover_channel_send_pack(channel, NULL, "[i, i, i]", i, j,
                                     i * N + j);
            drover_exit(channel);
        }
    }

    if (drover_exchange_finish(exchange, &err) < 0)
        return grid_give_up(&err);
    drover_exchange_destroy(exchange);
    return grid_print(&grid);
}
