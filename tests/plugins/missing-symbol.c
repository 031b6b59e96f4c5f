/* Calls a function that nobody has */
#include "trivial.h"

int64_t drover_test_nowhere(void);

static int call_it(struct drover_call *call)
{
    return drover_return_int(call, drover_test_nowhere());
}

static const struct drover_task tasks[] = {
    TRIVIAL_TASK,
    { .name = "call_it", .run = call_it },
};
DROVER_PLUGIN("missing-symbol", "1", "Calls what is not there", tasks);
