/* Loads once; whoever loads it next waits for ever */
#include <fcntl.h>
#include <unistd.h>

#include "trivial.h"

__attribute__((constructor)) static void begin(void)
{
    if (open("load-once.mark", O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0)
        return;
    for (;;)
        pause();
}

static const struct drover_task tasks[] = { TRIVIAL_TASK };
DROVER_PLUGIN("load-once", "1", "Loads once", tasks);
