/* The computation of simple.c stays where it is, in processes that go on from
 * inside the loop, as in simple_create.c. A map has what they send in the order
 * in which they were made, so a result need not say where it belongs. */
#include "grid.h"

int main(void)
{
    struct drover_exchange_options options = { .limit = LIMIT };
    struct drover_outcome outcome;
    struct drover_error err;
    struct grid grid;
    int status;
    grid_init(&grid);

    struct drover_exchange *map = drover_map_create(&options, &err);
    if (map == NULL)
        return grid_give_up(&err);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            struct drover_channel *channel =
                drover_exchange_create_process(map, &err);
            if (channel == NULL)
                return grid_give_up(&err);
            if (drover_channel_pid(channel) != 0)
                continue;
            grid_delay();
            drover_channel_send_pack(channel, NULL, "i", i * N + j);
            drover_exit(channel);
        }
    }

    /* Each process gives what it has sent, and then its outcome. */
    while ((status = drover_exchange_next(map, &outcome, -1, &err)) > 0) {
        uint64_t n = outcome.index;
        int64_t result = grid_result(&outcome);
        if (result != GRID_MISSING && n < N * N)
            grid.cells[n / N][n % N] = result;
    }
    if (status < 0)
        return grid_give_up(&err);
    drover_exchange_destroy(map);
    return grid_print(&grid);
}
