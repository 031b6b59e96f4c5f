/* Crashes when a worker starts */
#include <signal.h>

#include "trivial.h"

static int begin(void)
{
    return raise(SIGSEGV);
}

static const struct drover_task tasks[] = { TRIVIAL_TASK };
DROVER_PLUGIN_WITH_HOOKS("start-crashes", "1", "Crashes when a worker starts",
                         tasks, begin, NULL);
