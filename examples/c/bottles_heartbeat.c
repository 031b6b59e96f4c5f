/* bottles.c with a sign of life: when no line has come for 5 seconds, or those
 * of -t, it says so, and goes on waiting. */
#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct drover_outcome outcome;
    struct drover_error err;
    int status, quiet_ms = 5000;
    struct drover_exchange *queue = lines_watch(argc, argv, &quiet_ms);
    if (queue == NULL)
        return EXIT_FAILURE;
    while ((status = drover_exchange_next(queue, &outcome, quiet_ms, &err)) >
               0 ||
           status == -ETIMEDOUT) {
        if (status > 0)
            lines_print(&outcome);
        else
            printf("nothing for %g s\n", quiet_ms / 1000.0);
        fflush(stdout);
    }
    return lines_end(queue, status, &err);
}
