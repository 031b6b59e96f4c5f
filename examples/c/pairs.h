/* The sequence of simple_pmap.c and simple_pmap_iter.c. */
#ifndef PAIRS_H
#define PAIRS_H

#include "grid.h"

/* Build the list [[0, 0], [0, 1], ...]. */
static inline void pairs_build(struct drover_builder *out)
{
    drover_build_list_begin(out);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            drover_build_pack(out, "[i, i]", i, j);
    drover_build_list_end(out);
}

/* The task that is called for each pair. */
static inline int pairs_calculate(struct drover_call *call)
{
    int64_t i, j;
    if (drover_value_unpack(drover_arg_value(call, "pair"), NULL, "[I, I]", &i,
                            &j) < 0)
        return drover_fail(call, "pair: expected [i, j]");
    return drover_return_int(call, grid_calculate(i, j));
}

#endif
