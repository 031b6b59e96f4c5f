/* [host] */
#include "run/notes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

void notes_init(struct notes *notes, int descriptor)
{
    *notes = (struct notes){ .moved_ms = clock_now_ms() };
    sink_init(&notes->sink, descriptor, 0);
}

void notes_clear(struct notes *notes)
{
    sink_clear(&notes->sink);
}

void notes_add(struct notes *notes, const char *line, size_t size)
{
    if (notes->stuck || sink_add_lines(&notes->sink, line, size) < 0)
        notes->dropped++;
}

/* Behind what was kept, before what comes now. */
static void mention_dropped(struct notes *notes)
{
    char line[128];
    int size = snprintf(line, sizeof line,
                        "drover: %" PRIu64 " lines are missing here: nobody "
                        "read standard error\n",
                        notes->dropped);
    notes->dropped = 0;
    notes_add(notes, line, (size_t)size);
}

void notes_flush(struct notes *notes, int64_t now_ms)
{
    size_t before = buffer_size(&notes->sink.buffer);
    sink_flush(&notes->sink);
    size_t left = buffer_size(&notes->sink.buffer);
    if (left < before || !sink_is_full(&notes->sink)) {
        notes->moved_ms = now_ms;
        notes->stuck = false;
    } else if (now_ms - notes->moved_ms >= NOTES_PATIENCE_MS) {
        notes->stuck = true;
    }
    if (notes->dropped > 0 && !notes->stuck)
        mention_dropped(notes);
}

void notes_give_up(struct notes *notes)
{
    sink_flush(&notes->sink);
    if (sink_has_unwritten(&notes->sink))
        sink_give_up(&notes->sink, ECANCELED);
}
