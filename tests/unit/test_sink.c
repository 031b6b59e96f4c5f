/* Results go out to a file, a pipe whose reader is slow, and one who left. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/sink.h"
#include "unit.h"

static const uint8_t true_bytes[] = { 0xf5 };
static const struct drover_value yes = { true_bytes, 1 };

static void open_pipe(int ends[2])
{
    signal(SIGPIPE, SIG_IGN);
    ASSERT_INT(pipe2(ends, O_CLOEXEC), 0);
}

static void a_file_takes_all_at_once(void)
{
    struct sink sink;
    struct stat info;
    char text[16] = "";
    int file = memfd_create("sink", MFD_CLOEXEC);
    sink_init(&sink, file, 0);
    ASSERT(!sink.pollable);
    ASSERT(!sink_has_unwritten(&sink));
    for (int i = 0; i < 200000; i++)
        ASSERT_INT(sink_add(&sink, yes), 0);
    ASSERT(sink_has_unwritten(&sink));
    ASSERT(sink_is_full(&sink));
    sink_flush(&sink);
    ASSERT(!sink_has_unwritten(&sink));
    ASSERT(!sink_is_full(&sink));
    ASSERT_INT(fstat(file, &info), 0);
    ASSERT_INT(info.st_size, 200000 * 5);
    ASSERT_INT(pread(file, text, 10, 0), 10);
    ASSERT_TEXT(text, "true\ntrue\n");
    sink_clear(&sink);
    close(file);
}

static void a_full_pipe_is_not_waited_for(void)
{
    struct sink sink;
    int ends[2];
    char *text = malloc(1024 * 1024);
    ASSERT(text != NULL);
    open_pipe(ends);
    int flags = fcntl(ends[1], F_GETFL);
    sink_init(&sink, ends[1], 0);
    ASSERT(sink.pollable);
    size_t added = 0;
    for (; !sink_is_full(&sink); added += 5)
        ASSERT_INT(sink_add(&sink, yes), 0);
    size_t taken = 0;
    sink_flush(&sink);
    ASSERT(sink_has_unwritten(&sink));
    while (sink_has_unwritten(&sink)) {
        ssize_t size = read(ends[0], text + taken, 1000);
        ASSERT(size > 0);
        taken += (size_t)size;
        sink_flush(&sink);
    }
    close(ends[1]);
    for (ssize_t size = 1; size > 0; taken += (size_t)size) {
        size = read(ends[0], text + taken, 65536);
        ASSERT(size >= 0);
    }
    ASSERT_INT(taken, added);
    for (size_t i = 0; i < taken; i += 5)
        ASSERT(memcmp(text + i, "true\n", 5) == 0);
    ASSERT_INT(flags & O_NONBLOCK, 0);
    sink_clear(&sink);
    close(ends[0]);
    free(text);
}

static void a_reader_who_left_closes_the_sink(void)
{
    struct sink sink;
    int ends[2];
    open_pipe(ends);
    sink_init(&sink, ends[1], 0);
    ASSERT_INT(sink_add(&sink, yes), 0);
    close(ends[0]);
    sink_flush(&sink);
    ASSERT(sink.closed);
    ASSERT_INT(sink.error, 0);
    ASSERT(!sink_has_unwritten(&sink));
    ASSERT_INT(sink_add(&sink, yes), 0);
    ASSERT(!sink_has_unwritten(&sink));
    sink_clear(&sink);
    close(ends[1]);
}

static void a_write_that_fails_is_remembered(void)
{
    struct sink sink;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT(full >= 0);
    sink_init(&sink, full, 0);
    ASSERT_INT(sink_add(&sink, yes), 0);
    sink_flush(&sink);
    ASSERT(sink.closed);
    ASSERT_INT(sink.error, ENOSPC);
    sink_clear(&sink);
    close(full);
}

static void a_pipe_set_to_non_blocking_is_written_to_all_the_same(void)
{
    struct sink sink;
    int ends[2];
    open_pipe(ends);
    ASSERT_INT(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    sink_init(&sink, ends[1], 0);
    for (int i = 0; i < 10; i++)
        ASSERT_INT(sink_add(&sink, yes), 0);
    sink_flush(&sink);
    ASSERT(!sink_has_unwritten(&sink));
    ASSERT(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
    sink_clear(&sink);
    close(ends[0]);
    close(ends[1]);
}

/* A terminal, by both its ends. Returns the one of who reads it, or -1 where
 * there are none. */
static int open_terminal(int *writer)
{
    int reader = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (reader < 0)
        return -1;
    ASSERT_INT(grantpt(reader), 0);
    ASSERT_INT(unlockpt(reader), 0);
    *writer = open(ptsname(reader), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ASSERT(*writer >= 0);
    return reader;
}

static void a_terminal_with_little_room_is_not_waited_for(void)
{
    struct sink sink;
    char text[4096];
    int writer, reader = open_terminal(&writer);
    if (reader < 0)
        return;
    sink_init(&sink, writer, 0);
    ASSERT(sink.pollable);
    size_t count = 0, newlines = 0;
    for (; !sink_is_full(&sink); count++)
        ASSERT_INT(sink_add(&sink, yes), 0);
    while (newlines < count) {
        sink_flush(&sink);
        ssize_t size = read(reader, text, newlines % 97 + 1);
        for (ssize_t i = 0; i < size; i++)
            newlines += text[i] == '\n';
    }
    ASSERT(!sink_has_unwritten(&sink));
    ASSERT((fcntl(writer, F_GETFL) & O_NONBLOCK) == 0);
    sink_clear(&sink);
    close(reader);
    close(writer);
}

static void plain_texts_are_written_as_they_are(void)
{
    struct sink sink;
    int ends[2];
    char written[64] = "";
    ASSERT_INT(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    sink_init(&sink, ends[1], 0);
    sink.plain = true;
    /* "a\"b" and [true] */
    ASSERT_INT(sink_add(&sink, (struct drover_value){ "\x63"
                                                      "a\"b",
                                                      4 }),
               0);
    ASSERT_INT(sink_add(&sink, (struct drover_value){ "\x81\xf5", 2 }), 0);
    sink_flush(&sink);
    ASSERT(read(ends[0], written, sizeof written - 1) > 0);
    ASSERT_TEXT(written, "a\"b\n[true]\n");
    sink_clear(&sink);
    close(ends[0]);
    close(ends[1]);
}

static void what_is_not_released_is_not_written(void)
{
    struct sink sink;
    int ends[2];
    char written[64] = "";
    open_pipe(ends);
    sink_init(&sink, ends[1], 0);
    sink.gated = true;
    ASSERT_INT(sink_add(&sink, yes), 0);
    sink_release(&sink);
    ASSERT_INT(sink_add(&sink, yes), 0);
    ASSERT(sink_has_unwritten(&sink));
    ASSERT_INT(sink_added(&sink), 10);
    sink_flush(&sink);
    ASSERT(!sink_has_unwritten(&sink));
    ASSERT_INT(sink.written, 5);
    ASSERT_INT(read(ends[0], written, sizeof written), 5);
    ASSERT_INT(sink_added(&sink), 10);
    sink_release(&sink);
    sink_flush(&sink);
    ASSERT_INT(read(ends[0], written, sizeof written), 5);
    ASSERT_TEXT(written, "true\n");
    sink_clear(&sink);
    close(ends[0]);
    close(ends[1]);
}

UNIT_CASES(CASE(what_is_not_released_is_not_written),
           CASE(plain_texts_are_written_as_they_are),
           CASE(a_file_takes_all_at_once), CASE(a_full_pipe_is_not_waited_for),
           CASE(a_reader_who_left_closes_the_sink),
           CASE(a_write_that_fails_is_remembered),
           CASE(a_pipe_set_to_non_blocking_is_written_to_all_the_same),
           CASE(a_terminal_with_little_room_is_not_waited_for))
