/* The same with a queue: a counter that each call raises stays 0 in the caller,
 * and 1 is all that a call ever sees, for each has a copy of its own. */
#include "grid.h"

static int64_t counter;

static int calculate(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    counter++;
    return drover_return_pack(call, "{s: I, s: [I, I, I]}", "counter", counter,
                              "result", i, j, grid_calculate(i, j));
}

/* The highest counter that calls have seen; their results go to the grid.
 * Negative when the queue cannot go on. */
static int64_t take_results(struct drover_exchange *queue, struct grid *grid,
                            struct drover_error *err)
{
    struct drover_outcome outcome;
    int64_t highest = 0, seen;
    int status;
    while ((status = drover_exchange_next(queue, &outcome, -1, err)) > 0) {
        struct drover_outcome result = outcome;
        if (drover_value_unpack(outcome.value, NULL, "{s: I, s: v}", "counter",
                                &seen, "result", &result.value) == 0 &&
            seen > highest)
            highest = seen;
        grid_place(grid, &result);
    }
    return status < 0 ? status : highest;
}

int main(void)
{
    struct drover_exchange_options options = { .limit = LIMIT };
    struct drover_error err;
    struct grid grid;
    grid_init(&grid);

    struct drover_exchange *queue = drover_queue_create(&options, &err);
    if (queue == NULL)
        return grid_give_up(&err);
    struct drover_managed calc = drover_manage(queue, calculate, NULL);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            drover_managed_call(&calc, "{s: i, s: i}", "i", i, "j", j);

    int64_t highest = take_results(queue, &grid, &err);
    if (highest < 0)
        return grid_give_up(&err);
    drover_exchange_destroy(queue);
    printf("counter: at most %" PRId64 " in calls, %" PRId64 " here\n", highest,
           counter);
    return grid_print(&grid);
}
