/* Memory that runs out. For programs that are linked with $(memory_ldflags),
 * see unit.am, and memory.c: allocations of this project's code can fail then,
 * those in libraries cannot. */
#ifndef UNIT_MEMORY_H
#define UNIT_MEMORY_H

#include <stdbool.h>

/* Run TRY with its first allocation failing, then with its second, and so on,
 * until it needs no more. It returns whether it came to know of the failure:
 * else all must have gone well. Some can be done without. */
void memory_fail_each(bool (*try)(void));

/* Whether allocations of this process, not of its forks, count: at first they
 * do. Returns whether they did before. */
bool memory_watch(bool watched);

/* Have the next allocation fail, and those behind it not. */
void memory_fail_next(void);

#endif
