#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/expansion.h"
#include "job_plugins.h"
#include "value/encode.h"
#include "value/json.h"

static const struct expansion_input no_input = { NULL, NULL };

/* A job with one stage named a (or more), planned; and its expansion. */
struct planned {
    struct problems problems;
    struct job *job;
    struct plan *plan;
};

static struct planned plan(const char *stage)
{
    struct planned planned = { .job = NULL, .plan = NULL };
    char text[4096];
    snprintf(text, sizeof text,
             "version: 1\n"
             "plugins: {grid: grid, text: text, shell: shell, types: types}\n"
             "stages:\n"
             "  a:\n%s",
             stage);
    ASSERT_INT(problems_init(&planned.problems, "job.yaml"), 0);
    int status = job_parse("job.yaml", text, strlen(text), &planned.job,
                           &planned.problems);
    if (status == 0)
        status = plan_create(planned.job, job_plugins_declare(planned.job),
                             &planned.plan, &planned.problems);
    if (status < 0 && problems_kept(&planned.problems) > 0)
        ASSERT_TEXT(planned.problems.kept[0].message, "");
    ASSERT_INT(status, 0);
    return planned;
}

static void clear(struct planned *planned)
{
    plan_destroy(planned->plan);
    job_destroy(planned->job);
    problems_clear(&planned->problems);
}

/* All calls as JSON, one a line; for one that cannot be made the message. */
static void append_calls(struct expansion *expansion, struct buffer *out)
{
    struct buffer args = BUFFER_INIT(VALUE_LIMIT_BYTES);
    struct drover_error err;
    int status;
    while ((status = expansion_next(expansion, &args, &err)) != 0) {
        if (status < 0) {
            ASSERT_INT(buffer_size(&args), 0);
            ASSERT_INT(status, -err.code);
            buffer_append_text(out, err.message);
        } else {
            ASSERT_INT(drover_value_check(value_of_buffer(&args), NULL), 0);
            value_print_json(out, value_of_buffer(&args), 0);
        }
        buffer_append_text(out, "\n");
        buffer_reset(&args);
    }
    ASSERT_INT(expansion_next(expansion, &args, &err), 0);
    buffer_clear(&args);
}

static const char *calls_of(const char *stage)
{
    static char text[16384];
    struct buffer out = BUFFER_INIT(sizeof text);
    struct planned planned = plan(stage);
    struct expansion *expansion = NULL;
    struct drover_error err = { 0 };
    if (expansion_open(planned.plan, 0, &no_input, &expansion, &err) == 0)
        append_calls(expansion, &out);
    else
        buffer_append_text(&out, err.message);
    buffer_append(&out, "", 1);
    memcpy(text, buffer_bytes(&out), buffer_size(&out));
    expansion_close(expansion);
    clear(&planned);
    buffer_clear(&out);
    return text;
}

static uint64_t total_of(const char *stage)
{
    struct planned planned = plan(stage);
    struct expansion *expansion = NULL;
    ASSERT_INT(expansion_open(planned.plan, 0, &no_input, &expansion, NULL), 0);
    uint64_t total = expansion_total(expansion);
    expansion_close(expansion);
    clear(&planned);
    return total;
}

/* A folder of its own for a test, which is then the working folder. */
static char folder[] = "/tmp/drover-expansion-XXXXXX";
static int folder_before = -1;

static void enter_folder(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    folder_before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ASSERT(mkdtemp(folder) != NULL);
    ASSERT_INT(chdir(folder), 0);
}

static void leave_folder(const char *const *names)
{
    for (; *names != NULL; names++)
        ASSERT_INT(unlink(*names), 0);
    ASSERT_INT(fchdir(folder_before), 0);
    close(folder_before);
    ASSERT_INT(rmdir(folder), 0);
}
#define LEAVE_FOLDER(...)                                                      \
    leave_folder((const char *const[]){ __VA_ARGS__, NULL })

static void write_file(const char *name, const char *bytes, size_t size)
{
    FILE *file = fopen(name, "we");
    ASSERT(file != NULL);
    ASSERT_INT(fwrite(bytes, 1, size, file), size);
    ASSERT_INT(fclose(file), 0);
}
#define WRITE_FILE(name, text) write_file(name, text, sizeof(text) - 1)

/* --- Loops ---------------------------------------------------------------- */

static void without_each_there_is_one_call(void)
{
    ASSERT_TEXT(calls_of("    task: text.count\n"
                         "    with: {min_length: 3, file: x}\n"),
                "{\"file\":\"x\",\"min_length\":3}\n");
    ASSERT_INT(total_of("    {task: text.count, with: {file: x}}\n"), 1);
}

static void the_first_name_is_the_outermost_loop(void)
{
    ASSERT_TEXT(calls_of("    task: grid.calculate\n"
                         "    each: {j: {range: [0, 2]}, i: [7, -8, 9]}\n"),
                "{\"i\":7,\"j\":0,\"delay\":0.0}\n"
                "{\"i\":-8,\"j\":0,\"delay\":0.0}\n"
                "{\"i\":9,\"j\":0,\"delay\":0.0}\n"
                "{\"i\":7,\"j\":1,\"delay\":0.0}\n"
                "{\"i\":-8,\"j\":1,\"delay\":0.0}\n"
                "{\"i\":9,\"j\":1,\"delay\":0.0}\n");
}

static void ranges_are_those_of_python(void)
{
    ASSERT_TEXT(calls_of("    task: types.take\n"
                         "    each: {digit: {range: [9, 0, -4]}}\n"
                         "    with: {any: '${digit}'}\n"),
                "{\"any\":9,\"digit\":9,\"real\":null,\"map\":null,\"bytes\":"
                "null,\"array\":null,\"digits\":null,\"maybe\":null,\"flag\":"
                "null}\n"
                "{\"any\":5,\"digit\":5,\"real\":null,\"map\":null,\"bytes\":"
                "null,\"array\":null,\"digits\":null,\"maybe\":null,\"flag\":"
                "null}\n"
                "{\"any\":1,\"digit\":1,\"real\":null,\"map\":null,\"bytes\":"
                "null,\"array\":null,\"digits\":null,\"maybe\":null,\"flag\":"
                "null}\n");
    ASSERT_TEXT(calls_of("    task: grid.calculate\n"
                         "    each: {i: {range: [9223372036854775805, "
                         "9223372036854775807]}}\n"
                         "    with: {j: -9223372036854775808}\n"),
                "{\"i\":9223372036854775805,\"j\":-9223372036854775808,"
                "\"delay\":0.0}\n"
                "{\"i\":9223372036854775806,\"j\":-9223372036854775808,"
                "\"delay\":0.0}\n");
}

static void an_empty_factor_makes_no_calls(void)
{
    static const char stage[] = "    task: grid.calculate\n"
                                "    each: {i: {range: [0, 1000000000000]}, "
                                "j: []}\n";
    ASSERT_TEXT(calls_of(stage), "");
    ASSERT_INT(total_of(stage), 0);
    ASSERT_TEXT(calls_of("    task: grid.calculate\n"
                         "    each: {i: {range: [5, 5]}, j: [1]}\n"),
                "");
}

static void the_total_is_the_product(void)
{
    ASSERT_INT(total_of("    task: grid.calculate\n"
                        "    each: {i: {range: [0, 100000, 3]}, "
                        "j: {range: [0, 100000]}}\n"),
               3333400000);
    ASSERT(total_of("    task: grid.calculate\n"
                    "    each: {i: {range: [0, 4294967296]}, j: {range: [0, "
                    "2147483648]}}\n") == UINT64_C(1) << 63);
    ASSERT(total_of("    task: grid.calculate\n"
                    "    each: {i: {range: [0, 4294967296]}, j: {range: [0, "
                    "2147483649]}}\n") == UINT64_MAX);
    ASSERT(total_of("    task: grid.calculate\n"
                    "    each: {i: {range: [-9223372036854775808, "
                    "9223372036854775807]}, j: [0]}\n") == UINT64_MAX);
}

/* --- Typing --------------------------------------------------------------- */

static void values_are_typed_by_what_is_expected(void)
{
    ASSERT_TEXT(calls_of("    task: types.take\n"
                         "    with:\n"
                         "      any: {a: [1, yes, 010, 1.5, ~, true, 0x1F, "
                         "'1'], 2: {b: []}}\n"
                         "      real: 18446744073709551615\n"
                         "      map: {k: 18446744073709551615}\n"
                         "      digits: [1, 2]\n"
                         "      maybe: 1.10\n"
                         "      flag: False\n"),
                "{\"any\":{\"a\":[1,\"yes\",\"010\",1.5,null,true,31,\"1\"],"
                "\"2\":{\"b\":[]}},\"digit\":null,\"real\":"
                "1.8446744073709552e+19,\"map\":{\"k\":18446744073709551615},"
                "\"bytes\":null,\"array\":null,\"digits\":[1,2],\"maybe\":"
                "\"1.10\",\"flag\":false}\n");
}

static void items_of_lists_are_typed_where_they_go(void)
{
    ASSERT_TEXT(calls_of("    task: shell.run\n"
                         "    each: {input: [2024, yes, null], x: [1.10]}\n"
                         "    with: {command: ['${x}', 'v${x}']}\n"),
                "{\"command\":[\"1.10\",\"v1.1\"],\"input\":\"2024\","
                "\"check\":false}\n"
                "{\"command\":[\"1.10\",\"v1.1\"],\"input\":\"yes\","
                "\"check\":false}\n"
                "{\"command\":[\"1.10\",\"v1.1\"],\"input\":null,"
                "\"check\":false}\n");
}

/* --- Substitution --------------------------------------------------------- */

static void a_lone_reference_keeps_its_type(void)
{
    ASSERT_TEXT(calls_of("    task: shell.run\n"
                         "    each: {i: {range: [1, 3]}, f: [true]}\n"
                         "    with: {command: [echo, '${i}'], check: '${f}'}"
                         "\n"),
                "{\"command\":[\"echo\",\"1\"],\"input\":null,\"check\":true}"
                "\n"
                "{\"command\":[\"echo\",\"2\"],\"input\":null,\"check\":true}"
                "\n");
    ASSERT_TEXT(calls_of("    task: grid.calculate\n"
                         "    each: {n: {range: [3, 4]}}\n"
                         "    with: {i: '${n}', j: '${n}', delay: '${n}'}\n"),
                "{\"i\":3,\"j\":3,\"delay\":3.0}\n");
}

static void inside_text_values_are_as_in_json(void)
{
    ASSERT_TEXT(calls_of("    task: text.count\n"
                         "    each: {x: [1, 1.50, true, ~, a b, [1, x], {k: "
                         "v}], y: {range: [-5, -4]}}\n"
                         "    with: {file: '$$${x}$${x}/${y}'}\n"),
                "{\"file\":\"$1${x}/-5\",\"min_length\":1}\n"
                "{\"file\":\"$1.5${x}/-5\",\"min_length\":1}\n"
                "{\"file\":\"$true${x}/-5\",\"min_length\":1}\n"
                "{\"file\":\"$null${x}/-5\",\"min_length\":1}\n"
                "{\"file\":\"$a b${x}/-5\",\"min_length\":1}\n"
                "{\"file\":\"$[1,\\\"x\\\"]${x}/-5\",\"min_length\":1}\n"
                "{\"file\":\"${\\\"k\\\":\\\"v\\\"}${x}/-5\",\"min_length\":1}"
                "\n");
}

static void two_dollars_are_one(void)
{
    ASSERT_TEXT(calls_of("    task: text.count\n"
                         "    with: {file: '$$HOME/$$$$'}\n"),
                "{\"file\":\"$HOME/$$\",\"min_length\":1}\n");
}

static void dollars_in_items_mean_nothing(void)
{
    ASSERT_TEXT(calls_of("    task: text.count\n"
                         "    each: {file: ['$HOME', '$$', '${x}']}\n"),
                "{\"file\":\"$HOME\",\"min_length\":1}\n"
                "{\"file\":\"$$\",\"min_length\":1}\n"
                "{\"file\":\"${x}\",\"min_length\":1}\n");
}

static void references_work_at_any_depth(void)
{
    ASSERT_TEXT(calls_of("    task: types.take\n"
                         "    each: {n: [2]}\n"
                         "    with: {map: {a: [{b: '${n}'}], c: 'n${n}'}}\n"),
                "{\"any\":null,\"digit\":null,\"real\":null,\"map\":{\"a\":[{"
                "\"b\":2}],\"c\":\"n2\"},\"bytes\":null,\"array\":null,"
                "\"digits\":null,\"maybe\":null,\"flag\":null}\n");
}

static void made_up_texts_are_read_where_a_number_is_expected(void)
{
    ASSERT_TEXT(calls_of("    task: grid.calculate\n"
                         "    each: {n: [1, x]}\n"
                         "    with: {i: '${n}0', j: 0}\n"),
                "{\"i\":10,\"j\":0,\"delay\":0.0}\n"
                "job.yaml:7:15: stage a: parameter \"i\": expected an int, got "
                "the text \"x0\"\n");
    ASSERT_TEXT(calls_of("    task: text.count\n"
                         "    each: {n: [0, 1]}\n"
                         "    with: {file: x, min_length: '${n}${n}'}\n"),
                "job.yaml:7:33: stage a: parameter \"min_length\": expected an "
                "int of at least 1, got the text \"00\"\n"
                "{\"file\":\"x\",\"min_length\":11}\n");
}

static void results_of_a_stage_are_one_list(void)
{
    struct planned planned = plan("    {task: text.count, with: {file: x}}\n"
                                  "  b:\n"
                                  "    task: text.merge\n"
                                  "    each: {top: [1, 2]}\n"
                                  "    with: {counts: '${a}'}\n");
    struct drover_builder *builder = drover_builder_create();
    struct drover_value results[2] = { { NULL, 0 }, { NULL, 0 } };
    const struct expansion_input input = { results, NULL };
    struct expansion *expansion = NULL;
    struct drover_error err = { 0 };
    struct buffer out = BUFFER_INIT(4096);
    drover_build_pack(builder, "[{s: i}, {}]", "word", 3);
    ASSERT_INT(drover_builder_value(builder, &results[0], NULL), 0);
    ASSERT_INT(expansion_open(planned.plan, 1, &input, &expansion, &err), 0);
    append_calls(expansion, &out);
    buffer_append(&out, "", 1);
    ASSERT_TEXT((char *)buffer_bytes(&out),
                "{\"counts\":[{\"word\":3},{}],\"top\":1}\n"
                "{\"counts\":[{\"word\":3},{}],\"top\":2}\n");
    expansion_close(expansion);
    drover_builder_reset(builder);
    drover_build_pack(builder, "[{}, i]", 5);
    ASSERT_INT(drover_builder_value(builder, &results[0], NULL), 0);
    ASSERT_INT(expansion_open(planned.plan, 1, &input, &expansion, &err),
               -EINVAL);
    ASSERT_TEXT(err.message,
                "job.yaml:9:20: stage b: parameter \"counts\": the results of "
                "stage a: element 2: expected a map, got the int 5");
    buffer_clear(&out);
    drover_builder_destroy(builder);
    clear(&planned);
}

/* --- Globs ---------------------------------------------------------------- */

static void globs_are_sorted_by_bytes(void)
{
    enter_folder();
    WRITE_FILE("b.txt", "");
    WRITE_FILE("B.txt", "");
    WRITE_FILE("a.txt", "");
    WRITE_FILE("c.log", "");
    const char *calls = calls_of("    task: text.count\n"
                                 "    each: {file: {glob: '*.txt'}}\n");
    LEAVE_FOLDER("a.txt", "b.txt", "B.txt", "c.log");
    ASSERT_TEXT(calls, "{\"file\":\"B.txt\",\"min_length\":1}\n"
                       "{\"file\":\"a.txt\",\"min_length\":1}\n"
                       "{\"file\":\"b.txt\",\"min_length\":1}\n");
}

static void two_globs_make_pairs(void)
{
    enter_folder();
    WRITE_FILE("a.x", "");
    WRITE_FILE("b.x", "");
    WRITE_FILE("c.y", "");
    static const char stage[] = "    task: text.count\n"
                                "    each: {p: {glob: '*.x'}, q: {glob: "
                                "'*.y'}}\n"
                                "    with: {file: '${p}-${q}'}\n";
    uint64_t total = total_of(stage);
    const char *calls = calls_of(stage);
    LEAVE_FOLDER("a.x", "b.x", "c.y");
    ASSERT_INT(total, 2);
    ASSERT_TEXT(calls, "{\"file\":\"a.x-c.y\",\"min_length\":1}\n"
                       "{\"file\":\"b.x-c.y\",\"min_length\":1}\n");
}

static void a_glob_without_a_match_is_an_error(void)
{
    ASSERT_TEXT(calls_of("    task: text.count\n"
                         "    each: {file: {glob: /no such folder/*}}\n"),
                "job.yaml:6:12: stage a: no file matches \"/no such "
                "folder/*\"");
}

static void a_file_name_that_is_no_utf8_fails_its_call(void)
{
    enter_folder();
    WRITE_FILE("a", "");
    WRITE_FILE("b\xff", "");
    const char *calls = calls_of("    task: text.count\n"
                                 "    each: {file: {glob: '*'}}\n");
    LEAVE_FOLDER("a", "b\xff");
    ASSERT_TEXT(calls, "{\"file\":\"a\",\"min_length\":1}\n"
                       "job.yaml:6:12: stage a: the name of file 2 of \"*\" is "
                       "not valid UTF-8\n");
}

/* --- Lines ---------------------------------------------------------------- */

static void lines_end_with_a_newline_or_with_the_file(void)
{
    enter_folder();
    WRITE_FILE("in.txt", "one\r\n\n two \nlast\r");
    static const char stage[] = "    task: text.count\n"
                                "    each: {file: {lines: in.txt}}\n";
    uint64_t total = total_of(stage);
    const char *calls = calls_of(stage);
    LEAVE_FOLDER("in.txt");
    ASSERT(total == UINT64_MAX);
    ASSERT_TEXT(calls, "{\"file\":\"one\",\"min_length\":1}\n"
                       "{\"file\":\"\",\"min_length\":1}\n"
                       "{\"file\":\" two \",\"min_length\":1}\n"
                       "{\"file\":\"last\\r\",\"min_length\":1}\n");
}

static void lines_are_read_again_in_an_inner_loop(void)
{
    enter_folder();
    WRITE_FILE("in.txt", "1\n2");
    const char *calls = calls_of("    task: grid.calculate\n"
                                 "    each: {i: {range: [7, 9]}, j: {lines: "
                                 "in.txt}}\n");
    LEAVE_FOLDER("in.txt");
    ASSERT_TEXT(calls, "{\"i\":7,\"j\":1,\"delay\":0.0}\n"
                       "{\"i\":7,\"j\":2,\"delay\":0.0}\n"
                       "{\"i\":8,\"j\":1,\"delay\":0.0}\n"
                       "{\"i\":8,\"j\":2,\"delay\":0.0}\n");
}

static void an_empty_inner_file_ends_a_long_outer_loop(void)
{
    enter_folder();
    WRITE_FILE("in.txt", "");
    const char *calls = calls_of("    task: grid.calculate\n"
                                 "    each: {i: {range: [0, 1000000000000]}, "
                                 "j: {lines: in.txt}}\n");
    LEAVE_FOLDER("in.txt");
    ASSERT_TEXT(calls, "");
}

static void bad_lines_fail_their_calls_only(void)
{
    enter_folder();
    WRITE_FILE("in.txt", "a\nb\xff\nc\0d\ne\n");
    const char *calls = calls_of("    task: text.count\n"
                                 "    each: {file: {lines: in.txt}}\n");
    LEAVE_FOLDER("in.txt");
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
    enter_folder();
    WRITE_FILE("in.txt", "9\n10\nx\n\n0x5\n5\0\n7.0\n");
    const char *calls = calls_of("    task: types.take\n"
                                 "    each: {digit: {lines: in.txt}}\n");
    const char *reals;
    char first[2048];
    snprintf(first, sizeof first, "%s", calls);
    WRITE_FILE("in.txt", "2\n.5\nyes\n");
    reals = calls_of("    task: grid.calculate\n"
                     "    each: {delay: {lines: in.txt}}\n"
                     "    with: {i: 1, j: 2}\n");
    LEAVE_FOLDER("in.txt");
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
    enter_folder();
    write_long_lines("in.txt");
    struct planned planned = plan("    task: text.count\n"
                                  "    each: {file: {lines: in.txt}}\n");
    ASSERT_INT(expansion_open(planned.plan, 0, &no_input, &expansion, &err), 0);
    LEAVE_FOLDER("in.txt");
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
    clear(&planned);
}

static void files_that_cannot_be_read_are_errors(void)
{
    ASSERT_TEXT(calls_of("    task: text.count\n"
                         "    each: {file: {lines: /no/such/file}}\n"),
                "job.yaml:6:12: stage a: cannot open \"/no/such/file\": No "
                "such file or directory");
    ASSERT_TEXT(calls_of("    task: text.count\n"
                         "    each: {file: {lines: /}}\n"),
                "job.yaml:6:12: stage a: cannot read \"/\": Is a directory");
}

static void a_failure_to_read_on_is_reported_once(void)
{
    enter_folder();
    ASSERT_INT(mkfifo("pipe", 0600), 0);
    int end = open("pipe", O_RDWR | O_CLOEXEC);
    ASSERT(end >= 0);
    ASSERT_INT(write(end, "1\n", 2), 2);
    struct planned planned = plan("    task: grid.calculate\n"
                                  "    each: {i: {range: [0, 5]}, j: {lines: "
                                  "pipe}}\n");
    struct expansion *expansion = NULL;
    struct buffer args = BUFFER_INIT(4096);
    struct drover_error err = { 0 };
    ASSERT_INT(expansion_open(planned.plan, 0, &no_input, &expansion, &err), 0);
    LEAVE_FOLDER("pipe");
    ASSERT_INT(expansion_next(expansion, &args, &err), 1);
    close(end);
    ASSERT_INT(expansion_next(expansion, &args, &err), -ESPIPE);
    ASSERT_TEXT(err.message, "job.yaml:6:32: stage a: cannot read \"pipe\" a "
                             "second time: Illegal seek");
    ASSERT_INT(expansion_next(expansion, &args, &err), 0);
    expansion_close(expansion);
    buffer_clear(&args);
    clear(&planned);
}

/* --- The buffer ----------------------------------------------------------- */

static void calls_are_appended_behind_what_is_there(void)
{
    struct planned planned = plan("    task: grid.calculate\n"
                                  "    each: {n: [1, x]}\n"
                                  "    with: {i: '${n}1', j: 2}\n");
    struct expansion *expansion = NULL;
    struct buffer args = BUFFER_INIT(4096);
    ASSERT_INT(expansion_open(planned.plan, 0, &no_input, &expansion, NULL), 0);
    buffer_append_text(&args, "xyz");
    buffer_consume(&args, 1);
    ASSERT_INT(expansion_next(expansion, &args, NULL), 1);
    size_t size = buffer_size(&args);
    ASSERT_INT(memcmp(buffer_bytes(&args), "yz", 2), 0);
    ASSERT_INT(expansion_next(expansion, &args, NULL), -EINVAL);
    ASSERT_INT(buffer_size(&args), size);
    expansion_close(expansion);
    buffer_clear(&args);
    clear(&planned);
}

static void a_full_buffer_is_left_as_it_was(void)
{
    struct planned planned = plan("    task: grid.calculate\n"
                                  "    each: {i: [1], j: [2, 3]}\n");
    struct expansion *expansion = NULL;
    struct buffer args = BUFFER_INIT(10);
    struct drover_error err = { 0 };
    ASSERT_INT(expansion_open(planned.plan, 0, &no_input, &expansion, NULL), 0);
    ASSERT_INT(expansion_next(expansion, &args, &err), -EMSGSIZE);
    ASSERT_TEXT(err.message, "job.yaml:4:3: stage a: the arguments of a call "
                             "are too large");
    ASSERT_INT(buffer_size(&args), 0);
    expansion_close(expansion);
    buffer_clear(&args);
    clear(&planned);
}

UNIT_CASES(CASE(without_each_there_is_one_call),
           CASE(the_first_name_is_the_outermost_loop),
           CASE(ranges_are_those_of_python),
           CASE(an_empty_factor_makes_no_calls), CASE(the_total_is_the_product),
           CASE(values_are_typed_by_what_is_expected),
           CASE(items_of_lists_are_typed_where_they_go),
           CASE(a_lone_reference_keeps_its_type),
           CASE(inside_text_values_are_as_in_json), CASE(two_dollars_are_one),
           CASE(dollars_in_items_mean_nothing),
           CASE(references_work_at_any_depth),
           CASE(made_up_texts_are_read_where_a_number_is_expected),
           CASE(results_of_a_stage_are_one_list),
           CASE(globs_are_sorted_by_bytes), CASE(two_globs_make_pairs),
           CASE(a_glob_without_a_match_is_an_error),
           CASE(a_file_name_that_is_no_utf8_fails_its_call),
           CASE(lines_end_with_a_newline_or_with_the_file),
           CASE(lines_are_read_again_in_an_inner_loop),
           CASE(an_empty_inner_file_ends_a_long_outer_loop),
           CASE(bad_lines_fail_their_calls_only),
           CASE(lines_are_read_as_the_type_that_is_expected),
           CASE(a_line_above_the_limit_fails_its_call_only),
           CASE(files_that_cannot_be_read_are_errors),
           CASE(a_failure_to_read_on_is_reported_once),
           CASE(calls_are_appended_behind_what_is_there),
           CASE(a_full_buffer_is_left_as_it_was))
