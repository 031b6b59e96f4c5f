/* Random numbers of calls */
#include <drover/plugin.h>

static int numbers(struct drover_call *call)
{
    struct drover_builder *out = drover_call_builder(call);
    int64_t count = drover_arg_int(call, "count");
    drover_build_list_begin(out);
    drover_build_uint(out, drover_call_seed(call));
    for (int64_t i = 0; i < count; i++)
        drover_build_uint(out, drover_call_random(call));
    drover_build_float(out, drover_call_random_unit(call));
    drover_build_list_end(out);
    return drover_arg_bool(call, "fail") ? drover_fail(call, "as asked")
                                         : drover_return_built(call);
}

static const struct drover_task tasks[] = {
    { .name = "numbers",
      .run = numbers,
      .summary = "The seed, and random numbers",
      .params = DROVER_PARAMS(
          { .name = "i", .type = DROVER_INT, .fallback = "0" },
          { .name = "count", .type = DROVER_INT, .fallback = "3" },
          { .name = "fail", .type = DROVER_BOOL, .fallback = "false" }),
      .result = { .type = DROVER_LIST },
      .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE },
};
DROVER_PLUGIN("random", "1", "Random numbers", tasks);
