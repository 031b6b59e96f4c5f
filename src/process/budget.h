/* A budget of cores that a process and all processes forked from it share, and
 * that survives the death of any of them. A process has one core of its own,
 * which its parent has lent it; for each process more that it wants to run at
 * once it takes one from the budget. */
#ifndef PROCESS_BUDGET_H
#define PROCESS_BUDGET_H

#include <stdbool.h>

/* Make the budget of this process and its descendants, of CORES cores, unless
 * there is one. Where it cannot be made, each process has the one core of its
 * own. */
void budget_open(unsigned cores);

/* The budget as it was handed over in DESCRIPTOR, which is taken; and the
 * descriptor to hand over, or -1. */
void budget_adopt(int descriptor);
int budget_descriptor(void);

/* Take one core if one is left. It is given back when this process ends, at the
 * latest. Returns a number for budget_give(), or -1. */
int budget_take(void);
void budget_give(int core);

/* [forked child] What the parent has taken is not ours. */
void budget_forget(void);

#endif
