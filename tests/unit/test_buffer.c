/* Growable bounded buffers. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "unit.h"

static void expect_bytes(const struct buffer *buffer, const char *expected)
{
    ASSERT_INT(buffer_size(buffer), strlen(expected));
    if (expected[0] != '\0')
        ASSERT(memcmp(buffer_bytes(buffer), expected, strlen(expected)) == 0);
}

static void bytes_go_in_at_the_end_and_out_at_the_front(void)
{
    struct buffer buffer = BUFFER_INIT(100);
    ASSERT_INT(buffer_append(&buffer, "abcd", 4), 0);
    ASSERT_INT(buffer_append_text(&buffer, "ef"), 0);
    ASSERT_INT(buffer_append(&buffer, NULL, 0), 0);
    buffer_consume(&buffer, 2);
    expect_bytes(&buffer, "cdef");
    ASSERT_INT(buffer_append_format(&buffer, "%d-%s", 42, "x"), 0);
    expect_bytes(&buffer, "cdef42-x");
    buffer_consume(&buffer, 8);
    expect_bytes(&buffer, "");
    ASSERT_INT(buffer.start, 0);
    buffer_clear(&buffer);
    ASSERT(buffer.data == NULL);
    ASSERT_INT(buffer.limit, 100);
}

static void the_limit_is_exact_and_what_does_not_fit_changes_nothing(void)
{
    char bytes[200];
    memset(bytes, 'x', sizeof bytes);
    for (size_t limit = 0; limit < 150; limit++) {
        struct buffer buffer = BUFFER_INIT(limit);
        ASSERT_INT(buffer_append(&buffer, bytes, limit), 0);
        ASSERT_INT(buffer_append(&buffer, "y", 1), -EMSGSIZE);
        ASSERT_INT(buffer_size(&buffer), limit);
        ASSERT_INT(buffer_reserve(&buffer, SIZE_MAX), -EMSGSIZE);
        if (limit > 0) {
            buffer_consume(&buffer, 1);
            ASSERT_INT(buffer_append(&buffer, "y", 1), 0);
            ASSERT_INT(buffer_append(&buffer, "y", 1), -EMSGSIZE);
            ASSERT_INT(buffer_bytes(&buffer)[limit - 1], 'y');
        }
        buffer_clear(&buffer);
    }
}

static void formatted_text_needs_room_for_its_end(void)
{
    struct buffer buffer = BUFFER_INIT(4);
    ASSERT_INT(buffer_append_format(&buffer, "%s", "abcd"), -EMSGSIZE);
    expect_bytes(&buffer, "");
    ASSERT_INT(buffer_append_format(&buffer, "%s", "abc"), 0);
    expect_bytes(&buffer, "abc");
    buffer_clear(&buffer);
}

static void room_is_reserved_for_writing_in_place(void)
{
    struct buffer buffer = BUFFER_INIT(1000);
    ASSERT_INT(buffer_append(&buffer, "ab", 2), 0);
    ASSERT_INT(buffer_reserve(&buffer, 300), 0);
    ASSERT(buffer.capacity - buffer.end >= 300);
    memset(buffer_tail(&buffer), 'z', 300);
    buffer_extend(&buffer, 300);
    ASSERT_INT(buffer_size(&buffer), 302);
    ASSERT_INT(buffer_bytes(&buffer)[301], 'z');
    buffer_clear(&buffer);
}

/* A stream runs through a buffer, and stays in order and small. */
static void a_stream_passes_in_constant_memory(void)
{
    struct buffer buffer = BUFFER_INIT(1 << 20);
    uint8_t in = 0, out = 0;
    for (size_t round = 0; round < 20000; round++) {
        uint8_t bytes[50];
        size_t size = round * 7 % sizeof bytes;
        for (size_t i = 0; i < size; i++)
            bytes[i] = in++;
        ASSERT_INT(buffer_append(&buffer, bytes, size), 0);
        size_t most = buffer_size(&buffer);
        size_t taken = round * 13 % 60 < most ? round * 13 % 60 : most;
        bool same = true;
        for (size_t i = 0; i < taken; i++)
            same = same && buffer_bytes(&buffer)[i] == out++;
        ASSERT(same);
        buffer_consume(&buffer, taken);
    }
    ASSERT(buffer.capacity <= 4096);
    buffer_clear(&buffer);
}

static void only_an_empty_buffer_gives_memory_back(void)
{
    struct buffer buffer = BUFFER_INIT(1 << 20);
    ASSERT_INT(buffer_reserve(&buffer, 10000), 0);
    buffer_extend(&buffer, 1);
    buffer_shrink(&buffer, 100);
    ASSERT(buffer.capacity >= 10000);
    buffer_reset(&buffer);
    buffer_shrink(&buffer, buffer.capacity);
    ASSERT(buffer.capacity >= 10000);
    buffer_shrink(&buffer, 100);
    ASSERT_INT(buffer.capacity, 0);
    buffer_clear(&buffer);
}

UNIT_CASES(CASE(bytes_go_in_at_the_end_and_out_at_the_front),
           CASE(the_limit_is_exact_and_what_does_not_fit_changes_nothing),
           CASE(formatted_text_needs_room_for_its_end),
           CASE(room_is_reserved_for_writing_in_place),
           CASE(a_stream_passes_in_constant_memory),
           CASE(only_an_empty_buffer_gives_memory_back))
