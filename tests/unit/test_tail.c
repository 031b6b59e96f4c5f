/* Lines of files that grow. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/tail.h"
#include "unit.h"

static char path[] = "/tmp/drover-tail-XXXXXX";

/* A name for a file that is not there. */
static struct tail *begin(void)
{
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int file = mkstemp(path);
    ASSERT(file >= 0);
    close(file);
    ASSERT_INT(unlink(path), 0);
    struct tail *tail = tail_create(path);
    ASSERT(tail != NULL);
    return tail;
}

static void end(struct tail *tail)
{
    tail_destroy(tail);
    unlink(path);
}

static void write_text(const char *mode, const char *text)
{
    FILE *file = fopen(path, mode);
    ASSERT(file != NULL);
    fputs(text, file);
    ASSERT_INT(fclose(file), 0);
}

static void expect_line(struct tail *tail, const char *expected)
{
    const char *line = NULL;
    size_t size = 0;
    ASSERT_INT(tail_next(tail, &line, &size), 1);
    ASSERT_INT(size, strlen(expected));
    ASSERT(memcmp(line, expected, size) == 0);
}

static void expect_nothing(struct tail *tail)
{
    const char *line;
    size_t size;
    ASSERT_INT(tail_next(tail, &line, &size), 0);
}

static void a_file_that_comes_later_is_read_from_its_beginning(void)
{
    struct tail *tail = begin();
    expect_nothing(tail);
    write_text("we", "one\n\ntwo\r\n");
    expect_line(tail, "one");
    expect_line(tail, "");
    expect_line(tail, "two");
    expect_nothing(tail);
    end(tail);
}

static void a_line_is_whole_when_its_end_is_there(void)
{
    struct tail *tail = begin();
    write_text("we", "on");
    expect_nothing(tail);
    write_text("ae", "e");
    expect_nothing(tail);
    write_text("ae", "\nt");
    expect_line(tail, "one");
    expect_nothing(tail);
    write_text("ae", "wo\n");
    expect_line(tail, "two");
    end(tail);
}

static void a_file_that_was_emptied_is_begun_anew(void)
{
    struct tail *tail = begin();
    write_text("we", "one\ntw");
    expect_line(tail, "one");
    expect_nothing(tail);
    write_text("we", "x\n");
    expect_line(tail, "x");
    expect_nothing(tail);
    end(tail);
}

static void another_file_of_its_name_is_read_when_the_old_one_is_done(void)
{
    struct tail *tail = begin();
    write_text("we", "one\ntwo\n");
    expect_line(tail, "one");
    ASSERT_INT(unlink(path), 0);
    write_text("we", "three\n");
    expect_line(tail, "two");
    expect_line(tail, "three");
    ASSERT_INT(unlink(path), 0);
    expect_nothing(tail);
    write_text("we", "four\n");
    expect_line(tail, "four");
    end(tail);
}

static void long_lines_have_a_limit(void)
{
    struct tail *tail = begin();
    const char *line;
    size_t size = 0;
    char *text = malloc(TAIL_LINE_MAX_BYTES + 3);
    memset(text, 'x', TAIL_LINE_MAX_BYTES + 2);
    memcpy(text + TAIL_LINE_MAX_BYTES, "\n", 2);
    write_text("we", text);
    ASSERT_INT(tail_next(tail, &line, &size), 1);
    ASSERT_INT(size, TAIL_LINE_MAX_BYTES);
    memcpy(text + TAIL_LINE_MAX_BYTES, "y\n", 3);
    write_text("ae", text);
    ASSERT_INT(tail_next(tail, &line, &size), -EMSGSIZE);
    free(text);
    end(tail);
}

static void what_cannot_be_read_is_an_error(void)
{
    struct tail *tail = tail_create("/");
    const char *line;
    size_t size;
    ASSERT_INT(tail_next(tail, &line, &size), -EISDIR);
    tail_destroy(tail);
    tail_destroy(NULL);
}

UNIT_CASES(CASE(a_file_that_comes_later_is_read_from_its_beginning),
           CASE(a_line_is_whole_when_its_end_is_there),
           CASE(a_file_that_was_emptied_is_begun_anew),
           CASE(another_file_of_its_name_is_read_when_the_old_one_is_done),
           CASE(long_lines_have_a_limit), CASE(what_cannot_be_read_is_an_error))
