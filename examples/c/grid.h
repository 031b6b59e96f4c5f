/* What the programs about the grid have in common: a computation that takes its
 * time, and a table of N rows for its results. */
#ifndef GRID_H
#define GRID_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <drover.h>

/* Rows and columns; processes at once. */
enum { N = 10, LIMIT = 10 };

/* A cell without a result. */
enum { GRID_MISSING = -1 };

struct grid {
    int64_t cells[N][N];
};

/* Take as long as a real computation: 20 ms, or what GRID_DELAY_MS says in the
 * environment. */
static inline void grid_delay(void)
{
    const char *text = getenv("GRID_DELAY_MS");
    long delay_ms = text == NULL ? 20 : strtol(text, NULL, 10);
    struct timespec delay = { .tv_sec = delay_ms / 1000,
                              .tv_nsec = delay_ms % 1000 * 1000000 };
    if (delay_ms > 0)
        nanosleep(&delay, NULL);
}

static inline int64_t grid_calculate(int64_t i, int64_t j)
{
    grid_delay();
    return i * N + j;
}

/* All cells are missing. */
static inline void grid_init(struct grid *grid)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            grid->cells[i][j] = GRID_MISSING;
}

/* A builder. Without memory for one the program ends. */
static inline struct drover_builder *grid_create_builder(void)
{
    struct drover_builder *builder = drover_builder_create();
    if (builder == NULL) {
        perror("cannot build a value");
        exit(EXIT_FAILURE);
    }
    return builder;
}

/* Say that the library could not do something. Returns what main is to
 * return. */
static inline int grid_give_up(const struct drover_error *err)
{
    fprintf(stderr, "%s\n", err->message);
    return EXIT_FAILURE;
}

/* Whether the call went well; else say what happened. */
static inline bool grid_is_ok(const struct drover_outcome *outcome)
{
    char line[1024];
    if (outcome->cause == DROVER_OK)
        return true;
    fprintf(stderr, "%s\n", drover_outcome_format(outcome, line, sizeof line));
    return false;
}

/* The int that a call has returned, or GRID_MISSING. */
static inline int64_t grid_result(const struct drover_outcome *outcome)
{
    int64_t result = GRID_MISSING;
    if (grid_is_ok(outcome))
        drover_value_get_int(outcome->value, &result);
    return result;
}

/* Put a result that says where it belongs, [i, j, result], into its cell. */
static inline void grid_place(struct grid *grid,
                              const struct drover_outcome *outcome)
{
    int64_t i, j, result;
    if (grid_is_ok(outcome) &&
        drover_value_unpack(outcome->value, NULL, "[I, I, I]", &i, &j,
                            &result) == 0 &&
        i >= 0 && i < N && j >= 0 && j < N)
        grid->cells[i][j] = result;
}

/* Print one cell, what is missing as "-", and behind the last one of a row the
 * end of the line. */
static inline void grid_print_cell(int64_t cell, int j)
{
    const char *end = j < N - 1 ? " " : "\n";
    if (cell == GRID_MISSING)
        printf("-%s", end);
    else
        printf("%" PRId64 "%s", cell, end);
}

/* Print row by row. Returns what main is to return: EXIT_SUCCESS when nothing
 * is missing and all was printed. */
static inline int grid_print(const struct grid *grid)
{
    bool complete = true;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            grid_print_cell(grid->cells[i][j], j);
            complete = complete && grid->cells[i][j] != GRID_MISSING;
        }
    }
    return fflush(stdout) == 0 && complete ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
