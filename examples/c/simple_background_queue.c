/* The calls of simple_managed_queue.c, made by a background process: the whole
 * computation is one call, which uses a queue of its own. The program that
 * started it need not be the one that collects its one result, the list of all
 * numbers. */
#include "background.h"

static int calculate(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    return drover_return_pack(call, "[I, I, I]", i, j, grid_calculate(i, j));
}

/* Returns how many calls have failed. */
static int fill(struct grid *grid, struct drover_exchange *queue)
{
    struct drover_managed calc = drover_manage(queue, calculate, NULL);
    struct drover_outcome outcome;
    int failed = 0;
    grid_init(grid);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            drover_managed_call(&calc, "{s: i, s: i}", "i", i, "j", j);
    while (drover_exchange_next(queue, &outcome, -1, NULL) > 0) {
        failed += outcome.cause != DROVER_OK;
        grid_place(grid, &outcome);
    }
    return failed;
}

/* The computation: a list of N * N numbers. */
static int task(struct drover_call *call)
{
    struct drover_exchange_options options = { .limit = LIMIT };
    struct drover_exchange *queue = drover_queue_create(&options, NULL);
    struct drover_builder *out = drover_call_builder(call);
    struct grid grid;
    int failed = fill(&grid, queue);
    drover_exchange_destroy(queue);
    if (failed > 0)
        return drover_fail(call, "%d of %d calls failed", failed, N * N);
    drover_build_list_begin(out);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            drover_build_int(out, grid.cells[i][j]);
    drover_build_list_end(out);
    return drover_return_built(call);
}

static void place_all(struct grid *grid, const struct drover_outcome *outcome)
{
    struct drover_iterator cells = drover_iterate(outcome->value);
    struct drover_value cell;
    for (int k = 0; k < N * N && drover_next(&cells, &cell); k++)
        drover_value_get_int(cell, &grid->cells[k / N][k % N]);
}

/* Returns what main is to return. */
static int collect(const char *program)
{
    struct background_tally tally = { 0 };
    struct drover_error err;
    struct grid grid;
    struct drover_collector *queue = drover_collector_create(NULL, &err);
    if (queue == NULL)
        return grid_give_up(&err);
    grid_init(&grid);
    background_connect(queue, "task.socket", &tally);
    background_collect(queue, &grid, place_all, &tally);
    drover_collector_destroy(queue);
    return background_print(&grid, &tally, program);
}

int main(int argc, char **argv)
{
    struct background_steps steps = background_choose(argc, argv);
    struct drover_background background = { .address = "task.socket",
                                            .task = task };
    struct drover_error err;
    if (steps.start &&
        drover_background_start_pack(&background, &err, NULL) < 0)
        return grid_give_up(&err);
    return steps.collect ? collect(argv[0]) : EXIT_SUCCESS;
}
