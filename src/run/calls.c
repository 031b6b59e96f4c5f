/* [host] */
#include <stdlib.h>

#include "run/state.h"

enum { ARGS_KEPT_BYTES = 4096 };

struct call *calls_take(struct run *run)
{
    struct call *call = run->free_calls;
    if (call != NULL) {
        run->free_calls = call->next;
        return call;
    }
    call = calloc(1, sizeof *call);
    if (call == NULL)
        return NULL;
    buffer_init(&call->args, MESSAGE_LIMIT_BYTES);
    call->older = run->newest_call;
    run->newest_call = call;
    return call;
}

void calls_give(struct run *run, struct call *call)
{
    buffer_reset(&call->args);
    buffer_shrink(&call->args, ARGS_KEPT_BYTES);
    call->next = run->free_calls;
    run->free_calls = call;
}

void calls_clear(struct run *run)
{
    run->free_calls = NULL;
    while (run->newest_call != NULL) {
        struct call *call = run->newest_call;
        run->newest_call = call->older;
        buffer_clear(&call->args);
        free(call);
    }
}
