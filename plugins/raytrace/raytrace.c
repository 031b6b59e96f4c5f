/* A picture by ray tracing: its rows are calls, and one more call makes a file
 * of them. */
#include <stdlib.h>
#include <string.h>

#include <drover/plugin.h>

#include "raytrace/picture.h"
#include "raytrace/render.h"

enum {
    RAYTRACE_SIZE_MAX = 16384,
    RAYTRACE_SAMPLES_MAX = 4096,
    RAYTRACE_CHANNELS = 3,
};

static int row(struct drover_call *call)
{
    struct frame frame = {
        .width = (uint32_t)drover_arg_int(call, "width"),
        .height = (uint32_t)drover_arg_int(call, "height"),
        .samples = (uint32_t)drover_arg_int(call, "samples"),
    };
    uint32_t y = (uint32_t)drover_arg_int(call, "y");
    if (y >= frame.height)
        return drover_fail(call, "y: there is no row %u in a height of %u", y,
                           frame.height);
    uint8_t *pixels = malloc((size_t)frame.width * RAYTRACE_CHANNELS);
    if (pixels == NULL)
        return drover_fail(call, "no memory for a row of %u pixels",
                           frame.width);
    render_row(&frame, y, pixels);
    size_t shape[] = { frame.width, RAYTRACE_CHANNELS };
    drover_build_array(drover_call_builder(call), DROVER_UINT8, 2, shape,
                       pixels);
    free(pixels);
    return drover_return_built(call);
}

/* Look into ITEM, which must be a row of WIDTH pixels; 0: of any width. */
static int get_row(struct drover_value item, size_t width,
                   struct drover_array *out)
{
    struct drover_array array;
    if (drover_value_get_array(item, &array) < 0 ||
        array.element != DROVER_UINT8 || array.dimensions != 2 ||
        array.shape[0] == 0 || array.shape[0] > RAYTRACE_SIZE_MAX ||
        array.shape[1] != RAYTRACE_CHANNELS)
        return -1;
    if (width != 0 && array.shape[0] != width)
        return -1;
    *out = array;
    return 0;
}

/* Copy the rows to *PIXELS, for the caller to free(), and set the picture's
 * size. Returns 0 or what drover_fail() returned. */
static int join_rows(struct drover_call *call, struct drover_value rows,
                     struct picture *picture, uint8_t **pixels)
{
    size_t height = drover_value_count(rows), row_bytes = 0;
    struct drover_iterator each = drover_iterate(rows);
    struct drover_value item;
    uint8_t *joined = NULL;
    for (size_t y = 0; drover_next(&each, &item); y++) {
        struct drover_array array = { 0 };
        if (get_row(item, row_bytes / RAYTRACE_CHANNELS, &array) < 0) {
            free(joined);
            return drover_fail(call,
                               "rows: element %zu is no row of pixels, "
                               "or not as wide as the first",
                               y);
        }
        if (joined == NULL) {
            row_bytes = array.count;
            joined = calloc(height, row_bytes);
            if (joined == NULL)
                return drover_fail(call, "no memory for the picture");
        }
        drover_array_copy(&array, joined + y * row_bytes);
    }
    picture->width = (uint32_t)(row_bytes / RAYTRACE_CHANNELS);
    picture->height = (uint32_t)height;
    picture->pixels = *pixels = joined;
    return 0;
}

static int assemble(struct drover_call *call)
{
    struct drover_value rows = drover_arg_value(call, "rows");
    const char *path = drover_arg_text(call, "file");
    size_t height = drover_value_count(rows);
    if (height == 0 || height > RAYTRACE_SIZE_MAX)
        return drover_fail(call, "rows: a picture has 1 to %d, not %zu",
                           RAYTRACE_SIZE_MAX, height);
    struct picture picture = { 0 };
    uint8_t *pixels = NULL;
    int result = join_rows(call, rows, &picture, &pixels);
    if (result != 0)
        return result;
    int64_t size_bytes = 0;
    struct drover_error err;
    if (picture_write(&picture, path, &size_bytes, &err) < 0)
        result = drover_fail(call, "cannot write %s: %s", path, err.message);
    else
        result =
            drover_return_pack(call, "{s: s, s: I, s: I, s: I}", "file", path,
                               "width", (int64_t)picture.width, "height",
                               (int64_t)picture.height, "bytes", size_bytes);
    free(pixels);
    return result;
}

static const struct drover_task tasks[] = {
    {
        .name = "row",
        .run = row,
        .summary = "Render one row of the picture",
        .params = DROVER_PARAMS({ .name = "y",
                                  .type = DROVER_INT,
                                  .min = 0,
                                  .max = RAYTRACE_SIZE_MAX - 1,
                                  .unit = "pixel",
                                  .doc = "which row, 0 at the top" },
                                { .name = "width",
                                  .type = DROVER_INT,
                                  .fallback = "960",
                                  .min = 1,
                                  .max = RAYTRACE_SIZE_MAX,
                                  .unit = "pixel",
                                  .doc = "width of the picture" },
                                { .name = "height",
                                  .type = DROVER_INT,
                                  .fallback = "540",
                                  .min = 1,
                                  .max = RAYTRACE_SIZE_MAX,
                                  .unit = "pixel",
                                  .doc = "height of the picture" },
                                { .name = "samples",
                                  .type = DROVER_INT,
                                  .fallback = "16",
                                  .min = 1,
                                  .max = RAYTRACE_SAMPLES_MAX,
                                  .doc = "rays for each pixel: more are "
                                         "smoother and slower" }),
        .result = { .type = DROVER_ARRAY,
                    .shape = "width, 3",
                    .doc = "red, green and blue of each pixel, 0 to 255" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
    {
        .name = "assemble",
        .run = assemble,
        .summary = "Write rows as a PNG file",
        .params = DROVER_PARAMS({ .name = "rows",
                                  .type = DROVER_LIST,
                                  .items = DROVER_ARRAY,
                                  .doc = "results of row, from the top" },
                                { .name = "file",
                                  .type = DROVER_TEXT,
                                  .doc = "where to write it; what was there "
                                         "is replaced" }),
        .result = { .type = DROVER_MAP, .doc = "file, width, height, bytes" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
};

DROVER_PLUGIN("raytrace", "1.0", "A picture by ray tracing", tasks);
