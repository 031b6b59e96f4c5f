/* The tutorial's calculation over a 10 x 10 grid: the smallest real plugin. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include <drover/plugin.h>

enum { GRID_WIDTH = 10, GRID_DELAY_MAX_S = 86400, CELL_BYTES = 24 };

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
static int compute(struct drover_call *call, int64_t i, int64_t j,
                   int64_t *result)
{
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
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    int64_t value = 0;
    int result = compute(call, i, j, &value);
    return result != 0 ? result : drover_return_int(call, value);
}

static int locate(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i"), j = drover_arg_int(call, "j");
    int64_t value = 0;
    int result = compute(call, i, j, &value);
    if (result != 0)
        return result;
    return drover_return_pack(call, "[I, I, I]", i, j, value);
}

/* Ten results, sent as they are ready. */
static int row(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i");
    int status = 0;
    for (int64_t j = 0; j < GRID_WIDTH && status == 0; j++) {
        int64_t value = 0;
        status = compute(call, i, j, &value);
        if (status == 0)
            status = drover_send_pack(call, "{s: I, s: I, s: I}", "i", i, "j",
                                      j, "result", value);
    }
    return status;
}

/* --- The table ------------------------------------------------------------
 */

/* What a cell holds, and where it is: an int is cell number N. */
static bool read_cell(struct drover_value cell, int64_t n, int64_t *i,
                      int64_t *j, int64_t *value)
{
    *i = n / GRID_WIDTH;
    *j = n % GRID_WIDTH;
    return drover_value_get_int(cell, value) == 0 ||
           drover_value_unpack(cell, NULL, "[I, I, I]", i, j, value) == 0 ||
           drover_value_unpack(cell, NULL, "{s: I, s: I, s: I}", "i", i, "j", j,
                               "result", value) == 0;
}

static int fill(struct drover_call *call, int64_t table[GRID_WIDTH][GRID_WIDTH])
{
    struct drover_iterator cells =
        drover_iterate(drover_arg_value(call, "cells"));
    struct drover_value cell;
    int64_t n = 0;
    for (; drover_next(&cells, &cell); n++) {
        int64_t i, j, value;
        if (!read_cell(cell, n, &i, &j, &value))
            return drover_fail(call, "cells: element %lld is no cell",
                               (long long)n + 1);
        if (i < 0 || i >= GRID_WIDTH || j < 0 || j >= GRID_WIDTH)
            return drover_fail(call, "cells: there is no cell %lld, %lld",
                               (long long)i, (long long)j);
        table[i][j] = value;
    }
    return 0;
}

/* A row of the table, as text. */
static int send_row(struct drover_call *call, const int64_t cells[GRID_WIDTH])
{
    char text[GRID_WIDTH * CELL_BYTES];
    size_t size = 0;
    for (int j = 0; j < GRID_WIDTH; j++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s%lld",
                                 j == 0 ? "" : " ", (long long)cells[j]);
    return drover_send_pack(call, "s", text);
}

static int table(struct drover_call *call)
{
    int64_t cells[GRID_WIDTH][GRID_WIDTH] = { 0 };
    int status = fill(call, cells);
    for (int i = 0; i < GRID_WIDTH && status == 0; i++)
        status = send_row(call, cells[i]);
    return status;
}

/* --- Declarations ---------------------------------------------------------
 */

#define DELAY                                                                  \
    {                                                                          \
        .name = "delay", .type = DROVER_FLOAT, .fallback = "0", .min = 0,      \
        .max = GRID_DELAY_MAX_S, .unit = "s",                                  \
        .doc = "how long the calculation takes"                                \
    }

static const struct drover_param params[] = {
    { .name = "i", .type = DROVER_INT, .doc = "row" },
    { .name = "j", .type = DROVER_INT, .doc = "column" },
    DELAY,
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
    {
        .name = "row",
        .run = row,
        .summary = "i * 10 + j for ten j, sent one after the other",
        .params = DROVER_PARAMS(
            { .name = "i", .type = DROVER_INT, .doc = "row" }, DELAY),
        .result = { .type = DROVER_MAP,
                    .doc = "i, j, result: i * 10 + j; ten of these" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
    {
        .name = "table",
        .run = table,
        .summary = "The grid as a table, row by row",
        .params =
            DROVER_PARAMS({ .name = "cells",
                            .type = DROVER_LIST,
                            .doc = "results of calculate, in their order, "
                                   "or of locate or row, in any" }),
        .result = { .type = DROVER_TEXT,
                    .doc = "a row: ten numbers; ten of these" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
};

DROVER_PLUGIN("grid", "1.0", "The tutorial's calculation", tasks);
