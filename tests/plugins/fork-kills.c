/* Loads well, but no worker can be forked */
#include <pthread.h>
#include <signal.h>

#include "trivial.h"

static void die(void)
{
    raise(SIGKILL);
}

__attribute__((constructor)) static void begin(void)
{
    pthread_atfork(die, NULL, NULL);
}

static const struct drover_task tasks[] = { TRIVIAL_TASK };
DROVER_PLUGIN("fork-kills", "1", "No worker can be forked", tasks);
