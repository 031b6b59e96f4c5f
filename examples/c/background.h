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

/* How collecting went: how many results came, and how often something went
 * wrong. */
struct background_tally {
    int results;
    int failures;
};

/* Connect to ADDRESS, or say why not. That it is not there is no failure: all
 * of it may have been collected. */
static inline void background_connect(struct drover_collector *collector,
                                      const char *address,
                                      struct background_tally *tally)
{
    struct drover_error err;
    int status = drover_collector_connect(collector, address, &err);
    if (status < 0)
        grid_give_up(&err);
    tally->failures += status < 0 && status != -ENOENT;
}

/* Take all that comes: ACCEPT puts the results into the grid. Only what has
 * been put there is acknowledged. What goes wrong is said, and leaves gaps. */
static inline void background_collect(
    struct drover_collector *collector, struct grid *grid,
    void (*accept)(struct grid *grid, const struct drover_outcome *outcome),
    struct background_tally *tally)
{
    struct drover_collected item;
    struct drover_error err;
    int status = 1;
    /* An address fails once, and the others go on; there are N at most. */
    for (int failures = 0; status != 0 && failures < N;) {
        status = drover_collector_next(collector, &item, -1, &err);
        if (status < 0) {
            grid_give_up(&err);
            failures++;
            tally->failures++;
        } else if (status > 0) {
            tally->results++;
            if (grid_is_ok(&item.outcome))
                accept(grid, &item.outcome);
            drover_collector_acknowledge(collector, &item, NULL);
        }
    }
    if (drover_collector_confirm(collector, -1, &err) < 0) {
        grid_give_up(&err);
        tally->failures++;
    }
}

/* Print what has come. Returns what main is to return: EXIT_SUCCESS when that
 * is all, and nothing went wrong. */
static inline int background_print(const struct grid *grid,
                                   const struct background_tally *tally,
                                   const char *program)
{
    if (tally->results == 0 && tally->failures == 0)
        fprintf(stderr,
                "nothing is left to be collected here: \"%s --start\" begins "
                "anew\n",
                program);
    if (tally->results == 0 || grid_print(grid) != EXIT_SUCCESS)
        return EXIT_FAILURE;
    return tally->failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
