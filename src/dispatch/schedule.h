/* Which call goes where: a pure state machine. Events are told by functions,
 * schedule_next() then says what to do, one action at a time. No system calls,
 * no clocks, no processes: what is given the same events says the same actions.
 *
 * A slot has one worker at a time. Calls that were sent stand in the slot's
 * queue, in the order in which the worker takes them; the first is the one it
 * runs. Calls that come back without having been started stand in line, before
 * all others.
 */
#ifndef DISPATCH_SCHEDULE_H
#define DISPATCH_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule;
struct call; /* the caller's; passed around, never looked into */

enum {
    SCHEDULE_WINDOW_MAX = 256, /* calls in one slot's queue */
    SCHEDULE_NOBODY = -1,      /* a slot: none is left */
};

/* needs   indexes of stages that must complete, without a failed call, before
 *         this one opens; borrowed for the life of the schedule
 * reused  whether calls share workers
 * fed     its calls come from elsewhere, such as another stage, while it runs,
 *         as schedule_supply() says: it ends only when it is said to be
 *         exhausted */
struct schedule_stage {
    const size_t *needs;
    size_t needs_count;
    bool reused;
    bool fed;
};

/* slots  1 or more */
struct schedule *schedule_create(size_t slots,
                                 const struct schedule_stage *stages,
                                 size_t stage_count);
void schedule_destroy(struct schedule *schedule);

enum action_type {
    ACTION_NONE,   /* nothing until the next event */
    ACTION_OPEN,   /* begin with STAGE: answer schedule_opened() or _failed() */
    ACTION_SKIP,   /* STAGE cannot run: what it needs has failed */
    ACTION_CLOSE,  /* STAGE is complete */
    ACTION_START,  /* make a worker, `reused` or not, for SLOT: answer
                      schedule_born(), or schedule_gone() */
    ACTION_STOP,   /* let SLOT's idle worker end: answer schedule_gone() */
    ACTION_EXPAND, /* send STAGE's next call to SLOT: answer
                      schedule_expanded(), _known(), _unmade() or
                      _exhausted(). With
                      SLOT == SCHEDULE_NOBODY there is no slot to run it:
                      answer _unmade() or _exhausted() */
    ACTION_SEND,   /* send CALL, which has come back, to SLOT */
    ACTION_DROP, /* CALL has come back and will not be run: no slot is left, or
                    the schedule drains */
    ACTION_RECALL, /* take back up to COUNT calls from the end of SLOT's queue:
                      answer schedule_recalled() */
};

struct action {
    enum action_type type;
    int slot;
    size_t stage;
    size_t count;
    bool reused;
    struct call *call;
};

/* What to do now. Perform it and give its answer before asking again. */
struct action schedule_next(struct schedule *schedule);

/* Answers to ACTION_OPEN. total: how many calls the stage has, UINT64_MAX when
 * that is not known; of a stage that is fed: how many it has as yet. */
void schedule_opened(struct schedule *schedule, size_t stage, uint64_t total);
void schedule_failed(struct schedule *schedule, size_t stage);

/* Answers to ACTION_EXPAND: CALL has been sent; or the outcome of the next call
 * is known, and was a success; or it could not even be made and has its
 * outcome, or that is known and was none; or there are no more. */
void schedule_expanded(struct schedule *schedule, int slot, size_t stage,
                       struct call *call);
void schedule_known(struct schedule *schedule, size_t stage);
void schedule_unmade(struct schedule *schedule, size_t stage);
void schedule_exhausted(struct schedule *schedule, size_t stage);

/* The answer to ACTION_RECALL: so many calls have been taken back. */
void schedule_recalled(struct schedule *schedule, int slot, size_t count);

/* The worker that was asked for is there. */
void schedule_born(struct schedule *schedule, int slot);

/* The first call of SLOT's queue has ended. Returns it. */
struct call *schedule_ended(struct schedule *schedule, int slot,
                            uint64_t elapsed_ns);

/* A call of STAGE has its outcome. */
void schedule_settled(struct schedule *schedule, size_t stage, bool succeeded);

/* SLOT's worker is gone, expected or not, or could not be made. started: the
 * first call of its queue had been started. Returns that call, which will not
 * be tried again, or NULL; all others go back in line. */
struct call *schedule_gone(struct schedule *schedule, int slot, bool started);

/* SLOT will never have a worker again. Its last one must be gone. */
void schedule_broken(struct schedule *schedule, int slot);

/* Hold STAGE back: make no more of its calls, until told otherwise. */
void schedule_hold(struct schedule *schedule, size_t stage, bool held);

/* STAGE, which is fed, has LEFT calls that can be made now, beside the one that
 * was asked for; UINT64_MAX: some, perhaps. To be told whenever one is made or
 * more have come. schedule_exhausted() when there will be no more, asked or
 * not. */
void schedule_supply(struct schedule *schedule, size_t stage, uint64_t left);

/* SLOT's worker waits, by our will, until there is room for what it sends: it
 * is not one of those that schedule_limit() speaks of, and keeps its calls. */
void schedule_rest(struct schedule *schedule, int slot, bool resting);

/* Whether some slot but SLOT, which may be put to rest, has a worker that is
 * not, or could have one. */
bool schedule_has_other(const struct schedule *schedule, int slot);

/* SLOT takes calls slower than they are sent: send no more, until told
 * otherwise or its worker is gone, as long as it has any. */
void schedule_choke(struct schedule *schedule, int slot, bool choked);

/* Start nothing any more; take back what is not running. */
void schedule_drain(struct schedule *schedule);
bool schedule_is_draining(const struct schedule *schedule);

/* Have workers in no more than COUNT slots at once, beside those that rest;
 * those beyond end when they have no calls. At first all slots may have one. */
void schedule_limit(struct schedule *schedule, size_t count);

/* Whether all stages are complete, or, when draining, nothing runs. */
bool schedule_is_finished(const struct schedule *schedule);

/* How many calls there are to give out, at most LIMIT. */
uint64_t schedule_work(const struct schedule *schedule, uint64_t limit);

/* Calls in SLOT's queue; call I of it, from the front. */
size_t schedule_queued(const struct schedule *schedule, int slot);
struct call *schedule_queued_call(const struct schedule *schedule, int slot,
                                  size_t i);

#endif
