/* What a call changes in memory changes in the memory of its process only. Each
 * call fills a row of the grid and returns what it then sees there; in the
 * caller's grid the row is as it was. */
#include "grid.h"

static struct grid grid;

static int fill_row(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i");
    struct drover_builder *seen = drover_call_builder(call);
    drover_build_list_begin(seen);
    for (int64_t j = 0; j < N; j++) {
        grid.cells[i][j] = grid_calculate(i, j);
        drover_build_int(seen, grid.cells[i][j]);
    }
    drover_build_list_end(seen);
    return drover_return_built(call);
}

static bool is_untouched(int i)
{
    for (int j = 0; j < N; j++)
        if (grid.cells[i][j] != GRID_MISSING)
            return false;
    return true;
}

static void take_row(int64_t *row, struct drover_value results)
{
    struct drover_iterator each = drover_iterate(results);
    struct drover_value result;
    for (int j = 0; j < N && drover_next(&each, &result); j++)
        drover_value_get_int(result, &row[j]);
}

int main(void)
{
    struct drover_exchange_options options = { .limit = LIMIT };
    struct drover_outcome outcome;
    struct drover_error err;
    grid_init(&grid);

    struct drover_exchange *map = drover_map_create(&options, &err);
    if (map == NULL)
        return grid_give_up(&err);
    struct drover_managed fill = drover_manage(map, fill_row, NULL);
    for (int i = 0; i < N; i++)
        drover_managed_call(&fill, "{s: i}", "i", i);

    for (int i = 0; i < N; i++) {
        if (drover_exchange_get(map, (uint64_t)i, &outcome, -1, &err) < 0)
            return grid_give_up(&err);
        printf("row %d here: %s\n", i,
               is_untouched(i) ? "untouched" : "changed");
        if (grid_is_ok(&outcome))
            take_row(grid.cells[i], outcome.value);
    }
    drover_exchange_destroy(map);
    return grid_print(&grid);
}
