/* Relative paths of a job, for a run whose folder is not the process's own. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planned.h"
#include "scratch.h"
#include "unit.h"

/* Make a folder with files in the working folder, and leave that for /; the
 * name of the one made is put into PATH. */
static void leave_for_root(const char *name, char path[128])
{
    scratch_enter();
    ASSERT_INT(mkdir(name, 0700), 0);
    ASSERT_INT(chdir(name), 0);
    SCRATCH_WRITE("b.x", "2\n");
    SCRATCH_WRITE("a.x", "1\n");
    ASSERT_INT(mkdir("sub", 0700), 0);
    SCRATCH_WRITE("sub/c.x", "");
    ASSERT(getcwd(path, 128) != NULL);
    ASSERT_INT(chdir("/"), 0);
}

/* Whatever it is called. */
static const char *const folder_names[] = { "plain", "[a]*?{b,c}", "a\\b", "~",
                                            "with space" };

static void relative_globs_are_of_the_folder_that_is_given(void)
{
    static const char expected[] = "{\"file\":\"a.x\",\"min_length\":1}\n"
                                   "{\"file\":\"b.x\",\"min_length\":1}\n";
    for (size_t i = 0; i < sizeof folder_names / sizeof folder_names[0]; i++) {
        char path[128], stage[512], below[256];
        leave_for_root(folder_names[i], path);
        ASSERT_TEXT(planned_calls_in(path, "    task: text.count\n"
                                           "    each: {file: {glob: '*.x'}}\n"),
                    expected);
        ASSERT_TEXT(planned_calls_in(
                        path, "    task: text.count\n"
                              "    each: {file: {glob: './s*/../*/c.x'}}\n"),
                    "{\"file\":\"./sub/../sub/c.x\",\"min_length\":1}\n");
        snprintf(below, sizeof below, "%s/sub", path);
        ASSERT_TEXT(planned_calls_in(below,
                                     "    task: text.count\n"
                                     "    each: {file: {glob: ../a.x}}\n"),
                    "{\"file\":\"../a.x\",\"min_length\":1}\n");
        snprintf(stage, sizeof stage,
                 "    task: text.count\n"
                 "    each: {file: {glob: '%s/sub/../sub/*.x'}}\n",
                 scratch_folder());
        snprintf(
            below, sizeof below,
            "job.yaml:6:12: stage a: no file matches \"%s/sub/../sub/*.x\"",
            scratch_folder());
        ASSERT_TEXT(planned_calls_in(path, stage), below);
        scratch_leave();
    }
}

static void relative_files_are_of_the_folder_that_is_given(void)
{
    static const char stage[] = "    task: text.count\n"
                                "    each: {file: {lines: a.x}}\n";
    for (size_t i = 0; i < sizeof folder_names / sizeof folder_names[0]; i++) {
        char path[128];
        leave_for_root(folder_names[i], path);
        ASSERT_TEXT(planned_calls_in(path, stage),
                    "{\"file\":\"1\",\"min_length\":1}\n");
        scratch_leave();
    }
}

static void absolute_paths_need_no_folder(void)
{
    ASSERT_TEXT(planned_calls_in("/no/such",
                                 "    task: text.count\n"
                                 "    each: {file: {glob: /dev/nul*}}\n"),
                "{\"file\":\"/dev/null\",\"min_length\":1}\n");
    ASSERT_TEXT(planned_calls_in("/no/such",
                                 "    task: text.count\n"
                                 "    each: {file: {lines: /dev/null}}\n"),
                "");
}

static void a_folder_that_is_gone_is_said(void)
{
    ASSERT_TEXT(planned_calls_in("/no/such", "    task: text.count\n"
                                             "    each: {file: {glob: '*'}}\n"),
                "job.yaml:6:12: stage a: cannot open the working folder "
                "\"/no/such\": No such file or directory");
    ASSERT_TEXT(planned_calls_in("/dev/null",
                                 "    task: text.count\n"
                                 "    each: {file: {lines: names}}\n"),
                "job.yaml:6:12: stage a: cannot open the working folder "
                "\"/dev/null\": Not a directory");
    ASSERT_TEXT(planned_calls_in("/", "    task: text.count\n"
                                      "    each: {file: {glob: 'no such*'}}\n"),
                "job.yaml:6:12: stage a: no file matches \"no such*\" in the "
                "working folder, /");
}

UNIT_CASES(CASE(relative_globs_are_of_the_folder_that_is_given),
           CASE(relative_files_are_of_the_folder_that_is_given),
           CASE(absolute_paths_need_no_folder),
           CASE(a_folder_that_is_gone_is_said))
