/* The rows of the picture by the parallel map. What all calls have in common,
 * the frame, they find in the memory that they have as copies of the caller. */
#include "canvas.h"

#include <errno.h>

/* Build the list of all rows: [0, 1, ...]. */
static void build_rows(struct drover_builder *out, uint32_t height)
{
    drover_build_list_begin(out);
    for (uint32_t y = 0; y < height; y++)
        drover_build_int(out, y);
    drover_build_list_end(out);
}

static void put_all(struct canvas *canvas, struct drover_value pixels)
{
    struct drover_iterator each = drover_iterate(pixels);
    struct drover_value row;
    for (uint32_t y = 0; drover_next(&each, &row); y++)
        canvas_put(canvas, y, row);
}

/* Render all rows. Returns 0 or a negative errno value. */
static int render_all(struct canvas *canvas, struct drover_builder *rows,
                      struct drover_builder *results, struct drover_error *err)
{
    struct drover_value all, pixels;
    build_rows(rows, canvas->frame.height);
    int status = drover_builder_value(rows, &all, err);
    if (status == 0)
        status = drover_pmap(canvas_render, &canvas->frame, "y", all, 0,
                             results, err);
    if (status == 0)
        status = drover_builder_value(results, &pixels, err);
    if (status == 0)
        put_all(canvas, pixels);
    return status;
}

int main(int argc, char **argv)
{
    struct canvas canvas;
    struct drover_error err = { ENOMEM, "out of memory" };
    int status = canvas_open(&canvas, argc, argv);
    if (status != 0)
        return status;

    struct drover_builder *rows = drover_builder_create();
    struct drover_builder *results = drover_builder_create();
    status = rows == NULL || results == NULL
                 ? -ENOMEM
                 : render_all(&canvas, rows, results, &err);
    drover_builder_destroy(results);
    drover_builder_destroy(rows);
    return canvas_close(&canvas, status < 0 ? &err : NULL);
}
