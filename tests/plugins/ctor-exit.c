/* Ends the process that loads it */
#include <stdlib.h>

#include "trivial.h"

__attribute__((constructor)) static void begin(void)
{
    exit(3);
}

static const struct drover_task tasks[] = { TRIVIAL_TASK };
DROVER_PLUGIN("ctor-exit", "1", "Ends the process that loads it", tasks);
