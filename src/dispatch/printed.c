/* [host] */
#include "dispatch/printed.h"

#include <string.h>

void printed_init(struct printed *printed)
{
    buffer_init(&printed->line, PRINTED_LINE_BYTES);
    buffer_init(&printed->last, 2 * (PRINTED_LAST_BYTES + PRINTED_LINE_BYTES));
    printed->cut = false;
}

void printed_clear(struct printed *printed)
{
    buffer_clear(&printed->line);
    buffer_clear(&printed->last);
}

/* Drop whole lines from the front until the rest is short enough. */
static void trim_last(struct printed *printed)
{
    struct buffer *last = &printed->last;
    while (buffer_size(last) > PRINTED_LAST_BYTES) {
        const char *end = memchr(buffer_bytes(last), '\n', buffer_size(last));
        size_t size = (size_t)((const uint8_t *)end - buffer_bytes(last)) + 1;
        if (size == buffer_size(last))
            return; /* one long line */
        buffer_consume(last, size);
        printed->cut = true;
    }
}

static void emit_line(struct printed *printed, printed_line_fn emit,
                      void *context)
{
    const char *line = (const char *)buffer_bytes(&printed->line);
    size_t size = buffer_size(&printed->line);
    emit(context, line, size);
    /* Without memory the report shows less. */
    if (buffer_append(&printed->last, line, size) == 0)
        (void)buffer_append(&printed->last, "\n", 1);
    trim_last(printed);
    buffer_reset(&printed->line);
}

void printed_add(struct printed *printed, const char *bytes, size_t size,
                 printed_line_fn emit, void *context)
{
    while (size > 0) {
        const char *end = memchr(bytes, '\n', size);
        size_t length = end == NULL ? size : (size_t)(end - bytes);
        size_t room = PRINTED_LINE_BYTES - buffer_size(&printed->line);
        size_t taken = length < room ? length : room;
        if (buffer_append(&printed->line, bytes, taken) < 0)
            return;
        if (taken < length || end != NULL)
            emit_line(printed, emit, context);
        taken += taken == length && end != NULL;
        bytes += taken;
        size -= taken;
    }
}

void printed_finish(struct printed *printed, printed_line_fn emit,
                    void *context)
{
    if (buffer_size(&printed->line) > 0)
        emit_line(printed, emit, context);
}

void printed_reset(struct printed *printed)
{
    buffer_reset(&printed->line);
    buffer_reset(&printed->last);
    printed->cut = false;
}
