/* Has a task whose name is none */
#include "trivial.h"

static const struct drover_task tasks[] = {
    { .name = "Not A Name", .run = answer },
};
DROVER_PLUGIN("task-name", "1", "Has a task whose name is none", tasks);
