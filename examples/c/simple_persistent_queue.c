/* A background process for each row, and one collector for all of them: it
 * gives the rows in the order in which they are ready. The program that started
 * them need not be the one that collects. */
#include "background.h"

static int calculate(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    return drover_return_int(call, grid_calculate(i, j));
}

/* The list of the numbers of a row, null for those that are missing. */
static int build_row(struct drover_builder *out, struct drover_exchange *map,
                     struct drover_error *err)
{
    struct drover_outcome outcome;
    int status;
    drover_build_list_begin(out);
    while ((status = drover_exchange_next(map, &outcome, -1, err)) > 0)
        if (outcome.cause == DROVER_OK)
            drover_build_value(out, outcome.value);
        else
            drover_build_null(out);
    drover_build_list_end(out);
    return status;
}

/* The computation of row i: [i, [...]]. */
static int task(struct drover_call *call)
{
    struct drover_exchange_options options = { .limit = LIMIT };
    struct drover_exchange *map = drover_map_create(&options, NULL);
    struct drover_managed calc = drover_manage(map, calculate, NULL);
    struct drover_builder *out = drover_call_builder(call);
    struct drover_error err;
    int64_t i = drover_arg_int(call, "i");
    for (int j = 0; j < N; j++)
        drover_managed_call(&calc, "{s: I, s: i}", "i", i, "j", j);
    drover_build_list_begin(out);
    drover_build_int(out, i);
    int status = build_row(out, map, &err);
    drover_build_list_end(out);
    drover_exchange_destroy(map);
    return status < 0 ? drover_fail(call, "%s", err.message)
                      : drover_return_built(call);
}

static void place_row(struct grid *grid, const struct drover_outcome *outcome)
{
    struct drover_value row;
    int64_t i;
    if (drover_value_unpack(outcome->value, NULL, "[I, v]", &i, &row) == 0)
        background_place_row(grid, i, row);
}

static void name_address(char address[32], int i)
{
    snprintf(address, 32, "task-%d.socket", i);
}

static int start(struct drover_error *err)
{
    char address[32];
    struct drover_background row = { .address = address, .task = task };
    int status = 0;
    for (int i = 0; status == 0 && i < N; i++) {
        name_address(address, i);
        status = drover_background_start_pack(&row, err, "{s: i}", "i", i);
    }
    return status;
}

/* Returns how many results there were, or a negative errno. */
static int collect(struct grid *grid, struct drover_error *err)
{
    char address[32];
    struct drover_collector *queue = drover_collector_create(NULL, err);
    int status = queue == NULL ? -err->code : 0;
    for (int i = 0; status == 0 && i < N; i++) {
        name_address(address, i);
        status = drover_collector_connect(queue, address, err);
    }
    if (status == 0)
        status = background_collect(queue, grid, place_row);
    drover_collector_destroy(queue);
    return status;
}

int main(int argc, char **argv)
{
    struct background_steps steps = background_choose(argc, argv);
    struct drover_error err;
    struct grid grid;
    grid_init(&grid);

    if (steps.start && start(&err) < 0)
        return grid_give_up(&err);
    if (!steps.collect)
        return EXIT_SUCCESS;
    int status = collect(&grid, &err);
    return status <= 0 ? background_give_up(argv[0], status, &err)
                       : grid_print(&grid);
}
