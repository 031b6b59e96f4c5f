/* Crashes while it is loaded */
#include <signal.h>

#include "trivial.h"

__attribute__((constructor)) static void begin(void)
{
    raise(SIGSEGV);
}

static const struct drover_task tasks[] = { TRIVIAL_TASK };
DROVER_PLUGIN("ctor-crash", "1", "Crashes while it is loaded", tasks);
