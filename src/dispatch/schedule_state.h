/* The inside of a schedule, for the files that make it up: schedule.c (slots
 * and what they are given), schedule_work.c, schedule_stages.c,
 * schedule_queues.c. */
#ifndef DISPATCH_SCHEDULE_STATE_H
#define DISPATCH_SCHEDULE_STATE_H

#include "dispatch/schedule.h"

enum worker_state {
    WORKER_NONE,
    WORKER_STARTING,
    WORKER_READY,
    WORKER_SPENT, /* has served its call, or is to end; not yet gone */
};

enum stage_state {
    STAGE_WAITING, /* for what it needs */
    STAGE_OPENING, /* ACTION_OPEN was given */
    STAGE_ACTIVE,
    STAGE_EXHAUSTED, /* all calls are made, not all have their outcomes */
    STAGE_COMPLETE,
};

struct slot {
    enum worker_state worker;
    bool reused;
    bool broken;
    bool warm; /* it has had a worker: the next one does not take long */
    bool resting;
    bool choked; /* calls that were sent to it have not even left */
    bool clung;  /* a recall got nothing; not again before a call has ended */
    size_t first;
    size_t queued;
    struct call *queue[SCHEDULE_WINDOW_MAX];
    size_t stages[SCHEDULE_WINDOW_MAX]; /* of the calls in the queue */
};

struct stage {
    enum stage_state state;
    const struct schedule_stage *setting;
    bool failed;
    bool held;
    uint64_t left;      /* calls not yet made; UINT64_MAX: not known */
    uint64_t unsettled; /* calls made that have no outcome */
    uint64_t average_ns;
};

/* A call in line. */
struct waiting {
    struct call *call;
    size_t stage;
};

struct schedule {
    size_t slot_count;
    struct slot *slots;
    size_t stage_count;
    struct stage *stages;
    /* At most one queue's worth per slot comes back before any is sent. */
    struct waiting *line;
    size_t line_first;
    size_t line_count;
    size_t line_capacity;
    size_t cursor; /* the slot that was given something last */
    size_t broken_count;
    size_t limit; /* slots that may have a worker at once */
    bool feeding; /* some stages are fed */
    bool stages_changed;
    bool draining;
};

/* --- schedule_work.c ------------------------------------------------------
 */

/* What a slot could do next: a call in line, or a stage to expand. */
struct work {
    bool found;
    bool in_line;
    size_t stage;
};

/* The first work there is; such for workers of the mode REUSED if ANY_MODE is
 * not set. */
struct work schedule_find_work(const struct schedule *schedule, bool any_mode,
                               bool reused);

/* Whether one more worker would find something to do, in a slot that is WARM
 * (see struct slot) or not. */
bool schedule_wants_worker(const struct schedule *schedule, bool warm);

/* --- schedule_stages.c -----------------------------------------------------
 */

/* The next stage that opens, closes or is skipped. */
struct action schedule_next_stage(struct schedule *schedule);

/* One call of STAGE has been made; when it was the last, the stage is exhausted
 * without asking once more. */
void schedule_count_made(struct schedule *schedule, size_t stage);

/* --- schedule_queues.c -----------------------------------------------------
 */

/* The first call in line leaves it. */
struct waiting schedule_pop_line(struct schedule *schedule);

/* A call joins the end of a slot's queue; the first one leaves it. */
void schedule_push_queue(struct slot *slot, struct waiting waiting);
struct waiting schedule_pop_queue(struct slot *slot);

/* The last COUNT calls of a queue go to the front of the line, in their
 * order. */
void schedule_give_back(struct schedule *schedule, struct slot *slot,
                        size_t count);

#endif
