/* Has two tasks of one name */
#include "trivial.h"

static const struct drover_task tasks[] = { TRIVIAL_TASK, TRIVIAL_TASK };
DROVER_PLUGIN("task-twice", "1", "Has two tasks of one name", tasks);
