/* The files of tests/bad-jobs whose mistake only shows when the plugins are
 * known: what plan_create() says is exactly what stands in .expected. */
#include "unit.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/plan.h"
#include "job_plugins.h"

enum { PLAN_FIRST = 66, PLAN_LAST = 106, TEXT_MAX_BYTES = 8192 };

static void read_text(const char *path, char *out)
{
    FILE *file = fopen(path, "re");
    ASSERT(file != NULL);
    size_t size = fread(out, 1, TEXT_MAX_BYTES - 1, file);
    fclose(file);
    out[size] = '\0';
}

/* What is wrong with the job TEXT of file NAME, a line each. */
static void say_problems(const char *name, const char *text, char *out)
{
    struct problems problems;
    struct buffer lines = BUFFER_INIT(TEXT_MAX_BYTES);
    struct job *job = NULL;
    struct plan *plan = NULL;
    ASSERT_INT(problems_init(&problems, name), 0);
    int parsed = job_parse(name, text, strlen(text), &job, &problems);
    int planned = parsed == 0 ? plan_create(job, job_plugins_declare(job),
                                            &plan, &problems)
                              : 0;
    for (size_t i = 0; i < problems_kept(&problems); i++) {
        problems_format(&problems, i, &lines);
        buffer_append_text(&lines, "\n");
    }
    buffer_append(&lines, "", 1);
    memcpy(out, buffer_bytes(&lines), buffer_size(&lines));
    buffer_clear(&lines);
    problems_clear(&problems);
    plan_destroy(plan);
    job_destroy(job);
    ASSERT_INT(parsed, 0);
    ASSERT_INT(planned, -EBADMSG);
}

/* Compare what is said about the job at PATH, NAME without its folder. */
static void check_file(const char *path, const char *name)
{
    char text[TEXT_MAX_BYTES], expected[TEXT_MAX_BYTES], said[TEXT_MAX_BYTES];
    char expected_path[4096];
    snprintf(expected_path, sizeof expected_path, "%.*s.expected",
             (int)(strlen(path) - strlen(".yaml")), path);
    read_text(path, text);
    read_text(expected_path, expected);
    say_problems(name, text, said);
    ASSERT_TEXT(said, expected);
}

static void each_mistake_is_said_as_expected(void)
{
    const char *folder = getenv("srcdir");
    char pattern[4096];
    glob_t found;
    int checked = 0;
    snprintf(pattern, sizeof pattern, "%s/tests/bad-jobs/*.yaml",
             folder == NULL ? "." : folder);
    ASSERT_INT(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *name = strrchr(found.gl_pathv[i], '/') + 1;
        int number = atoi(name);
        if (number < PLAN_FIRST || number > PLAN_LAST)
            continue;
        check_file(found.gl_pathv[i], name);
        checked++;
    }
    globfree(&found);
    ASSERT_INT(checked, PLAN_LAST - PLAN_FIRST + 1);
}

UNIT_CASES(CASE(each_mistake_is_said_as_expected))
