/* A picture by ray tracing, one row after the other. scene_pmap.c,
 * scene_queue.c and scene_reuse.c write the same one, faster. All are called
 * so:
 *
 *     scene FILE [WIDTH [HEIGHT [SAMPLES]]] */
#include "canvas.h"

int main(int argc, char **argv)
{
    struct canvas canvas;
    int status = canvas_open(&canvas, argc, argv);
    if (status != 0)
        return status;
    for (uint32_t y = 0; y < canvas.frame.height; y++)
        render_row(&canvas.frame, y, canvas_row(&canvas, y));
    return canvas_close(&canvas, NULL);
}
