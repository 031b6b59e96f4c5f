/* A map is iterated while it runs: the first results are printed before the
 * last calls have begun. */
#include "pairs.h"

/* Print the results in the order of the calls. Returns how many there were, or
 * a negative errno value. */
static int print_results(struct drover_exchange *map, struct drover_error *err)
{
    struct drover_outcome outcome;
    int status, printed = 0;
    while ((status = drover_exchange_next(map, &outcome, -1, err)) > 0) {
        int64_t result = grid_result(&outcome);
        grid_print_cell(result, (int)(outcome.index % N));
        printed += result != GRID_MISSING;
        fflush(stdout);
    }
    return status < 0 ? status : printed;
}

int main(void)
{
    struct drover_exchange_options options = { .limit = LIMIT };
    struct drover_builder *pairs = grid_create_builder();
    struct drover_value sequence;
    struct drover_error err;

    pairs_build(pairs);
    struct drover_exchange *map = drover_map_create(&options, &err);
    if (map == NULL || drover_builder_value(pairs, &sequence, &err) < 0)
        return grid_give_up(&err);
    drover_exchange_start_each(map, pairs_calculate, NULL, "pair", sequence);

    int printed = print_results(map, &err);
    if (printed < 0)
        return grid_give_up(&err);
    drover_exchange_destroy(map);
    drover_builder_destroy(pairs);
    return printed == N * N && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
