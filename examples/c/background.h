/* What the programs with background calls have in common: their options. */
#ifndef BACKGROUND_H
#define BACKGROUND_H

#include <errno.h>
#include <string.h>

#include "grid.h"

/* Without options a program starts its computation and collects the results. */
struct background_steps {
    bool start;
    bool collect;
};

/* --start: start it, and leave; --reconnect: collect what was started. Anything
 * else ends the program. */
static inline struct background_steps background_choose(int argc, char **argv)
{
    struct background_steps steps = { true, true };
    if (argc == 2 && strcmp(argv[1], "--start") == 0) {
        steps.collect = false;
    } else if (argc == 2 && strcmp(argv[1], "--reconnect") == 0) {
        steps.start = false;
    } else if (argc != 1) {
        fprintf(stderr, "usage: %s [--start | --reconnect]\n", argv[0]);
        exit(64);
    }
    return steps;
}

/* Put the list ROW into row I. */
static inline void background_place_row(struct grid *grid, int64_t i,
                                        struct drover_value row)
{
    struct drover_iterator cells = drover_iterate(row);
    struct drover_value cell;
    for (int j = 0; i >= 0 && i < N && j < N && drover_next(&cells, &cell); j++)
        drover_value_get_int(cell, &grid->cells[i][j]);
}

/* Take all that comes: ACCEPT puts the results into the grid. Only what has
 * been put there is acknowledged. What goes wrong is said, and leaves gaps.
 * Returns how many results there were. */
static inline int background_collect(
    struct drover_collector *collector, struct grid *grid,
    void (*accept)(struct grid *grid, const struct drover_outcome *outcome))
{
    struct drover_collected item;
    struct drover_error err;
    int count = 0;
    int status;
    while ((status = drover_collector_next(collector, &item, -1, &err)) > 0) {
        count++;
        if (grid_is_ok(&item.outcome))
            accept(grid, &item.outcome);
        drover_collector_acknowledge(collector, &item, NULL);
    }
    if (status == 0)
        status = drover_collector_confirm(collector, -1, &err);
    if (status < 0)
        grid_give_up(&err);
    return count;
}

/* Say that the results could not be collected, or that there were none. Returns
 * what main is to return. */
static inline int background_give_up(const char *program, int status,
                                     const struct drover_error *err)
{
    if (status < 0)
        grid_give_up(err);
    if (status == 0 || status == -ENOENT)
        fprintf(stderr,
                "nothing is left to be collected here: \"%s --start\" begins "
                "anew\n",
                program);
    return EXIT_FAILURE;
}

#endif
