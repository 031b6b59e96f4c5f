/* What calls print, cut into lines however it comes. */
#include <stdio.h>
#include <string.h>

#include "dispatch/printed.h"
#include "unit.h"

/* The lines that came out, each ended by '|'. */
static struct buffer lines;

static void take_line(void *context, const char *line, size_t size)
{
    ASSERT(context == &lines);
    ASSERT_INT(buffer_append(&lines, line, size), 0);
    ASSERT_INT(buffer_append(&lines, "|", 1), 0);
}

static void begin(struct printed *printed)
{
    buffer_init(&lines, 1024 * 1024);
    printed_init(printed);
}

static void end(struct printed *printed)
{
    printed_clear(printed);
    buffer_clear(&lines);
}

static void add(struct printed *printed, const char *bytes, size_t size)
{
    printed_add(printed, bytes, size, take_line, &lines);
}

static void expect_bytes(const struct buffer *actual, const char *expected)
{
    ASSERT_INT(buffer_size(actual), strlen(expected));
    if (expected[0] != '\0')
        ASSERT(memcmp(buffer_bytes(actual), expected, strlen(expected)) == 0);
}

static void text_cut_anywhere_gives_the_same_lines(void)
{
    static const char text[] = "one\n\ntwo three\nfour\n\n5";
    const size_t size = sizeof text - 1;
    for (size_t a = 0; a <= size; a++)
        for (size_t b = a; b <= size; b++) {
            struct printed printed;
            begin(&printed);
            add(&printed, text, a);
            add(&printed, text + a, b - a);
            add(&printed, text + b, size - b);
            expect_bytes(&lines, "one||two three|four||");
            printed_finish(&printed, take_line, &lines);
            expect_bytes(&lines, "one||two three|four||5|");
            expect_bytes(&printed.last, "one\n\ntwo three\nfour\n\n5\n");
            printed_finish(&printed, take_line, &lines);
            expect_bytes(&lines, "one||two three|four||5|");
            end(&printed);
        }
}

static void a_reset_forgets_lines_and_the_beginning_of_one(void)
{
    struct printed printed;
    begin(&printed);
    add(&printed, "a\nb", 3);
    printed_reset(&printed);
    printed_finish(&printed, take_line, &lines);
    add(&printed, "c\n", 2);
    expect_bytes(&lines, "a|c|");
    expect_bytes(&printed.last, "c\n");
    end(&printed);
}

static void zero_bytes_are_bytes_like_others(void)
{
    struct printed printed;
    begin(&printed);
    add(&printed, "a\0b\n", 4);
    ASSERT_INT(buffer_size(&lines), 4);
    ASSERT(memcmp(buffer_bytes(&lines), "a\0b|", 4) == 0);
    end(&printed);
}

/* How many lines, and how long the first of them, when a line of SIZE bytes
 * comes in pieces. */
static void expect_pieces(size_t size, size_t piece, size_t count)
{
    static char text[3 * PRINTED_LINE_BYTES + 2];
    struct printed printed;
    size_t found = 0;
    begin(&printed);
    memset(text, 'x', size);
    text[size] = '\n';
    for (size_t at = 0; at < size + 1; at += piece)
        add(&printed, text + at, size + 1 - at < piece ? size + 1 - at : piece);
    for (size_t i = 0; i < buffer_size(&lines); i++)
        found += buffer_bytes(&lines)[i] == '|';
    ASSERT_INT(found, count);
    ASSERT_INT(buffer_size(&lines), size + count);
    if (count > 1)
        ASSERT_INT(buffer_bytes(&lines)[PRINTED_LINE_BYTES], '|');
    printed_finish(&printed, take_line, &lines);
    ASSERT_INT(buffer_size(&lines), size + count);
    end(&printed);
}

static void a_line_that_is_too_long_is_cut_into_pieces(void)
{
    static const size_t pieces[] = { 1,
                                     7,
                                     PRINTED_LINE_BYTES - 1,
                                     PRINTED_LINE_BYTES,
                                     PRINTED_LINE_BYTES + 1,
                                     3 * PRINTED_LINE_BYTES + 1 };
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        expect_pieces(PRINTED_LINE_BYTES - 1, pieces[i], 1);
        expect_pieces(PRINTED_LINE_BYTES, pieces[i], 1);
        expect_pieces(PRINTED_LINE_BYTES + 1, pieces[i], 2);
        expect_pieces(2 * PRINTED_LINE_BYTES, pieces[i], 2);
        expect_pieces(3 * PRINTED_LINE_BYTES, pieces[i], 3);
    }
}

static void of_many_lines_the_last_are_kept_whole(void)
{
    struct printed printed;
    begin(&printed);
    for (int i = 0; i < 1000; i++) {
        char line[16];
        int size = snprintf(line, sizeof line, "line %d\n", i);
        add(&printed, line, (size_t)size);
        ASSERT(buffer_size(&printed.last) <= PRINTED_LAST_BYTES);
    }
    const char *last = (const char *)buffer_bytes(&printed.last);
    size_t size = buffer_size(&printed.last);
    ASSERT(size > PRINTED_LAST_BYTES - 10);
    ASSERT(memcmp(last, "line ", 5) == 0);
    ASSERT(memcmp(last + size - 9, "line 999\n", 9) == 0);
    end(&printed);
}

static void long_lines_are_kept_whole_and_it_is_known_that_others_were_cut(void)
{
    static char text[PRINTED_LINE_BYTES];
    struct printed printed;
    begin(&printed);
    memset(text, 'x', sizeof text);
    add(&printed, "before\n", 7);
    ASSERT(!printed.cut);
    for (int i = 0; i < PRINTED_LAST_BYTES / PRINTED_LINE_BYTES; i++) {
        add(&printed, text, sizeof text);
        add(&printed, "\n", 1);
    }
    ASSERT(printed.cut);
    ASSERT(buffer_size(&printed.last) <= PRINTED_LAST_BYTES);
    ASSERT_INT(buffer_bytes(&printed.last)[0], 'x');
    printed_reset(&printed);
    ASSERT(!printed.cut);
    end(&printed);
}

UNIT_CASES(CASE(text_cut_anywhere_gives_the_same_lines),
           CASE(a_reset_forgets_lines_and_the_beginning_of_one),
           CASE(zero_bytes_are_bytes_like_others),
           CASE(a_line_that_is_too_long_is_cut_into_pieces),
           CASE(of_many_lines_the_last_are_kept_whole),
           CASE(long_lines_are_kept_whole_and_it_is_known_that_others_were_cut))
