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

/* Say that it ends behind COUNT rows, which go on. Returns what main is to
 * return. */
static int give_up_start(const char *program, int count,
                         const struct drover_error *err)
{
    grid_give_up(err);
    if (count > 0)
        fprintf(stderr,
                "%d of %d rows run already: \"%s --reconnect\" collects them\n",
                count, N, program);
    return EXIT_FAILURE;
}

/* Returns what main is to return. */
static int start(const char *program)
{
    char address[32];
    struct drover_background row = { .address = address, .task = task };
    struct drover_error err;
    for (int i = 0; i < N; i++) {
        name_address(address, i);
        if (drover_background_start_pack(&row, &err, "{s: i}", "i", i) < 0)
            return give_up_start(program, i, &err);
    }
    return EXIT_SUCCESS;
}

/* Returns what main is to return. */
static int collect(const char *program)
{
    char address[32];
    struct background_tally tally = { 0 };
    struct drover_error err;
    struct grid grid;
    struct drover_collector *queue = drover_collector_create(NULL, &err);
    if (queue == NULL)
        return grid_give_up(&err);
    grid_init(&grid);
    for (int i = 0; i < N; i++) {
        name_address(address, i);
        background_connect(queue, address, &tally);
    }
    background_collect(queue, &grid, place_row, &tally);
    drover_collector_destroy(queue);
    return background_print(&grid, &tally, program);
}

int main(int argc, char **argv)
{
    struct background_steps steps = background_choose(argc, argv);
    int status = steps.start ? start(argv[0]) : EXIT_SUCCESS;
    return status == EXIT_SUCCESS && steps.collect ? collect(argv[0]) : status;
}
