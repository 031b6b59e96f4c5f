/* Lines for people: what a slow reader gets, and one that is stuck. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "run/notes.h"
#include "unit.h"

enum { LINE_BYTES = 100, TEXT_MAX_BYTES = 2 * SINK_FULL_BYTES };

static struct notes notes;
static int64_t now_ms;
static char text[TEXT_MAX_BYTES];

/* Begin with notes for a pipe. */
static void begin(int ends[2])
{
    signal(SIGPIPE, SIG_IGN);
    ASSERT_INT(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    notes_init(&notes, ends[1]);
    now_ms = clock_now_ms();
}

static void end(int ends[2])
{
    notes_clear(&notes);
    close(ends[0]);
    close(ends[1]);
}

/* A line that tells its number. */
static void add(int number)
{
    char line[LINE_BYTES + 1];
    snprintf(line, sizeof line, "%-99d\n", number);
    notes_add(&notes, line, LINE_BYTES);
}

/* Add lines until the reader of them is too slow. Returns how many. */
static int fill(void)
{
    int count = 0;
    for (; !notes_is_full(&notes); count++) {
        add(count);
        notes_flush(&notes, now_ms);
    }
    return count;
}

/* Read to the end, as a reader would that has woken up. Returns the size. */
static size_t read_all(int reader)
{
    size_t size = 0;
    for (;;) {
        ssize_t got = read(reader, text + size, TEXT_MAX_BYTES - 1 - size);
        if (got > 0)
            size += (size_t)got;
        if (got < 0 && !notes_has_unwritten(&notes))
            break;
        notes_flush(&notes, now_ms);
    }
    text[size] = '\0';
    return size;
}

static void a_slow_reader_gets_every_line(void)
{
    int ends[2];
    begin(ends);
    int count = fill();
    now_ms += NOTES_PATIENCE_MS - 1;
    notes_flush(&notes, now_ms);
    ASSERT(notes_is_full(&notes));
    add(count);
    ASSERT_INT(read_all(ends[0]), (size_t)(count + 1) * LINE_BYTES);
    for (int i = 0; i <= count; i++)
        ASSERT_INT(atoi(text + (size_t)i * LINE_BYTES), i);
    ASSERT(!notes_is_full(&notes));
    end(ends);
}

static void a_reader_that_takes_a_little_is_slow_only(void)
{
    int ends[2];
    begin(ends);
    fill();
    for (int i = 0; i < 3; i++) {
        now_ms += NOTES_PATIENCE_MS - 1;
        ASSERT(read(ends[0], text, 8192) > 0);
        add(i);
        notes_flush(&notes, now_ms);
    }
    ASSERT_INT(notes.dropped, 0);
    ASSERT(!notes.stuck);
    end(ends);
}

static void lines_for_a_stuck_reader_are_dropped_and_counted(void)
{
    int ends[2];
    begin(ends);
    size_t kept = (size_t)fill() * LINE_BYTES;
    now_ms += NOTES_PATIENCE_MS;
    notes_flush(&notes, now_ms);
    ASSERT(!notes_is_full(&notes));
    for (int i = 0; i < 100000; i++)
        add(i);
    ASSERT(buffer_size(&notes.sink.buffer) < TEXT_MAX_BYTES);
    read_all(ends[0]);
    add(7);
    ASSERT_TEXT(text + kept, "drover: 100000 lines are missing here: nobody "
                             "read standard error\n");
    ASSERT_INT(read_all(ends[0]), LINE_BYTES);
    ASSERT_INT(atoi(text), 7);
    end(ends);
}

static void a_reader_that_is_given_up_gets_nothing_more(void)
{
    int ends[2];
    begin(ends);
    notes_give_up(&notes);
    ASSERT(!notes_is_closed(&notes));
    fill();
    notes_give_up(&notes);
    ASSERT(notes_is_closed(&notes));
    ASSERT(!notes_has_unwritten(&notes));
    add(1);
    ASSERT(!notes_has_unwritten(&notes));
    end(ends);
}

UNIT_CASES(CASE(a_slow_reader_gets_every_line),
           CASE(a_reader_that_takes_a_little_is_slow_only),
           CASE(lines_for_a_stuck_reader_are_dropped_and_counted),
           CASE(a_reader_that_is_given_up_gets_nothing_more))
