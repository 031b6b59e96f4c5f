/* Memory for calls: it is used again, and none of it stays. */
#include <malloc.h>
#include <string.h>

#include "run/state.h"
#include "unit.h"

enum { CALLS = 10, ARGS_BYTES = 256 * 1024 };

static struct call *take(struct run *run)
{
    static const char args[ARGS_BYTES];
    struct call *call = calls_take(run);
    ASSERT(call != NULL);
    ASSERT_INT(buffer_size(&call->args), 0);
    ASSERT_INT(buffer_append(&call->args, args, sizeof args), 0);
    return call;
}

static void a_call_given_back_is_taken_again(void)
{
    struct run run = { .failure = 0 };
    struct call *first = take(&run), *second = take(&run);
    ASSERT(first != second);
    calls_give(&run, first);
    ASSERT(take(&run) == first);
    ASSERT(take(&run) != second);
    calls_clear(&run);
}

static void calls_that_were_not_given_back_are_freed(void)
{
    struct run run = { .failure = 0 };
    struct mallinfo2 before = mallinfo2();
    for (int i = 0; i < CALLS; i++)
        take(&run);
    calls_give(&run, take(&run));
    calls_clear(&run);
    struct mallinfo2 after = mallinfo2();
    /* Sanitizers say 0 here, but find what is left at the end. */
    ASSERT(after.uordblks + after.hblkhd <
           before.uordblks + before.hblkhd + ARGS_BYTES);
}

UNIT_CASES(CASE(a_call_given_back_is_taken_again),
           CASE(calls_that_were_not_given_back_are_freed))
