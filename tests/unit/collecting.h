/* Collecting in tests, item by item, from a run of served.h. */
#ifndef COLLECTING_H
#define COLLECTING_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/collect.h>

#include "served.h"

/* Who waits for so long waits in vain. */
enum { SOME_MS = 20000 };

/* The run, and the process that serves it; 0: it has gone. */
extern struct served served;
extern pid_t server;

/* The last error, and the last item. */
extern struct drover_error err;
extern struct drover_collected item;

/* A run of COUNT items that has ended, LIVE in a process that still serves it.
 */
void set_up(uint64_t count, bool live);

/* Assert that it is DRAINED or not, and remove it. With everything acknowledged
 * the server ends, else it is killed. */
void tear_down(bool drained);

/* A collector that is connected to the run. OPTIONS may be NULL. */
struct drover_collector *
collect_with(const struct drover_collector_options *options);
struct drover_collector *collect(void);

/* The next item has this NUMBER, and is a call that returned its index. */
void expect_item(struct drover_collector *collector, uint64_t number,
                 bool redelivered);

/* The next items are FIRST to LAST; each is acknowledged if ACKNOWLEDGE. */
void expect_items(struct drover_collector *collector, uint64_t first,
                  uint64_t last, bool redelivered, bool acknowledge);

/* There is nothing more, and no source left. */
void expect_end(struct drover_collector *collector);

#endif
