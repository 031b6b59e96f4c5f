/* The rows of the picture by the parallel map. What all calls have in common,
 * the frame, they find in the memory that they have as copies of the caller. */
#include "canvas.h"

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

int main(int argc, char **argv)
{
    struct canvas canvas;
    struct drover_error err;
    struct drover_value rows, pixels;
    int status = canvas_open(&canvas, argc, argv);
    if (status != 0)
        return status;

    struct drover_builder *all = drover_builder_create();
    struct drover_builder *results = drover_builder_create();
    build_rows(all, canvas.frame.height);
    status = drover_builder_value(all, &rows, &err);
    if (status == 0)
        status = drover_pmap(canvas_render, &canvas.frame, "y", rows, 0,
                             results, &err);
    if (status == 0)
        status = drover_builder_value(results, &pixels, &err);
    if (status == 0)
        put_all(&canvas, pixels);
    drover_builder_destroy(results);
    drover_builder_destroy(all);
    return canvas_close(&canvas, status < 0 ? &err : NULL);
}
