/* The calls of simple2.c, managed by a map: they run in processes of their own,
 * and the map has their results in the order of the calls. */
#include "grid.h"

static int calculate(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    return drover_return_int(call, grid_calculate(i, j));
}

int main(void)
{
    struct drover_exchange_options options = { .limit = LIMIT };
    struct drover_outcome outcome;
    struct drover_error err;
    struct grid grid;

    struct drover_exchange *map = drover_map_create(&options, &err);
    if (map == NULL)
        return grid_give_up(&err);
    struct drover_managed calc = drover_manage(map, calculate, NULL);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            drover_managed_call(&calc, "{s: i, s: i}", "i", i, "j", j);

    for (uint64_t n = 0; n < N * N; n++) {
        if (drover_exchange_get(map, n, &outcome, -1, &err) < 0)
            return grid_give_up(&err);
        grid.cells[n / N][n % N] = grid_result(&outcome);
    }
    drover_exchange_destroy(map);
    return grid_print(&grid);
}
