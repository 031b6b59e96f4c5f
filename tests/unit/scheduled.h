/* A schedule in the hands of a test: what it wants next is asserted, action by
 * action, and what comes of that is told to it. */
#ifndef SCHEDULED_H
#define SCHEDULED_H

#include "dispatch/schedule.h"

struct call {
    int number;
};

/* Some time that a call takes, in ns: a millisecond. */
enum { MS = 1000 * 1000 };

/* The calls that were made, in that order. */
extern struct call scheduled_calls[];

/* A schedule with SLOTS slots for COUNT stages; no calls are made yet. */
struct schedule *scheduled_begin(size_t slots,
                                 const struct schedule_stage *stages,
                                 size_t count);

/* Two slots and a stage of five calls. The first has ended, all others are in
 * the queue of slot 0, where the first of them runs; slot 1 is idle. */
struct schedule *scheduled_lopsided(void);

/* --- The next action --------------------------------------------------- */

/* There is none. */
void expect_none(struct schedule *schedule);

/* There is none, and never will be; then destroy the schedule. */
void expect_finished(struct schedule *schedule);

/* It is of this TYPE, and about STAGE. */
void expect_stage(struct schedule *schedule, enum action_type type,
                  size_t stage);

/* STAGE opens, and has TOTAL calls. */
void expect_open(struct schedule *schedule, size_t stage, uint64_t total);

/* A worker for SLOT is asked for. */
void expect_start(struct schedule *schedule, int slot, bool reused);

/* A worker for SLOT is asked for and born. */
void expect_born(struct schedule *schedule, int slot, bool reused);

/* SLOT's worker is to end. */
void expect_stop(struct schedule *schedule, int slot);

/* The next call of STAGE goes to SLOT. Returns it. */
struct call *expect_expand(struct schedule *schedule, int slot, size_t stage);

/* CALL, which had been taken back, goes to SLOT. */
void expect_send(struct schedule *schedule, int slot, const struct call *call);

/* CALL goes nowhere any more. */
void expect_drop(struct schedule *schedule, const struct call *call);

/* SLOT is to give back up to COUNT calls, and gives TAKEN. */
void expect_recall(struct schedule *schedule, int slot, size_t count,
                   size_t taken);

/* --- Events ------------------------------------------------------------ */

/* The first call of SLOT's queue, which is CALL of STAGE, ends well. */
void end_call(struct schedule *schedule, int slot, size_t stage,
              const struct call *call, uint64_t elapsed_ns);

#endif
