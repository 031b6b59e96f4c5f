#include "canvas.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "raytrace/picture.h"

enum { CHANNELS = 3, SIZE_MAX_PIXELS = 16384, SAMPLES_MAX = 4096 };

/* Read the number at *ARGUMENT, if there is one, and step on. */
static bool parse(char ***argument, uint32_t most, uint32_t *out)
{
    char *end;
    if (**argument == NULL)
        return true;
    long number = strtol(**argument, &end, 10);
    if (*end != '\0' || number < 1 || number > (long)most)
        return false;
    *out = (uint32_t)number;
    ++*argument;
    return true;
}

int canvas_open(struct canvas *canvas, int argc, char **argv)
{
    char **next = argv + 2;
    *canvas = (struct canvas){ .frame = { 480, 270, 8 } };
    struct frame *frame = &canvas->frame;
    if (argc < 2 || !parse(&next, SIZE_MAX_PIXELS, &frame->width) ||
        !parse(&next, SIZE_MAX_PIXELS, &frame->height) ||
        !parse(&next, SAMPLES_MAX, &frame->samples) || *next != NULL) {
        fprintf(stderr, "usage: %s FILE [WIDTH [HEIGHT [SAMPLES]]]\n", argv[0]);
        return EXIT_FAILURE;
    }
    canvas->path = argv[1];
    canvas->missing = frame->height;
    canvas->pixels = calloc(frame->height, (size_t)frame->width * CHANNELS);
    if (canvas->pixels != NULL)
        return 0;
    fprintf(stderr, "%s: no memory for the picture\n", argv[0]);
    return EXIT_FAILURE;
}

uint8_t *canvas_row(struct canvas *canvas, uint32_t y)
{
    canvas->missing--;
    return canvas->pixels + (size_t)canvas->frame.width * CHANNELS * y;
}

int canvas_render(struct drover_call *call)
{
    const struct frame *frame = drover_call_context(call);
    size_t shape[] = { frame->width, CHANNELS };
    uint8_t *pixels = malloc(shape[0] * shape[1]);
    if (pixels == NULL)
        return drover_fail(call, "no memory for a row");
    render_row(frame, (uint32_t)drover_arg_int(call, "y"), pixels);
    drover_build_array(drover_call_builder(call), DROVER_UINT8, 2, shape,
                       pixels);
    free(pixels);
    return drover_return_built(call);
}

void canvas_put(struct canvas *canvas, uint64_t y, struct drover_value row)
{
    struct drover_array array;
    if (y < canvas->frame.height && drover_value_get_array(row, &array) == 0 &&
        array.count == (size_t)canvas->frame.width * CHANNELS)
        drover_array_copy(&array, canvas_row(canvas, (uint32_t)y));
}

void canvas_put_outcome(struct canvas *canvas,
                        const struct drover_outcome *outcome)
{
    char line[1024];
    if (outcome->cause == DROVER_OK)
        canvas_put(canvas, outcome->index, outcome->value);
    else
        fprintf(stderr, "%s\n",
                drover_outcome_format(outcome, line, sizeof line));
}

static int write_picture(const struct canvas *canvas)
{
    struct drover_error err;
    struct picture picture = { canvas->frame.width, canvas->frame.height,
                               canvas->pixels };
    int64_t size_bytes;
    if (picture_write(&picture, canvas->path, &size_bytes, &err) < 0) {
        fprintf(stderr, "cannot write %s: %s\n", canvas->path, err.message);
        return EXIT_FAILURE;
    }
    printf("%s: %" PRIu32 " x %" PRIu32 " pixels, %" PRId64 " bytes\n",
           canvas->path, picture.width, picture.height, size_bytes);
    return EXIT_SUCCESS;
}

int canvas_close(struct canvas *canvas, const struct drover_error *err)
{
    int status = EXIT_FAILURE;
    if (err != NULL)
        fprintf(stderr, "%s\n", err->message);
    else if (canvas->missing > 0)
        fprintf(stderr,
                "%s is not written: of %" PRIu32 " rows %" PRIu32
                " are missing\n",
                canvas->path, canvas->frame.height, canvas->missing);
    else
        status = write_picture(canvas);
    free(canvas->pixels);
    return status;
}
