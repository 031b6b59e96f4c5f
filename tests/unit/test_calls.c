/* Memory for calls: it is used again, and none of it stays. */
#include <malloc.h>
#include <string.h>

#include "dispatch/dispatch.h"
#include "unit.h"

enum { CALLS = 10, ARGS_BYTES = 256 * 1024 };

/* Calls are made without any slot being opened. */
static struct dispatch *create(void)
{
    struct dispatch_setting setting = { .slots = 1 };
    struct dispatch *dispatch = dispatch_create(&setting, NULL);
    ASSERT(dispatch != NULL);
    return dispatch;
}

static struct call *take(struct dispatch *dispatch)
{
    static const char args[ARGS_BYTES];
    struct call *call = dispatch_take_call(dispatch);
    ASSERT(call != NULL);
    ASSERT_INT(buffer_size(&call->args), 0);
    ASSERT_INT(buffer_append(&call->args, args, sizeof args), 0);
    return call;
}

static void a_call_given_back_is_taken_again(void)
{
    struct dispatch *dispatch = create();
    struct call *first = take(dispatch), *second = take(dispatch);
    ASSERT(first != second);
    dispatch_give_call(dispatch, first);
    ASSERT(take(dispatch) == first);
    ASSERT(take(dispatch) != second);
    dispatch_destroy(dispatch);
}

static void calls_that_were_not_given_back_are_freed(void)
{
    struct mallinfo2 before = mallinfo2();
    struct dispatch *dispatch = create();
    for (int i = 0; i < CALLS; i++)
        take(dispatch);
    dispatch_give_call(dispatch, take(dispatch));
    dispatch_destroy(dispatch);
    struct mallinfo2 after = mallinfo2();
    /* Sanitizers say 0 here, but find what is left at the end. */
    ASSERT(after.uordblks + after.hblkhd <
           before.uordblks + before.hblkhd + ARGS_BYTES);
}

UNIT_CASES(CASE(a_call_given_back_is_taken_again),
           CASE(calls_that_were_not_given_back_are_freed))
