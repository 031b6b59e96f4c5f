/* [collector] The inside of a collector, for the files that make it up:
 * collector.c (its life), collect.c (items, acknowledgements, values). */
#ifndef BACKGROUND_COLLECTOR_H
#define BACKGROUND_COLLECTOR_H

#include <drover/collect.h>
#include <sys/types.h>

#include "background/supply.h"

/* owner  the process that made it
 * words  texts of the item that was given out last
 * turn   the supply that is asked first */
struct drover_collector {
    pid_t owner;
    int epoll;
    struct drover_collector_options options;
    struct supply **supplies;
    size_t count;
    struct buffer words;
    size_t turn;
};

/* Refuse to work without a collector, and in a process that has not made it. */
int collector_check(const struct drover_collector *collector,
                    struct drover_error *err);

/* Pass on acknowledgements of all supplies, ask for items, and have epoll watch
 * what that takes. */
void collector_push(struct drover_collector *collector);

#endif
