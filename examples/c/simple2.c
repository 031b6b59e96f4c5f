/* A function is called in a nested loop, one call after the other: where the
 * programs simple_managed_*.c and simple_start*.c begin. */
#include "grid.h"

static int64_t calculate(int64_t i, int64_t j)
{
    return grid_calculate(i, j);
}

int main(void)
{
    struct grid grid;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            grid.cells[i][j] = calculate(i, j);
    return grid_print(&grid);
}
