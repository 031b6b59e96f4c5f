/* The parallel map: simple1.c, with its elements worked on in processes of
 * their own. The list of results comes back whole, or, when a call failed, not
 * at all. */
#include "pairs.h"

static void fill(struct grid *grid, struct drover_value results)
{
    struct drover_iterator each = drover_iterate(results);
    struct drover_value result;
    for (int n = 0; n < N * N && drover_next(&each, &result); n++)
        drover_value_get_int(result, &grid->cells[n / N][n % N]);
}

int main(void)
{
    struct drover_builder *pairs = grid_create_builder();
    struct drover_builder *built = grid_create_builder();
    struct drover_value sequence, results;
    struct drover_error err;
    struct grid grid;
    grid_init(&grid);

    pairs_build(pairs);
    int status = drover_builder_value(pairs, &sequence, &err);
    if (status == 0)
        status = drover_pmap(pairs_calculate, NULL, "pair", sequence, LIMIT,
                             built, &err);
    if (status == 0)
        status = drover_builder_value(built, &results, &err);
    if (status == 0)
        fill(&grid, results);
    drover_builder_destroy(built);
    drover_builder_destroy(pairs);
    return status < 0 ? grid_give_up(&err) : grid_print(&grid);
}
