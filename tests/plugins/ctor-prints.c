/* Prints while it is loaded */
#include <stdio.h>

#include "trivial.h"

__attribute__((constructor)) static void begin(void)
{
    puts("hello from a constructor");
}

static const struct drover_task tasks[] = { TRIVIAL_TASK };
DROVER_PLUGIN("ctor-prints", "1", "Prints while it is loaded", tasks);
