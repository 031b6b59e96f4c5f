/* [collector] The inside of a collector, for the files that make it up:
 * collector.c (its life), collect.c (items, acknowledgements, values). */
#ifndef BACKGROUND_COLLECTOR_H
#define BACKGROUND_COLLECTOR_H

#include <drover/collect.h>
#include <sys/types.h>

#include "background/supply.h"
#include "process/belonging.h"

/* belonging  forks of this process abandon it
 * owner  the process that made it
 * words  texts of the item that was given out last
 * turn   the supply that is asked first */
struct drover_collector {
    struct belonging belonging;
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

/* Open SUPPLY, and have epoll watch its connection, if it has one. Returns as
 * drover_collector_connect(). */
int collector_open_supply(struct drover_collector *collector,
                          struct supply *supply, struct drover_error *err);

/* Pass on acknowledgements of all supplies, ask for items, and have epoll watch
 * what that takes. */
void collector_push(struct drover_collector *collector);

/* Wait until the processes have gone that have nothing more to serve, so that
 * whoever has collected all may use their addresses again; TIMEOUT_MS at most.
 */
void collector_see_off(struct drover_collector *collector, int timeout_ms);

#endif
