/* The lines of growing files: what bottles.c and bottles_heartbeat.c have in
 * common. */
#ifndef LINES_H
#define LINES_H

#include <drover.h>

/* Watch files as the program's arguments say: -e PATTERN, once or more, and
 * FILE...; with QUIET_MS also -t SECONDS, which is left there.
 *
 * Returns a continuous queue of the lines that match, or NULL, having said
 * why. */
struct drover_exchange *lines_watch(int argc, char **argv, int *quiet_ms);

/* Print a line that came, "PATTERN: FILE: LINE", or say how a call ended. */
void lines_print(const struct drover_outcome *outcome);

/* The queue is at its end: for ever is over when calls fail. Returns what main
 * is to return. */
int lines_end(struct drover_exchange *queue, int status,
              const struct drover_error *err);

#endif
