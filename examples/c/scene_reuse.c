/* scene_queue.c with processes that are used again: one for each core serves
 * all rows. */
#include "canvas.h"

int main(int argc, char **argv)
{
    struct canvas canvas;
    struct drover_exchange_options options = { .reuse = true };
    struct drover_error err;
    struct drover_outcome outcome;
    int status = canvas_open(&canvas, argc, argv);
    if (status != 0)
        return status;

    struct drover_exchange *queue = drover_queue_create(&options, &err);
    if (queue == NULL)
        return canvas_close(&canvas, &err);
    struct drover_managed render =
        drover_manage(queue, canvas_render, &canvas.frame);
    for (int64_t y = 0; y < canvas.frame.height; y++)
        drover_managed_call(&render, "{s: I}", "y", y);

    while ((status = drover_exchange_next(queue, &outcome, -1, &err)) > 0)
        canvas_put_outcome(&canvas, &outcome);
    drover_exchange_destroy(queue);
    return canvas_close(&canvas, status < 0 ? &err : NULL);
}
