/* The computation of simple.c stays where it is, in processes that go on from
 * inside the loop, as in simple_create.c. What they send is taken from a queue,
 * as it arrives. */
#include "grid.h"

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
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            struct drover_channel *channel =
                drover_exchange_create_process(queue, &err);
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

    while ((status = drover_exchange_next(queue, &outcome, -1, &err)) > 0)
        grid_place(&grid, &outcome);
    if (status < 0)
        return grid_give_up(&err);
    drover_exchange_destroy(queue);
    return grid_print(&grid);
}
