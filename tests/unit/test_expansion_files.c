/* A stage becomes calls: a call for each file that a pattern matches, or for
 * each line of a file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/expansion.h"
#include "planned.h"
#include "scratch.h"
#include "unit.h"
#include "value/encode.h"

static const struct expansion_input no_input = { .folder = NULL };

/* --- Globs --------------------------------------------------------------- */

static void globs_are_sorted_by_bytes(void)
{
    scratch_enter();
    SCRATCH_WRITE("b.txt", "");
    SCRATCH_WRITE("B.txt", "");
    SCRATCH_WRITE("a.txt", "");
    SCRATCH_WRITE("c.log", "");
    const char *calls = planned_calls("    task: text.count\n"
                                      "    each: {file: {glob: '*.txt'}}\n");
    scratch_leave();
    ASSERT_TEXT(calls, "{\"file\":\"B.txt\",\"min_length\":1}\n"
                       "{\"file\":\"a.txt\",\"min_length\":1}\n"
                       "{\"file\":\"b.txt\",\"min_length\":1}\n");
}

static void two_globs_make_pairs(void)
{
    scratch_enter();
    SCRATCH_WRITE("a.x", "");
    SCRATCH_WRITE("b.x", "");
    SCRATCH_WRITE("c.y", "");
    static const char stage[] = "    task: text.count\n"
                                "    each: {p: {glob: '*.x'}, q: {glob: "
                                "'*.y'}}\n"
                                "    with: {file: '${p}-${q}'}\n";
    uint64_t total = planned_total(stage);
    const char *calls = planned_calls(stage);
    scratch_leave();
    ASSERT_INT(total, 2);
    ASSERT_TEXT(calls, "{\"file\":\"a.x-c.y\",\"min_length\":1}\n"
                       "{\"file\":\"b.x-c.y\",\"min_length\":1}\n");
}

static void a_glob_without_a_match_is_an_error(void)
{
    ASSERT_TEXT(planned_calls("    task: text.count\n"
                              "    each: {file: {glob: /no such folder/*}}\n"),
                "job.yaml:6:12: stage a: no file matches \"/no such "
                "folder/*\"");
}

static void a_file_name_that_is_no_utf8_fails_its_call(void)
{
    scratch_enter();
    SCRATCH_WRITE("a", "");
    SCRATCH_WRITE("b\xff", "");
    const char *calls = planned_calls("    task: text.count\n"
                                      "    each: {file: {glob: '*'}}\n");
    scratch_leave();
    ASSERT_TEXT(calls, "{\"file\":\"a\",\"min_length\":1}\n"
                       "job.yaml:6:12: stage a: the name of file 2 of \"*\" is "
                       "not valid UTF-8\n");
}

/* --- Lines --------------------------------------------------------------- */

static void lines_end_with_a_newline_or_with_the_file(void)
{
    scratch_enter();
    SCRATCH_WRITE("in.txt", "one\r\n\n two \nlast\r");
    static const char stage[] = "    task: text.count\n"
                                "    each: {file: {lines: in.txt}}\n";
    uint64_t total = planned_total(stage);
    const char *calls = planned_calls(stage);
    scratch_leave();
    ASSERT(total == UINT64_MAX);
    ASSERT_TEXT(calls, "{\"file\":\"one\",\"min_length\":1}\n"
                       "{\"file\":\"\",\"min_length\":1}\n"
                       "{\"file\":\" two \",\"min_length\":1}\n"
                       "{\"file\":\"last\\r\",\"min_length\":1}\n");
}

static void lines_are_read_again_in_an_inner_loop(void)
{
    scratch_enter();
    SCRATCH_WRITE("in.txt", "1\n2");
    const char *calls =
        planned_calls("    task: grid.calculate\n"
                      "    each: {i: {range: [7, 9]}, j: {lines: "
                      "in.txt}}\n");
    scratch_leave();
    ASSERT_TEXT(calls, "{\"i\":7,\"j\":1,\"delay\":0.0}\n"
                       "{\"i\":7,\"j\":2,\"delay\":0.0}\n"
                       "{\"i\":8,\"j\":1,\"delay\":0.0}\n"
                       "{\"i\":8,\"j\":2,\"delay\":0.0}\n");
}

static void an_empty_inner_file_ends_a_long_outer_loop(void)
{
    scratch_enter();
    SCRATCH_WRITE("in.txt", "");
    const char *calls =
        planned_calls("    task: grid.calculate\n"
                      "    each: {i: {range: [0, 1000000000000]}, "
                      "j: {lines: in.txt}}\n");
    scratch_leave();
    ASSERT_TEXT(calls, "");
}

static void bad_lines_fail_their_calls_only(void)
{
    scratch_enter();
    SCRATCH_WRITE("in.txt", "a\nb\xff\nc\0d\ne\n");
    const char *calls = planned_calls("    task: text.count\n"
                                      "    each: {file: {lines: in.txt}}\n");
    scratch_leave();
    ASSERT_TEXT(calls,
                "{\"file\":\"a\",\"min_length\":1}\n"
                "job.yaml:6:12: stage a: line 2 of \"in.txt\" is not "
                "valid UTF-8\n"
                "job.yaml:6:12: stage a: parameter \"file\": a text must "
                "not hold a NUL character (line 3 of \"in.txt\")\n"
                "{\"file\":\"e\",\"min_length\":1}\n");
}

static void lines_are_read_as_the_type_that_is_expected(void)
{
    scratch_enter();
    SCRATCH_WRITE("in.txt", "9\n10\nx\n\n0x5\n5\0\n7.0\n");
    const char *calls = planned_calls("    task: types.take\n"
                                      "    each: {digit: {lines: in.txt}}\n");
    const char *reals;
    char first[2048];
    snprintf(first, sizeof first, "%s", calls);
    SCRATCH_WRITE("in.txt", "2\n.5\nyes\n");
    reals = planned_calls("    task: grid.calculate\n"
                          "    each: {delay: {lines: in.txt}}\n"
                          "    with: {i: 1, j: 2}\n");
    scratch_leave();
    ASSERT_CONTAINS(first, "{\"any\":null,\"digit\":9,");
    ASSERT_CONTAINS(first,
                    "\njob.yaml:6:12: stage a: parameter \"digit\": expected "
                    "an int of 0 to 9 or null, got the int 10 (line 2 of "
                    "\"in.txt\")\n"
                    "job.yaml:6:12: stage a: parameter \"digit\": expected an "
                    "int of 0 to 9 or null, got the text \"x\" (line 3 of "
                    "\"in.txt\")\n"
                    "job.yaml:6:12: stage a: parameter \"digit\": expected an "
                    "int of 0 to 9 or null, got the text \"\" (line 4 of "
                    "\"in.txt\")\n"
                    "{\"any\":null,\"digit\":5,");
    ASSERT_CONTAINS(first, "got the text \"5?\" (line 6 of");
    ASSERT_CONTAINS(first, "got the text \"7.0\" (line 7 of");
    ASSERT_TEXT(reals, "{\"i\":1,\"j\":2,\"delay\":2.0}\n"
                       "{\"i\":1,\"j\":2,\"delay\":0.5}\n"
                       "job.yaml:6:12: stage a: parameter \"delay\": expected "
                       "a float of 0 to 86400, got the text \"yes\" (line 3 "
                       "of \"in.txt\")\n");
}

/* Writes lines of LIMIT + 1, LIMIT, 3 * LIMIT and 1 bytes. */
static void write_long_lines(const char *name)
{
    const size_t limit = (size_t)1024 * 1024;
    const size_t sizes[] = { limit + 1, limit, 3 * limit, 1 };
    FILE *file = fopen(name, "we");
    ASSERT(file != NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t j = 0; j < sizes[i]; j++)
            putc('x', file);
        fputs("\r\n", file);
    }
    ASSERT_INT(fclose(file), 0);
}

static void a_line_above_the_limit_fails_its_call_only(void)
{
    struct drover_error err = { 0 };
    struct buffer args = BUFFER_INIT(VALUE_LIMIT_BYTES);
    struct expansion *expansion = NULL;
    scratch_enter();
    write_long_lines("in.txt");
    struct planned planned =
        planned_make("    task: text.count\n"
                     "    each: {file: {lines: in.txt}}\n");
    ASSERT_INT(expansion_open(planned.plan, 0, &no_input, &expansion, &err), 0);
    scratch_leave();
    ASSERT_INT(expansion_next(expansion, &args, &err), -EMSGSIZE);
    ASSERT_TEXT(err.message, "job.yaml:6:12: stage a: line 1 of \"in.txt\" is "
                             "longer than 1048576 bytes");
    ASSERT_INT(expansion_next(expansion, &args, &err), 1);
    ASSERT(buffer_size(&args) > 1024 * 1024);
    buffer_reset(&args);
    ASSERT_INT(expansion_next(expansion, &args, &err), -EMSGSIZE);
    ASSERT_CONTAINS(err.message, "line 3");
    ASSERT_INT(expansion_next(expansion, &args, &err), 1);
    ASSERT(buffer_size(&args) < 100);
    ASSERT_INT(expansion_next(expansion, &args, &err), 0);
    expansion_close(expansion);
    buffer_clear(&args);
    planned_clear(&planned);
}

static void files_that_cannot_be_read_are_errors(void)
{
    ASSERT_TEXT(planned_calls("    task: text.count\n"
                              "    each: {file: {lines: /no/such/file}}\n"),
                "job.yaml:6:12: stage a: cannot open \"/no/such/file\": No "
                "such file or directory");
    ASSERT_TEXT(planned_calls("    task: text.count\n"
                              "    each: {file: {lines: /}}\n"),
                "job.yaml:6:12: stage a: cannot read \"/\": Is a directory");
}

static void a_failure_to_read_on_is_reported_once(void)
{
    scratch_enter();
    ASSERT_INT(mkfifo("pipe", 0600), 0);
    int end = open("pipe", O_RDWR | O_CLOEXEC);
    ASSERT(end >= 0);
    ASSERT_INT(write(end, "1\n", 2), 2);
    struct planned planned =
        planned_make("    task: grid.calculate\n"
                     "    each: {i: {range: [0, 5]}, j: {lines: "
                     "pipe}}\n");
    struct expansion *expansion = NULL;
    struct buffer args = BUFFER_INIT(4096);
    struct drover_error err = { 0 };
    ASSERT_INT(expansion_open(planned.plan, 0, &no_input, &expansion, &err), 0);
    scratch_leave();
    ASSERT_INT(expansion_next(expansion, &args, &err), 1);
    close(end);
    ASSERT_INT(expansion_next(expansion, &args, &err), -ESPIPE);
    ASSERT_TEXT(err.message, "job.yaml:6:32: stage a: cannot read \"pipe\" a "
                             "second time: Illegal seek");
    ASSERT_INT(expansion_next(expansion, &args, &err), 0);
    expansion_close(expansion);
    buffer_clear(&args);
    planned_clear(&planned);
}

UNIT_CASES(CASE(globs_are_sorted_by_bytes), CASE(two_globs_make_pairs),
           CASE(a_glob_without_a_match_is_an_error),
           CASE(a_file_name_that_is_no_utf8_fails_its_call),
           CASE(lines_end_with_a_newline_or_with_the_file),
           CASE(lines_are_read_again_in_an_inner_loop),
           CASE(an_empty_inner_file_ends_a_long_outer_loop),
           CASE(bad_lines_fail_their_calls_only),
           CASE(lines_are_read_as_the_type_that_is_expected),
           CASE(a_line_above_the_limit_fails_its_call_only),
           CASE(files_that_cannot_be_read_are_errors),
           CASE(a_failure_to_read_on_is_reported_once))
