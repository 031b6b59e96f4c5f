/* Every file of tests/bad-jobs that is wrong without its plugins being known:
 * what job_parse() says is exactly what stands in its .expected file. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/job.h"
#include "unit.h"

/* What is structural: files 1 to 65, and from 200 on. */
enum {
    STRUCTURAL_LAST = 65,
    MORE_FIRST = 200,
    MORE_LAST = 236,
    TEXT_MAX_BYTES = 8192
};

static size_t read_text(const char *path, char *out)
{
    FILE *file = fopen(path, "re");
    ASSERT(file != NULL);
    size_t size = fread(out, 1, TEXT_MAX_BYTES - 1, file);
    fclose(file);
    out[size] = '\0';
    return size;
}

/* What is wrong with the job at PATH, a line each, its name without folders. */
static void say_problems(const char *path, char *out)
{
    char text[TEXT_MAX_BYTES];
    size_t size = read_text(path, text);
    const char *name = strrchr(path, '/') + 1;
    struct job *job = NULL;
    struct problems problems;
    struct buffer lines = BUFFER_INIT(TEXT_MAX_BYTES);
    ASSERT_INT(problems_init(&problems, name), 0);
    int status = job_parse(name, text, size, &job, &problems);
    for (size_t i = 0; i < problems_kept(&problems); i++) {
        problems_format(&problems, i, &lines);
        buffer_append_text(&lines, "\n");
    }
    buffer_append(&lines, "", 1);
    strcpy(out, (const char *)buffer_bytes(&lines));
    buffer_clear(&lines);
    problems_clear(&problems);
    job_destroy(job);
    ASSERT_INT(status, -EBADMSG);
}

static void find_jobs(glob_t *found)
{
    char pattern[4096];
    const char *folder = getenv("srcdir");
    snprintf(pattern, sizeof pattern,
             "%s/tests/bad-jobs/[0-9][0-9][0-9]-*.yaml",
             folder == NULL ? "." : folder);
    ASSERT_INT(glob(pattern, 0, NULL, found), 0);
}

static bool is_structural(const char *path)
{
    int number = atoi(strrchr(path, '/') + 1);
    return number <= STRUCTURAL_LAST || number >= MORE_FIRST;
}

static void each_mistake_is_said_as_expected(void)
{
    glob_t found;
    find_jobs(&found);
    size_t checked = 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char said[TEXT_MAX_BYTES], expected[TEXT_MAX_BYTES], path[4096];
        if (!is_structural(found.gl_pathv[i]))
            continue;
        size_t stem = strlen(found.gl_pathv[i]) - strlen(".yaml");
        snprintf(path, sizeof path, "%.*s.expected", (int)stem,
                 found.gl_pathv[i]);
        read_text(path, expected);
        say_problems(found.gl_pathv[i], said);
        ASSERT_TEXT(said, expected);
        checked++;
    }
    globfree(&found);
    ASSERT_INT(checked, STRUCTURAL_LAST + MORE_LAST - MORE_FIRST + 1);
}

static void each_message_names_a_place_and_is_one_line(void)
{
    glob_t found;
    find_jobs(&found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char said[TEXT_MAX_BYTES];
        unsigned line = 0, column = 0;
        if (!is_structural(found.gl_pathv[i]))
            continue;
        say_problems(found.gl_pathv[i], said);
        ASSERT_INT(sscanf(said, "%*[^:]:%u:%u: %*[^\n]", &line, &column), 2);
        ASSERT(line > 0 && column > 0);
        ASSERT(strchr(said, '\n') == said + strlen(said) - 1);
    }
    globfree(&found);
}

UNIT_CASES(CASE(each_mistake_is_said_as_expected),
           CASE(each_message_names_a_place_and_is_one_line))
