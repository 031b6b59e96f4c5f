/* The computation stands in the loop, and nothing runs in parallel: where
 * simple_create.c, simple_create_map.c and simple_create_queue.c begin. */
#include "grid.h"

int main(void)
{
    struct grid grid;
    grid_init(&grid);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            grid_delay();
            grid.cells[i][j] = i * N + j;
        }
    }
    return grid_print(&grid);
}
