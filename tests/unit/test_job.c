#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/job.h"
#include "unit.h"

#define HEAD                                                                   \
    "version: 1\n"                                                             \
    "plugins: {text: text, grid: ./lib/grid.so}\n"                             \
    "stages:\n"
#define STAGE(name, rest) "  " name ": {task: grid.calculate" rest "}\n"

static struct problems problems;

/* Parse the job TEXT of FILE, in which nothing may be wrong. */
static struct job *parse_file(const char *file, const char *text)
{
    struct job *job = NULL;
    ASSERT_INT(problems_init(&problems, file), 0);
    int status = job_parse(file, text, strlen(text), &job, &problems);
    if (problems.count > 0)
        ASSERT_TEXT(problems.kept[0].message, NULL);
    problems_clear(&problems);
    ASSERT_INT(status, 0);
    return job;
}

static struct job *parse(const char *text)
{
    return parse_file("jobs/first.yaml", text);
}

/* Parse the job TEXT; what is wrong with it, a line each, is to be EXPECTED. */
static void assert_problems_of(const char *file, const char *text,
                               const char *expected)
{
    struct job *job = NULL;
    struct buffer lines = BUFFER_INIT(65536);
    ASSERT_INT(problems_init(&problems, "j"), 0);
    int status = job_parse(file, text, strlen(text), &job, &problems);
    for (size_t i = 0; i < problems_kept(&problems); i++) {
        problems_format(&problems, i, &lines);
        buffer_append_text(&lines, "\n");
    }
    buffer_append(&lines, "", 1);
    char *said = strdup((const char *)buffer_bytes(&lines));
    buffer_clear(&lines);
    problems_clear(&problems);
    ASSERT_TEXT(said, expected);
    free(said);
    ASSERT_INT(status, -EBADMSG);
    job_destroy(job);
}

static void assert_problems(const char *text, const char *expected)
{
    assert_problems_of("j", text, expected);
}

static void a_full_job_is_read(void)
{
    struct job *job = parse("version: 1\n"
                            "plugins: {text: text, grid: grid}\n"
                            "name: counting\n"
                            "workers: 3\n"
                            "background: runs/$$1.socket\n"
                            "linger: 2d\n"
                            "store: {keep: 500ms}\n"
                            "seed: 9223372036854775807\n"
                            "stages:\n"
                            "  count:\n"
                            "    task: text.count\n"
                            "    each: {file: {glob: \"*.txt\"}}\n"
                            "    with: {min_length: 3}\n"
                            "    worker: reused\n"
                            "    order: arrival\n"
                            "  total:\n"
                            "    task: text.merge\n"
                            "    with: {counts: \"${count}\", top: 5}\n");
    ASSERT_TEXT(job->file, "jobs/first.yaml");
    ASSERT_TEXT(job->name, "counting");
    ASSERT_INT(job->workers, 3);
    ASSERT_TEXT(job->background, "runs/$1.socket");
    ASSERT_INT(job->linger_ms, 2 * 24 * 60 * 60 * 1000);
    ASSERT_INT(job->keep_ms, 500);
    ASSERT(!job->store_off);
    ASSERT_INT(job->seed, INT64_MAX);
    ASSERT_INT(job->plugin_count, 2);
    ASSERT_INT(job->stage_count, 2);
    const struct job_stage *count = &job->stages[0], *total = &job->stages[1];
    ASSERT_TEXT(count->name, "count");
    ASSERT_TEXT(job->plugins[count->plugin].name, "text");
    ASSERT_TEXT(count->task, "count");
    ASSERT_INT(count->task_at.line, 11);
    ASSERT(count->reused && count->arrival && !count->printed);
    ASSERT_INT(count->with_count, 1);
    ASSERT_TEXT(count->with[0].name, "min_length");
    ASSERT(!total->reused && !total->arrival && total->printed);
    ASSERT_INT(total->needs_count, 1);
    ASSERT_INT(total->needs[0], 0);
    job_destroy(job);
}

static void what_is_not_said_has_its_default(void)
{
    struct job *job = parse(HEAD STAGE("a", ""));
    ASSERT_TEXT(job->name, "first");
    ASSERT_INT(job->workers, 0);
    ASSERT_INT(job->seed, 0);
    ASSERT(job->background == NULL && !job->store_off);
    ASSERT_INT(job->linger_ms, -1);
    ASSERT_INT(job->keep_ms, -1);
    ASSERT(job->stages[0].printed);
    ASSERT_INT(job->stages[0].each_count, 0);
    ASSERT_INT(job->stages[0].needs_count, 0);
    job_destroy(job);
    static const char *const names[][2] = {
        { "a.yml", "a" }, { "/x/b.yaml", "b" },        { "c", "c" },
        { "-", "job" },   { "d.yaml.yaml", "d.yaml" }, { ".yaml", ".yaml" },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        job = parse_file(names[i][0], HEAD STAGE("a", ""));
        ASSERT_TEXT(job->name, names[i][1]);
        job_destroy(job);
    }
}

static void a_store_can_be_refused(void)
{
    struct job *job = parse("store: none\n" HEAD STAGE("a", ""));
    ASSERT(job->store_off);
    ASSERT_INT(job->keep_ms, -1);
    job_destroy(job);
}

static void plugin_paths_start_from_the_job_files_folder(void)
{
    char expected[4096 + 32], *working = getcwd(NULL, 0);
    ASSERT(working != NULL);
    struct job *job = parse(HEAD STAGE("a", ""));
    ASSERT_TEXT(job->plugins[0].locator, "text");
    snprintf(expected, sizeof expected, "%s/jobs/lib/grid.so", working);
    ASSERT_TEXT(job->plugins[1].locator, expected);
    job_destroy(job);
    job = parse_file("first.yaml", HEAD STAGE("a", ""));
    snprintf(expected, sizeof expected, "%s/lib/grid.so", working);
    ASSERT_TEXT(job->plugins[1].locator, expected);
    job_destroy(job);
    free(working);
    job = parse_file("/j/f.yaml", HEAD STAGE("a", ""));
    ASSERT_TEXT(job->plugins[1].locator, "/j/lib/grid.so");
    job_destroy(job);
    job = parse_file("j", "version: 1\n"
                          "plugins: {grid: /lib/grid.so}\n"
                          "stages: {a: {task: grid.calculate}}\n");
    ASSERT_TEXT(job->plugins[0].locator, "/lib/grid.so");
    job_destroy(job);
}

static void each_kind_of_each_is_read(void)
{
    struct job *job = parse(HEAD "  a:\n"
                                 "    task: grid.calculate\n"
                                 "    each:\n"
                                 "      a1: {lines: \"-\"}\n"
                                 "      b: []\n"
                                 "      c: {range: [5, 5]}\n"
                                 "      d: {range: [9, -9, -2]}\n"
                                 "      e: {glob: x*}\n"
                                 "      f: [1, [2]]\n");
    const struct job_each *each = job->stages[0].each;
    ASSERT_INT(job->stages[0].each_count, 6);
    ASSERT_INT(each[0].kind, EACH_LINES);
    ASSERT_TEXT(each[0].pattern, "-");
    ASSERT_INT(each[1].kind, EACH_LIST);
    ASSERT_INT(each[1].list->count, 0);
    ASSERT_INT(each[2].kind, EACH_RANGE);
    ASSERT_INT(each[2].range.step, 1);
    ASSERT_INT(each[3].range.start, 9);
    ASSERT_INT(each[3].range.stop, -9);
    ASSERT_INT(each[3].range.step, -2);
    ASSERT_INT(each[4].kind, EACH_GLOB);
    ASSERT_TEXT(each[5].name, "f");
    job_destroy(job);
}

static void a_range_is_of_ints_with_a_sign(void)
{
    assert_problems(
        HEAD STAGE("a", ", each: {i: {range: [0, 9223372036854775808]}}"),
        "j:4:51: stage a: each i: range: expected an int of -2^63 to 2^63 - 1, "
        "got the int 9223372036854775808\n");
    assert_problems(
        HEAD STAGE("a", ", each: {i: {range: [0, 18446744073709551616]}}"),
        "j:4:51: stage a: each i: range: expected an int, got the int "
        "18446744073709551616, which is out of range (-2^63 to 2^64 - 1)\n");
}

static void standard_input_is_read_once(void)
{
    assert_problems(HEAD STAGE("a", ", each: {x: {lines: '-'}}")
                        STAGE("b", ", each: {y: {lines: '-'}}"),
                    "j:5:47: stage b: each y: lines: standard input is read by "
                    "stage a already\n");
    assert_problems(HEAD STAGE("a", ", each: {x: [1], y: {lines: '-'}}"),
                    "j:4:55: stage a: each y: lines: standard input can be "
                    "read once, so only by the first name of each\n");
    assert_problems_of("-", HEAD STAGE("a", ", each: {x: {lines: '-'}}"),
                       "j:4:47: stage a: each x: lines: standard input is "
                       "where the job itself is read from\n");
}

static void needs_are_those_said_and_those_substituted_each_once(void)
{
    struct job *job = parse(HEAD "  a: {task: grid.calculate, needs: c}\n"
                                 "  b:\n"
                                 "    task: grid.calculate\n"
                                 "    with:\n"
                                 "      x: ['${a}', {y: '${c}'}]\n"
                                 "      z: '${a}'\n"
                                 "    needs: [c]\n"
                                 "  c: {task: grid.calculate}\n"
                                 "results: a\n");
    const struct job_stage *a = &job->stages[0], *b = &job->stages[1];
    ASSERT_INT(a->needs_count, 1);
    ASSERT_INT(a->needs[0], 2);
    ASSERT_INT(b->needs_count, 2);
    ASSERT_INT(b->needs[0] + b->needs[1], 2);
    ASSERT(a->printed && !b->printed && !job->stages[2].printed);
    job_destroy(job);
}

static void cycles_are_named_each_once(void)
{
    assert_problems(HEAD STAGE("a", ", needs: [c]")
                        STAGE("b", ", with: {x: '${c}'}")
                            STAGE("c", ", needs: [b]"),
                    "j:5:3: stage b: needs itself by way of others: "
                    "b -> c -> b\n");
    assert_problems(HEAD STAGE("z", ", needs: x") STAGE("y", ", needs: z")
                        STAGE("x", ", needs: y"),
                    "j:4:3: stage z: needs itself by way of others: "
                    "z -> x -> y -> z\n");
    struct job *job = parse(HEAD STAGE("a", ", needs: [b, c]")
                                STAGE("b", ", needs: c") STAGE("c", ""));
    job_destroy(job);
}

static void substitutions_are_checked_wherever_a_text_is(void)
{
    struct job *job =
        parse(HEAD "  a:\n"
                   "    task: grid.calculate\n"
                   "    each: {i: [1]}\n"
                   "    with: {x: 'p${i}$$', y: [{z: '${i}'}]}\n");
    job_destroy(job);
    assert_problems(HEAD "  a:\n"
                         "    task: grid.calculate\n"
                         "    each: {i: [1]}\n"
                         "    with: {x: '${j}', y: [{z: '$'}]}\n",
                    "j:7:15: stage a: no stage or name of each \"j\" (did you "
                    "mean \"i\"?)\n"
                    "j:7:31: stage a: \"$\": a \"$\" stands alone (write "
                    "\"$$\" for a dollar sign, \"${name}\" for a value)\n");
}

static void all_problems_are_said_in_one_go_in_order_of_place(void)
{
    assert_problems("stages:\n"
                    "  a:\n"
                    "    needs: [b, zzz]\n"
                    "    task: gird.x\n"
                    "    wtih: 1\n"
                    "  b: {task: 7}\n"
                    "version: 2\n"
                    "plugins: {grid: grid}\n"
                    "workers: x\n",
                    "j:3:16: stage a: needs: no stage \"zzz\" "
                    "(there is: a, b)\n"
                    "j:4:11: stage a: no plugin \"gird\" (did you mean "
                    "\"grid\"?)\n"
                    "j:5:5: stage a: no key \"wtih\" (did you mean \"with\"?)\n"
                    "j:6:13: stage b: task: expected a text, got the int 7 "
                    "(put it in quotes)\n"
                    "j:7:10: version: expected 1, the newest that this drover "
                    "reads, got the int 2\n"
                    "j:9:10: workers: expected an int of 1 to 1024, got the "
                    "text \"x\"\n");
}

/* FIRST, then COUNT times `NAME<number>` and AFTER, then LAST. */
static void assert_many_problem(const char *first, const char *name,
                                size_t count, const char *after,
                                const char *last, const char *expected)
{
    struct buffer text = BUFFER_INIT(NODE_LIMIT_FILE_BYTES);
    buffer_append_text(&text, first);
    for (size_t i = 0; i < count; i++)
        buffer_append_format(&text, "%s%zu%s", name, i, after);
    buffer_append(&text, last, strlen(last) + 1);
    assert_problems((const char *)buffer_bytes(&text), expected);
    buffer_clear(&text);
}

static void limits_are_one_problem_each(void)
{
    assert_many_problem(HEAD, "  s", JOB_LIMIT_STAGES + 1, ": {task: grid.x}\n",
                        "",
                        "j:4:3: stages: 257 stages; at most 256 are allowed\n");
    assert_many_problem("version: 1\nplugins: {", "p", JOB_LIMIT_PLUGINS + 1,
                        ": grid, ", "}\nstages: {a: {task: p1.x}}\n",
                        "j:2:10: plugins: 65 plugins; at most 64 are "
                        "allowed\n");
    assert_many_problem(HEAD "  a: {task: grid.x, each: {", "e",
                        JOB_LIMIT_EACH + 1, ": [1], ", "}}\n",
                        "j:4:27: stage a: each: 17 names; at most 16 are "
                        "allowed\n");
}

static void many_mistakes_are_refused_quickly_and_counted(void)
{
    struct buffer text = BUFFER_INIT(NODE_LIMIT_FILE_BYTES);
    struct job *job = NULL;
    buffer_append_text(&text, HEAD "  a:\n    task: grid.x\n    with:\n"
                                   "      x: &x \"");
    for (size_t i = 0; i < 16000; i++)
        buffer_append_text(&text, "${q}");
    buffer_append_text(&text, "\"\n");
    for (size_t i = 0; i < 30; i++)
        buffer_append_format(&text, "      x%zu: *x\n", i);
    ASSERT_INT(problems_init(&problems, "j"), 0);
    ASSERT_INT(job_parse("j", (const char *)buffer_bytes(&text),
                         buffer_size(&text), &job, &problems),
               -EBADMSG);
    ASSERT(problems.count >= PROBLEMS_MAX);
    job_destroy(job);
    problems_clear(&problems);
    buffer_clear(&text);
}

static void with_mistakes_it_is_known_which_stages_are_sound(void)
{
    static const char text[] =
        HEAD STAGE("a", ", wokrer: reused") STAGE("b", "") "  c: 3\n";
    struct job *job = NULL;
    ASSERT_INT(problems_init(&problems, "j"), 0);
    ASSERT_INT(job_parse("j", text, strlen(text), &job, &problems), -EBADMSG);
    ASSERT_INT(problems.count, 2);
    problems_clear(&problems);
    ASSERT_INT(job->stage_count, 3);
    ASSERT(!job->stages[0].sound);
    ASSERT(job->stages[1].sound);
    ASSERT(!job->stages[2].sound);
    job_destroy(job);
}

static void a_job_is_read_from_a_file_or_a_pipe(void)
{
    static const char text[] = HEAD STAGE("a", "");
    struct drover_error err = { 0 };
    struct job *job = NULL;
    int ends[2], kept = dup(STDIN_FILENO);
    ASSERT_INT(pipe(ends), 0);
    ASSERT_INT(write(ends[1], text, strlen(text)), strlen(text));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    ASSERT_INT(problems_init(&problems, "-"), 0);
    int status = job_read("-", &job, &problems, &err);
    dup2(kept, STDIN_FILENO);
    close(kept);
    problems_clear(&problems);
    ASSERT_INT(status, 0);
    ASSERT_TEXT(job->name, "job");
    job_destroy(job);
}

static void why_a_file_cannot_be_read_is_said(void)
{
    struct drover_error err = { 0 };
    struct job *job = NULL;
    ASSERT_INT(problems_init(&problems, "f"), 0);
    ASSERT_INT(job_read("/no/job.yaml", &job, &problems, &err), -ENOENT);
    ASSERT_TEXT(err.message,
                "cannot read /no/job.yaml: No such file or directory");
    ASSERT_INT(err.code, ENOENT);
    ASSERT_INT(job_read("/", &job, &problems, &err), -EISDIR);
    ASSERT_INT(job_read("/dev/null/x", &job, &problems, NULL), -ENOTDIR);
    ASSERT_INT(problems.count, 0);
    ASSERT_INT(job_read("/dev/zero", &job, &problems, &err), -EBADMSG);
    ASSERT_CONTAINS(problems.kept[0].message, "larger than 1048576 bytes");
    ASSERT(job == NULL);
    problems_clear(&problems);
}

static void every_prefix_and_every_flipped_bit_is_survived(void)
{
    char text[] = HEAD "  a: {task: grid.x, each: {i: {range: [0, 2]}}}\n"
                       "  b: {task: text.y, with: {y: &k '${a}', z: *k}}\n";
    size_t size = sizeof text - 1;
    for (size_t i = 0; i <= size * 9; i++) {
        struct job *job = NULL;
        size_t bit = i - size;
        bool flips = i > size;
        ASSERT_INT(problems_init(&problems, "j"), 0);
        if (flips)
            text[bit / 8 % size] = (char)(text[bit / 8 % size] ^ 1 << bit % 8);
        int status = job_parse("j", text, flips ? size : i, &job, &problems);
        if (flips)
            text[bit / 8 % size] = (char)(text[bit / 8 % size] ^ 1 << bit % 8);
        ASSERT_INT(status == 0, problems.count == 0);
        ASSERT(status != 0 || job != NULL);
        job_destroy(job);
        problems_clear(&problems);
    }
}

static void the_table_has_every_key_once(void)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    ASSERT_INT(count, 22);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            ASSERT(strcmp(keys[i].path, keys[k].path) != 0);
}

UNIT_CASES(CASE(a_full_job_is_read), CASE(what_is_not_said_has_its_default),
           CASE(a_store_can_be_refused),
           CASE(plugin_paths_start_from_the_job_files_folder),
           CASE(each_kind_of_each_is_read),
           CASE(a_range_is_of_ints_with_a_sign),
           CASE(standard_input_is_read_once),
           CASE(needs_are_those_said_and_those_substituted_each_once),
           CASE(cycles_are_named_each_once),
           CASE(substitutions_are_checked_wherever_a_text_is),
           CASE(all_problems_are_said_in_one_go_in_order_of_place),
           CASE(limits_are_one_problem_each),
           CASE(many_mistakes_are_refused_quickly_and_counted),
           CASE(with_mistakes_it_is_known_which_stages_are_sound),
           CASE(a_job_is_read_from_a_file_or_a_pipe),
           CASE(why_a_file_cannot_be_read_is_said),
           CASE(every_prefix_and_every_flipped_bit_is_survived),
           CASE(the_table_has_every_key_once))
