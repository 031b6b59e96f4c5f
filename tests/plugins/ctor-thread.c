/* Starts a thread while it is loaded */
#include <pthread.h>
#include <unistd.h>

#include "trivial.h"

static void *live_on(void *nothing)
{
    for (;;)
        pause();
    return nothing;
}

__attribute__((constructor)) static void begin(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, live_on, NULL);
}

static const struct drover_task tasks[] = { TRIVIAL_TASK };
DROVER_PLUGIN("ctor-thread", "1", "Starts a thread while it is loaded", tasks);
