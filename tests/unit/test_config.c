#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job/config.h"
#include "job/job.h"
#include "unit.h"

/* Write TEXT to a file of its own, whose name is put into PATH. */
static void write_file(const char *text, char path[32])
{
    strcpy(path, "/tmp/test_config.XXXXXX");
    int descriptor = mkstemp(path);
    ASSERT(descriptor >= 0);
    size_t size = strlen(text);
    ASSERT_INT(write(descriptor, text, size), size);
    close(descriptor);
}

/* Read a configuration of TEXT. Returns the status; PROBLEM is the first one's
 * line from the place on. */
static int read_text(const char *text, struct config *config, char *problem,
                     size_t size)
{
    char path[32];
    struct problems problems;
    struct drover_error err = { 0 };
    write_file(text, path);
    ASSERT_INT(problems_init(&problems, path), 0);
    int status = config_read(path, true, config, &problems, &err);
    unlink(path);
    problem[0] = '\0';
    if (problems.count > 0)
        snprintf(problem, size, "%u:%u: %s", problems.kept[0].at.line,
                 problems.kept[0].at.column, problems.kept[0].message);
    problems_clear(&problems);
    return status;
}

static void assert_problem(const char *text, const char *expected)
{
    struct config config = { .workers = 77 };
    char problem[512];
    ASSERT_INT(read_text(text, &config, problem, sizeof problem), -EBADMSG);
    ASSERT_TEXT(problem, expected);
    ASSERT_INT(config.workers, 77);
}

static void a_full_configuration_is_read(void)
{
    struct config config;
    char problem[512];
    const char *home = getenv("HOME");
    char *kept = home == NULL ? NULL : strdup(home);
    setenv("HOME", "/home/ada", 1);
    int status = read_text("plugin_path: [/usr/lib/p, ~/plugins]\nworkers: "
                           "4\nlinger: 1h30m\nstore: {keep: 30d}\n",
                           &config, problem, sizeof problem);
    if (kept != NULL)
        setenv("HOME", kept, 1);
    else
        unsetenv("HOME");
    free(kept);
    ASSERT_INT(status, 0);
    ASSERT_INT(config.workers, 4);
    ASSERT_INT(config.linger_ms, 90 * 60 * 1000);
    ASSERT(!config.store_off);
    ASSERT_INT(config.keep_ms, INT64_C(30) * 24 * 60 * 60 * 1000);
    ASSERT_INT(config.plugin_path_count, 2);
    ASSERT_TEXT(config.plugin_path[0], "/usr/lib/p");
    ASSERT_TEXT(config.plugin_path[1], "/home/ada/plugins");
    config_clear(&config);
    ASSERT_INT(config.plugin_path_count, 0);
}

static void an_empty_one_configures_nothing(void)
{
    struct config config = { .workers = 77 };
    char problem[512];
    ASSERT_INT(read_text("# nothing\n", &config, problem, sizeof problem), 0);
    ASSERT_INT(config.workers, 0);
    ASSERT_INT(config.plugin_path_count, 0);
    ASSERT_INT(config.linger_ms, -1);
    ASSERT_INT(config.keep_ms, -1);
    ASSERT(!config.store_off);
    config_clear(&config);
}

static void a_missing_one_is_as_an_empty_one_unless_it_must_exist(void)
{
    struct config config = { .workers = 77 };
    struct problems problems;
    struct drover_error err = { 0 };
    ASSERT_INT(problems_init(&problems, "f"), 0);
    ASSERT_INT(config_read("/tmp/no/such", true, &config, &problems, &err),
               -ENOENT);
    ASSERT_CONTAINS(err.message, "cannot read /tmp/no/such: No such file");
    ASSERT_INT(config.workers, 77);
    ASSERT_INT(config_read("/tmp/no/such", false, &config, &problems, &err), 0);
    ASSERT_INT(config.workers, 0);
    ASSERT_INT(config_read("/dev/null/x", false, &config, &problems, &err), 0);
    ASSERT_INT(config_read("/tmp", false, &config, &problems, &err), -EISDIR);
    ASSERT_INT(problems.count, 0);
    problems_clear(&problems);
}

static void mistakes_are_said_with_their_place(void)
{
    assert_problem("worker: 4\n",
                   "1:1: no key \"worker\" (did you mean \"workers\"?)");
    assert_problem(
        "workers: 0\n",
        "1:10: workers: expected an int of 1 to 1024, got the int 0");
    assert_problem("plugin_path: /usr/lib\n",
                   "1:14: plugin_path: expected a list of at most 64 folders, "
                   "got the text \"/usr/lib\"");
    assert_problem("plugin_path:\n  - /ok\n  - plugins\n",
                   "3:5: plugin_path: expected a folder that begins with / or "
                   "~/, got the text \"plugins\"");
    assert_problem("linger: 30\n",
                   "1:9: linger: expected a duration, got the int 30 (give it "
                   "a unit: 30s)");
    assert_problem("store: {kept: 1d}\n",
                   "1:8: store: the key \"keep\" is missing (write keep: "
                   "DURATION)");
    assert_problem("store: [none]\n",
                   "1:8: store: expected none or {keep: DURATION}, got a list");
    assert_problem("[]\n", "1:1: expected a map, got a list");
    assert_problem("workers: 1\nworkers: 2\n",
                   "2:1: the key \"workers\" is there already, in line 1");
    assert_problem("a: [\n", "2:1: not YAML: expected a value here (is a "
                             "bracket left open?)");
}

static void assert_completed(struct config config, struct job job,
                             struct job expected)
{
    config_complete(&config, &job);
    ASSERT_INT(job.linger_ms, expected.linger_ms);
    ASSERT_INT(job.store_off, expected.store_off);
    ASSERT_INT(job.keep_ms, expected.keep_ms);
}

static void a_job_has_the_last_word(void)
{
    const struct job silent = { .linger_ms = -1, .keep_ms = -1 };
    const struct job keeps = { .linger_ms = 0, .keep_ms = 7 };
    const struct job off = { .linger_ms = -1,
                             .keep_ms = -1,
                             .store_off = true };
    const struct config nothing = { .linger_ms = -1, .keep_ms = -1 };
    const struct config days = { .linger_ms = 5, .keep_ms = 9 };
    const struct config none = { .linger_ms = -1,
                                 .keep_ms = -1,
                                 .store_off = true };
    assert_completed(nothing, silent, silent);
    assert_completed(nothing, keeps, keeps);
    assert_completed(days, silent,
                     (struct job){ .linger_ms = 5, .keep_ms = 9 });
    assert_completed(days, keeps, keeps);
    assert_completed(
        days, off,
        (struct job){ .linger_ms = 5, .keep_ms = -1, .store_off = true });
    assert_completed(none, silent, off);
    assert_completed(none, keeps, keeps);
}

static void the_table_has_every_key(void)
{
    size_t count;
    const struct job_key *keys = config_keys(&count);
    ASSERT_INT(count, 5);
    ASSERT_TEXT(keys[0].path, "plugin_path");
    ASSERT_TEXT(keys[1].path, "workers");
}

UNIT_CASES(CASE(a_full_configuration_is_read),
           CASE(an_empty_one_configures_nothing),
           CASE(a_missing_one_is_as_an_empty_one_unless_it_must_exist),
           CASE(mistakes_are_said_with_their_place),
           CASE(a_job_has_the_last_word), CASE(the_table_has_every_key))
