/* A function is applied to a sequence, one element after the other: where
 * simple_pmap.c and simple_pmap_iter.c begin. */
#include "grid.h"

struct pair {
    int i, j;
};

static int64_t calculate(struct pair pair)
{
    return grid_calculate(pair.i, pair.j);
}

int main(void)
{
    struct grid grid;
    struct pair sequence[N * N];
    for (int n = 0; n < N * N; n++)
        sequence[n] = (struct pair){ n / N, n % N };

    for (int n = 0; n < N * N; n++)
        grid.cells[n / N][n % N] = calculate(sequence[n]);
    return grid_print(&grid);
}
