#include "unit.h"

#include <errno.h>
#include <string.h>

#include "job/plan.h"
#include "job_plugins.h"

/* What is wrong with the job TEXT, one problem a line. */
static const char *problems_of(const char *text)
{
    static char out[4096];
    struct problems problems;
    struct buffer lines = BUFFER_INIT(sizeof out);
    struct job *job = NULL;
    struct plan *plan = NULL;
    ASSERT_INT(problems_init(&problems, "job.yaml"), 0);
    int status = job_parse("job.yaml", text, strlen(text), &job, &problems);
    if (status == 0)
        status = plan_create(job, job_plugins_declare(job), &plan, &problems);
    for (size_t i = 0; i < problems_kept(&problems); i++) {
        problems_format(&problems, i, &lines);
        buffer_append_text(&lines, "\n");
    }
    buffer_append(&lines, "", 1);
    memcpy(out, buffer_bytes(&lines), buffer_size(&lines));
    ASSERT_INT(status, problems.count == 0 ? 0 : -EBADMSG);
    ASSERT((plan == NULL) == (status < 0));
    plan_destroy(plan);
    job_destroy(job);
    buffer_clear(&lines);
    problems_clear(&problems);
    return out;
}

#define STAGE(stage)                                                           \
    "version: 1\n"                                                             \
    "plugins: {grid: grid, text: text, shell: shell, types: types}\n"          \
    "stages:\n"                                                                \
    "  a:\n" stage

static void the_usual_jobs_have_no_problems(void)
{
    ASSERT_TEXT(
        problems_of(STAGE("    task: grid.calculate\n"
                          "    each: {i: {range: [0, 10]}, j: [1, 2, 3]}\n")),
        "");
    ASSERT_TEXT(
        problems_of(STAGE("    task: text.count\n"
                          "    each: {file: {glob: /x/*}}\n"
                          "  b: {task: text.merge, with: {counts: '${a}'}}\n")),
        "");
    ASSERT_TEXT(problems_of(STAGE(
                    "    task: shell.run\n"
                    "    each: {i: {range: [0, 3]}, w: [x, 1, true]}\n"
                    "    with: {command: [echo, '${i}', 'n${w}', $$]}\n")),
                "");
}

static void texts_are_taken_as_written(void)
{
    ASSERT_TEXT(problems_of(STAGE("    task: shell.run\n"
                                  "    with: {command: [2024, yes, 1.10, "
                                  "0x1F]}\n")),
                "");
}

static void null_is_no_text_unless_optional(void)
{
    ASSERT_TEXT(problems_of(STAGE("    task: shell.run\n"
                                  "    with:\n"
                                  "      input: null\n"
                                  "      command: [echo, ~]\n")),
                "job.yaml:8:23: stage a: parameter \"command\": expected a "
                "text, got null\n");
}

static void all_problems_are_reported_in_their_order(void)
{
    ASSERT_TEXT(
        problems_of(STAGE("    task: grid.calculate\n"
                          "    each:\n"
                          "      i: [1, x, 2.5]\n"
                          "      kilo: [1]\n"
                          "    with:\n"
                          "      delay: -1\n"
                          "      dealy: 2\n")),
        "job.yaml:5:11: stage a: task grid.calculate needs the parameter \"j\" "
        "(an int): give it in with: or each:\n"
        "job.yaml:7:14: stage a: parameter \"i\": expected an int, got the "
        "text \"x\"\n"
        "job.yaml:7:17: stage a: parameter \"i\": expected an int, got the "
        "float 2.5\n"
        "job.yaml:8:7: stage a: each: name \"kilo\" is neither a parameter of "
        "task grid.calculate nor used in with: (there is: i, j, delay)\n"
        "job.yaml:10:14: stage a: parameter \"delay\": expected a float of 0 "
        "to 86400, got the float -1.0\n"
        "job.yaml:11:7: stage a: no parameter \"dealy\" in task "
        "grid.calculate (did you mean \"delay\"?)\n");
}

static void a_mistyped_parameter_is_not_missing_as_well(void)
{
    ASSERT_TEXT(problems_of(STAGE("    task: text.count\n"
                                  "    with: {fiel: x}\n")),
                "job.yaml:6:12: stage a: no parameter \"fiel\" in task "
                "text.count (did you mean \"file\"?)\n");
}

static void the_parameter_that_is_not_given_yet_is_suggested(void)
{
    ASSERT_TEXT(problems_of(STAGE("    task: grid.calculate\n"
                                  "    each: {i: [1], k: [1]}\n")),
                "job.yaml:6:20: stage a: each: name \"k\" is neither a "
                "parameter of task grid.calculate nor used in with: (did you "
                "mean \"j\"?)\n");
}

static void a_name_used_only_by_an_unknown_argument_is_used(void)
{
    ASSERT_TEXT(problems_of(STAGE("    task: text.count\n"
                                  "    each: {n: {range: [0, 2]}}\n"
                                  "    with: {file: x, nonsense: 'x${n}'}\n")),
                "job.yaml:7:21: stage a: no parameter \"nonsense\" in task "
                "text.count (there is: file, min_length)\n");
}

static void both_ends_of_a_range_are_checked(void)
{
    ASSERT_TEXT(problems_of(STAGE("    task: types.take\n"
                                  "    each: {digit: {range: [9, -1, -1]}}\n")),
                "");
    ASSERT_TEXT(problems_of(STAGE("    task: types.take\n"
                                  "    each: {digit: {range: [0, 11]}}\n")),
                "job.yaml:6:12: stage a: parameter \"digit\": expected an int "
                "of 0 to 9 or null, got the int 10\n");
    ASSERT_TEXT(problems_of(STAGE("    task: types.take\n"
                                  "    each: {digit: {range: [-1, 3]}}\n")),
                "job.yaml:6:12: stage a: parameter \"digit\": expected an int "
                "of 0 to 9 or null, got the int -1\n");
    ASSERT_TEXT(problems_of(STAGE("    task: types.take\n"
                                  "    each: {digit: {range: [50, 50]}}\n")),
                "");
}

static void what_can_never_fit_is_known_before_the_run(void)
{
    ASSERT_TEXT(problems_of(STAGE("    task: types.take\n"
                                  "    each: {map: {range: [0, 2]}}\n")),
                "job.yaml:6:12: stage a: parameter \"map\": expected a map or "
                "null, got the ints of a range\n");
    ASSERT_TEXT(problems_of(STAGE("    task: types.take\n"
                                  "    each: {digit: {glob: '*'}}\n")),
                "job.yaml:6:12: stage a: parameter \"digit\": expected an int "
                "of 0 to 9 or null, got the names of files\n");
    ASSERT_TEXT(problems_of(STAGE("    task: types.take\n"
                                  "    each: {digits: {lines: x}}\n")),
                "job.yaml:6:12: stage a: parameter \"digits\": expected a list "
                "of ints of 0 to 9 or null, got the lines of a file\n");
    ASSERT_TEXT(problems_of(STAGE("    task: types.take\n"
                                  "    each: {n: [1]}\n"
                                  "    with: {map: '${n}${n}'}\n")),
                "job.yaml:7:17: stage a: parameter \"map\": expected a map or "
                "null, got a text\n");
}

static void bytes_and_arrays_cannot_be_written(void)
{
    ASSERT_TEXT(problems_of(STAGE("    task: types.take\n"
                                  "    with: {bytes: x, array: [1]}\n")),
                "job.yaml:6:19: stage a: parameter \"bytes\": expected bytes "
                "or null, got the text \"x\" (a job file cannot hold what is "
                "expected)\n"
                "job.yaml:6:29: stage a: parameter \"array\": expected an "
                "array or null, got a list (a job file cannot hold what is "
                "expected)\n");
}

static void results_must_fit_where_they_go(void)
{
    ASSERT_TEXT(
        problems_of(STAGE("    {task: text.merge, with: {counts: []}}\n"
                          "  b: {task: text.merge, with: {counts: '${a}'}}\n"
                          "  c: {task: types.take, with: {any: ['${a}']}}\n"
                          "  d: {task: types.take, with: {digit: '${a}'}}\n")),
        "job.yaml:6:40: stage b: parameter \"counts\": expected a list of "
        "maps, got all results of stage a, a list of lists\n"
        "job.yaml:8:39: stage d: parameter \"digit\": expected an int of 0 to "
        "9 or null, got all results of stage a, a list of lists\n");
}

static void a_stage_of_a_plugin_that_is_not_there_is_not_checked(void)
{
    ASSERT_TEXT(
        problems_of("version: 1\n"
                    "plugins: {gone: gone}\n"
                    "stages:\n"
                    "  a: {task: gone.x, worker: reused, with: {y: 1}}\n"),
        "");
}

static void a_list_that_is_used_often_is_checked_once(void)
{
    ASSERT_TEXT(problems_of(STAGE("    task: types.take\n"
                                  "    each: {n: [5, 50]}\n"
                                  "    with: {digits: ['${n}', '${n}']}\n")),
                "job.yaml:6:19: stage a: parameter \"digits\": expected an int "
                "of 0 to 9, got the int 50\n");
}

static void the_plan_knows_the_tasks(void)
{
    static const char text[] = STAGE("    {task: text.merge, with: {counts: "
                                     "[]}}\n");
    struct problems problems;
    struct job *job = NULL;
    struct plan *plan = NULL;
    ASSERT_INT(problems_init(&problems, "job.yaml"), 0);
    ASSERT_INT(job_parse("job.yaml", text, strlen(text), &job, &problems), 0);
    ASSERT_INT(plan_create(job, job_plugins_declare(job), &plan, &problems), 0);
    ASSERT_INT(plan_stage_task(plan, 0), 1);
    ASSERT(plan_job(plan) == job);
    plan_destroy(plan);
    job_destroy(job);
    problems_clear(&problems);
}

UNIT_CASES(CASE(the_usual_jobs_have_no_problems),
           CASE(texts_are_taken_as_written),
           CASE(null_is_no_text_unless_optional),
           CASE(all_problems_are_reported_in_their_order),
           CASE(a_mistyped_parameter_is_not_missing_as_well),
           CASE(the_parameter_that_is_not_given_yet_is_suggested),
           CASE(a_name_used_only_by_an_unknown_argument_is_used),
           CASE(both_ends_of_a_range_are_checked),
           CASE(what_can_never_fit_is_known_before_the_run),
           CASE(bytes_and_arrays_cannot_be_written),
           CASE(results_must_fit_where_they_go),
           CASE(a_stage_of_a_plugin_that_is_not_there_is_not_checked),
           CASE(a_list_that_is_used_often_is_checked_once),
           CASE(the_plan_knows_the_tasks))
