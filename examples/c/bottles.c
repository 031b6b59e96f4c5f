/* Watches growing files for lines with certain words, as tail(1) and grep(1) do
 * together:
 *
 *     bottles -e beer -e wall monday.log tuesday.log
 *
 * The calls never return: they send, for as long as they live. Each pattern is
 * such a call, and has a queue of its own for one call more for each file (see
 * lines.c). */
#include "lines.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    struct drover_outcome outcome;
    struct drover_error err;
    int status;
    struct drover_exchange *queue = lines_watch(argc, argv, NULL);
    if (queue == NULL)
        return EXIT_FAILURE;
    while ((status = drover_exchange_next(queue, &outcome, -1, &err)) > 0)
        lines_print(&outcome);
    return lines_end(queue, status, &err);
}
