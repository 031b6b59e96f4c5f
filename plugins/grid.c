/* The tutorial's calculation over a 10 x 10 grid: the smallest real plugin. */
#include <errno.h>
#include <time.h>

#include <drover/plugin.h>

enum { GRID_WIDTH = 10, GRID_DELAY_MAX_S = 86400 };

/* Wait as a real computation would take its time. */
static void wait_for(double delay_s)
{
    struct timespec left = { .tv_sec = (time_t)delay_s };
    left.tv_nsec = (long)((delay_s - (double)left.tv_sec) * 1e9);
    if (delay_s == 0)
        return; /* even a sleep of nothing takes 50 us */
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

/* i * 10 + j after the delay. Returns 0 or what drover_fail() returned. */
static int compute(struct drover_call *call, int64_t *result)
{
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    wait_for(drover_arg_float(call, "delay"));
    int64_t row;
    if (__builtin_mul_overflow(i, GRID_WIDTH, &row) ||
        __builtin_add_overflow(row, j, result))
        return drover_fail(call, "%lld * %d + %lld is too large for an int",
                           (long long)i, GRID_WIDTH, (long long)j);
    return 0;
}

static int calculate(struct drover_call *call)
{
    int64_t value = 0;
    int result = compute(call, &value);
    return result != 0 ? result : drover_return_int(call, value);
}

static int locate(struct drover_call *call)
{
    int64_t value = 0;
    int result = compute(call, &value);
    if (result != 0)
        return result;
    return drover_return_pack(call, "[I, I, I]", drover_arg_int(call, "i"),
                              drover_arg_int(call, "j"), value);
}

static const struct drover_param params[] = {
    { .name = "i", .type = DROVER_INT, .doc = "row" },
    { .name = "j", .type = DROVER_INT, .doc = "column" },
    { .name = "delay",
      .type = DROVER_FLOAT,
      .fallback = "0",
      .min = 0,
      .max = GRID_DELAY_MAX_S,
      .unit = "s",
      .doc = "how long the calculation takes" },
    { .name = NULL },
};

static const struct drover_task tasks[] = {
    {
        .name = "calculate",
        .run = calculate,
        .summary = "i * 10 + j",
        .params = params,
        .result = { .type = DROVER_INT, .doc = "i * 10 + j" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
    {
        .name = "locate",
        .run = locate,
        .summary = "i * 10 + j, together with where it belongs",
        .params = params,
        .result = { .type = DROVER_LIST,
                    .items = DROVER_INT,
                    .doc = "i, j, i * 10 + j" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
};

DROVER_PLUGIN("grid", "1.0", "The tutorial's calculation", tasks);
