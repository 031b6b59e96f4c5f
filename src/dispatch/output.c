/* [host] What calls print. */
#include <unistd.h>

#include "dispatch/state.h"

enum {
    READ_BYTES = 16 * 1024,
    PIPE_BYTES = 64 * 1024, /* what a pipe holds */
};

struct line_context {
    struct dispatch *dispatch;
    const struct slot_work *slot;
};

static void emit_line(void *context, const char *line, size_t size)
{
    const struct line_context *from = context;
    const struct dispatch_client *client = from->dispatch->client;
    if (client->printed != NULL)
        client->printed(client->context, from->slot->stage, from->slot->index,
                        line, size);
}

void output_add(struct dispatch *dispatch, size_t i, const char *bytes,
                size_t size)
{
    struct slot_work *slot = &dispatch->slots[i];
    struct line_context context = { dispatch, slot };
    printed_add(&slot->printed, bytes, size, emit_line, &context);
}

void output_finish(struct dispatch *dispatch, size_t i, struct outcome *outcome)
{
    struct slot_work *slot = &dispatch->slots[i];
    struct line_context context = { dispatch, slot };
    printed_finish(&slot->printed, emit_line, &context);
    outcome->printed = (const char *)buffer_bytes(&slot->printed.last);
    outcome->printed_size = buffer_size(&slot->printed.last);
    outcome->printed_cut = slot->printed.cut;
}

void output_drain(struct dispatch *dispatch, size_t i)
{
    char bytes[READ_BYTES];
    size_t left = PIPE_BYTES;
    int pipe = dispatch->slots[i].slot.printed;
    if (pipe < 0)
        return;
    /* Not until it is empty: somebody may print faster than we read. */
    while (left > 0) {
        ssize_t size =
            read(pipe, bytes, left < sizeof bytes ? left : sizeof bytes);
        if (size <= 0)
            break;
        output_add(dispatch, i, bytes, (size_t)size);
        left -= (size_t)size;
    }
}
