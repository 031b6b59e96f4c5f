/* A unit test program: one module, its cases as sentences.
 *
 *     static void a_buffer_refuses_more_than_its_limit(void) { ... }
 *
 *     UNIT_CASES(CASE(a_buffer_refuses_more_than_its_limit),
 *                CASE(...))
 *
 * After each case the runner checks that no descriptor and no child is left; a
 * case that takes minutes hangs, and ends the program. */
#ifndef UNIT_H
#define UNIT_H

#include <CUnit/CUnit.h>
#include <stddef.h>

struct unit_case {
    const char *name;
    void (*run)(void);
};

#define CASE(function)                                                         \
    {                                                                          \
#function, function                                                    \
    }

/* Run the cases; with a name as the program's argument only that one. Returns
 * the exit status. */
int unit_run(int argc, char **argv, const struct unit_case *cases,
             size_t count);

#define UNIT_CASES(...)                                                        \
    static const struct unit_case unit_cases[] = { __VA_ARGS__ };              \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        return unit_run(argc, argv, unit_cases,                                \
                        sizeof unit_cases / sizeof unit_cases[0]);             \
    }

/* Assertions that say what they got. Each ends the case when it fails. */
#define ASSERT_INT(actual, expected)                                           \
    unit_assert_int((long long)(actual), (long long)(expected), #actual,       \
                    __FILE__, __LINE__)
#define ASSERT_TEXT(actual, expected)                                          \
    unit_assert_text((actual), (expected), #actual, __FILE__, __LINE__)
/* ACTUAL contains EXPECTED. */
#define ASSERT_CONTAINS(actual, expected)                                      \
    unit_assert_contains((actual), (expected), #actual, __FILE__, __LINE__)
#define ASSERT(condition)                                                      \
    unit_assert_int(!!(condition), 1, #condition, __FILE__, __LINE__)

void unit_assert_int(long long actual, long long expected, const char *what,
                     const char *file, unsigned line);
void unit_assert_text(const char *actual, const char *expected,
                      const char *what, const char *file, unsigned line);
void unit_assert_contains(const char *actual, const char *expected,
                          const char *what, const char *file, unsigned line);

#endif
