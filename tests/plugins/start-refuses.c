/* Refuses to start in any worker */
#include "trivial.h"

static int begin(void)
{
    return 5;
}

static const struct drover_task tasks[] = { TRIVIAL_TASK };
DROVER_PLUGIN_WITH_HOOKS("start-refuses", "1", "Refuses to start in any worker",
                         tasks, begin, NULL);
