#include "unit.h"

#include <CUnit/Basic.h>
#include <CUnit/TestDB.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CASE_SECONDS = 300 };

static size_t descriptors_before;

static size_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* What hangs is a failure, too. */
static void give_up(int signal_number)
{
    (void)signal_number;
    static const char text[] = " hangs\n";
    const char *name = CU_get_current_test()->pName;
    if (write(STDERR_FILENO, name, strlen(name)) > 0)
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(EXIT_FAILURE);
}

static void before_case(void)
{
    descriptors_before = count_descriptors();
    signal(SIGALRM, give_up);
    alarm(CASE_SECONDS);
}

/* Not fatal: CUnit would jump back to before this function, for ever. */
static void expect_clean(bool clean, const char *what)
{
    CU_assertImplementation(clean, __LINE__, what, __FILE__, "", CU_FALSE);
}

static void after_case(void)
{
    alarm(0);
    expect_clean(count_descriptors() == descriptors_before,
                 "no descriptor is left open");
    expect_clean(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD,
                 "no child is left");
}

static void fail(const char *file, unsigned line, const char *what,
                 const char *message)
{
    char text[1024];
    snprintf(text, sizeof text, "%s: %s", what, message);
    CU_assertImplementation(CU_FALSE, line, text, file, "", CU_TRUE);
}

void unit_assert_int(long long actual, long long expected, const char *what,
                     const char *file, unsigned line)
{
    if (actual == expected) {
        CU_assertImplementation(CU_TRUE, line, what, file, "", CU_FALSE);
        return;
    }
    char message[128];
    snprintf(message, sizeof message, "is %lld, not %lld", actual, expected);
    fail(file, line, what, message);
}

static const char *or_null(const char *text)
{
    return text == NULL ? "(null)" : text;
}

void unit_assert_text(const char *actual, const char *expected,
                      const char *what, const char *file, unsigned line)
{
    if (strcmp(or_null(actual), or_null(expected)) == 0) {
        CU_assertImplementation(CU_TRUE, line, what, file, "", CU_FALSE);
        return;
    }
    char message[900];
    snprintf(message, sizeof message, "is\n      %s\n    not\n      %s",
             or_null(actual), or_null(expected));
    fail(file, line, what, message);
}

void unit_assert_contains(const char *actual, const char *expected,
                          const char *what, const char *file, unsigned line)
{
    if (strstr(or_null(actual), expected) != NULL) {
        CU_assertImplementation(CU_TRUE, line, what, file, "", CU_FALSE);
        return;
    }
    char message[900];
    snprintf(message, sizeof message, "is\n      %s\n    without\n      %s",
             or_null(actual), expected);
    fail(file, line, what, message);
}

int unit_run(int argc, char **argv, const struct unit_case *cases, size_t count)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    const char *module = strrchr(argv[0], '/');
    module = module == NULL ? argv[0] : module + 1;
    if (CU_initialize_registry() != CUE_SUCCESS)
        return EXIT_FAILURE;
    CU_pSuite suite = CU_add_suite_with_setup_and_teardown(
        module, NULL, NULL, before_case, after_case);
    for (size_t i = 0; suite != NULL && i < count; i++)
        if (argc < 2 || strcmp(argv[1], cases[i].name) == 0)
            CU_add_test(suite, cases[i].name, cases[i].run);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_tests_failed();
    unsigned run = CU_get_number_of_tests_run();
    CU_cleanup_registry();
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
