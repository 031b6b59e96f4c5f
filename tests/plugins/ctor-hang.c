/* Never gets loaded */
#include <unistd.h>

#include "trivial.h"

__attribute__((constructor)) static void begin(void)
{
    for (;;)
        pause();
}

static const struct drover_task tasks[] = { TRIVIAL_TASK };
DROVER_PLUGIN("ctor-hang", "1", "Never gets loaded", tasks);
