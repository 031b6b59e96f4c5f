#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static pid_t failing; /* the process whose allocations fail, */
static int left;      /* after so many; */
static bool failed;   /* one has */

/* Whether this allocation is the one that fails. */
static bool is_out_of_memory(void)
{
    if (failing == 0 || failing != getpid() || failed || left-- > 0)
        return false;
    failed = true;
    return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return is_out_of_memory() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_out_of_memory() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return is_out_of_memory() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    return is_out_of_memory() ? NULL : __real_reallocarray(old, count, size);
}

char *__wrap_strdup(const char *text)
{
    return is_out_of_memory() ? NULL : __real_strdup(text);
}

bool memory_watch(bool watched)
{
    bool before = failing != 0;
    failing = watched ? getpid() : 0;
    return before;
}

void memory_fail_next(void)
{
    failed = false;
    left = 0;
    memory_watch(true);
}

void memory_fail_each(bool (*try)(void))
{
    enum { LIMIT = 1000 };
    int count = 0;
    bool more = true;
    int told_count = 0;
    for (; more && count < LIMIT; count++) {
        failed = false;
        left = count;
        memory_watch(true);
        bool told = try();
        memory_watch(false);
        more = failed;
        ASSERT(failed || !told);
        told_count += told;
    }
    ASSERT(told_count > 3 && count < LIMIT);
}
