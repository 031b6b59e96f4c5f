/* [host] What the files of a run share: the run's state. Only run/ looks into
 * it. */
#ifndef RUN_STATE_H
#define RUN_STATE_H

#include "exchange/schedule.h"
#include "job/expansion.h"
#include "run/order.h"
#include "run/printed.h"
#include "run/run.h"
#include "run/sink.h"

/* A call that has been made and has no outcome yet. */
struct call {
    struct call *next;  /* of the free ones */
    struct call *older; /* of all that there are */
    size_t stage;
    uint64_t index;
    uint64_t sequence;
    struct buffer args;
};

/* A stage in the course of the run.
 *
 * made      calls made so far: the next one's index
 * plugin    index of the plugin its task is from; task: index in the plugin
 * gathered  others substitute its results
 * awaiting  its next call hangs on input that is not there yet
 * begun     it was opened, or skipped
 * failed    one of its calls did not succeed
 * results   these, behind room for the list's head */
struct stage_run {
    struct run *run;
    struct expansion *expansion;
    struct order *order;
    uint64_t made;
    size_t plugin;
    size_t task;
    bool printed;
    bool gathered;
    struct buffer results;
    uint64_t result_count;
    bool held;
    bool awaiting;
    bool begun;
    bool failed;
};

/* A slot in the course of the run.
 *
 * stage, index    the call whose text is what is printed now: the one that
 *                 runs, or ran last
 * confirmed       sequence of a call that has been seen running for a while
 * seen            at the last tick: sequence of a reused worker's first call,
 *                 id of a forked worker
 * watched         its worker's channel wakes the host
 * muted           the pipe of printed text is not watched until the next tick
 * loading         which plugin its keeper loads, or loaded last
 * load_limit_ms   when that one must be loaded; 0: the keeper loads none
 * futile          workers or keepers lost, since a call last ended
 * retry_ms        when a fork that failed is to be tried again; 0: none
 * garbage         what the worker sent that nobody could read; "": nothing */
struct slot_run {
    struct slot slot;
    struct printed printed;
    int stage;
    uint64_t index;
    uint64_t confirmed;
    uint64_t seen;
    bool watched;
    bool muted;
    bool paused; /* its worker is not read: its results would come too early */
    bool unflushed; /* calls are in line to be sent to its worker */
    bool blocked;   /* ... which is slower: its channel is watched for room */
    unsigned futile;
    size_t loading;
    int64_t load_limit_ms;
    int64_t retry_ms;
    int64_t retrying_since_ms;
    char garbage[256];
};

struct run {
    const struct run_setting *setting;
    struct run_summary *summary;
    struct schedule *schedule;
    struct schedule_stage *schedule_stages;
    struct stage_run *stages;
    struct drover_value *lists; /* by stage: all results, once complete */
    struct slot_run *slots;
    struct call *free_calls;
    struct call *newest_call;
    struct sink sink;
    int events;        /* epoll: everything */
    int worker_events; /* epoll inside it: the workers' channels */
    int signals;
    bool sink_watched;
    bool notes_watched;
    bool workers_watched;
    bool cancelling;
    bool busy;         /* the schedule has more to say */
    bool writing_last; /* all calls have ended, their results are written */
    unsigned interrupts;
    int64_t tick_ms;  /* when the last tick was */
    char broken[512]; /* why the last slot broke */
    struct drover_error *err;
    int failure; /* negative: the run cannot go on */
};

/* --- state.c ---------------------------------------------------------- */

/* What an event is about, in epoll's data. */
enum source {
    SOURCE_SIGNAL,
    SOURCE_SINK,
    SOURCE_WORKERS,
    SOURCE_CONTROL,
    SOURCE_PRINTED,
    SOURCE_WORKER,
    SOURCE_INPUT
};
uint64_t source_tag(enum source source, size_t slot);

/* Note that the run cannot go on. */
void run_fail(struct run *run, int status, const char *what);

/* --- calls.c: memory for calls ------------------------------------------ */

struct call *calls_take(struct run *run);
void calls_give(struct run *run, struct call *call);

/* Free all calls, those that were not given back, too: a run that cannot go on
 * leaves them where they are. */
void calls_clear(struct run *run);

/* --- stages.c: stages ------------------------------------------------- */

int stages_create(struct run *run);
void stages_destroy(struct run *run);
void stages_open(struct run *run, size_t stage);
void stages_skip(struct run *run, size_t stage);
void stages_close(struct run *run, size_t stage);

/* Tell the observer of calls that a cancelled run has not made. */
void stages_tell_unmade(struct run *run);

/* Make the next call. Returns it, or NULL when there is none or it could not be
 * made; the schedule has been told then. */
struct call *stages_expand(struct run *run, size_t stage);

/* Make the next call only to say that no slot is left to run it. */
void stages_refuse(struct run *run, size_t stage);

/* The call has its outcome: tell the observer, let its place in the order go.
 * Fills in stage, index, args of OUTCOME. The call is given back. */
void stages_settle(struct run *run, struct call *call, struct outcome *outcome);

/* There is something to read for a stage that awaits input. */
void stages_resume(struct run *run, size_t stage);

/* Let the schedule go on with a stage whose results were too far ahead, or
 * hold it. */
void stages_review_hold(struct run *run, size_t stage);

/* --- workers.c: slots at work ----------------------------------------- */

int workers_create(struct run *run);
void workers_destroy(struct run *run);
void workers_start(struct run *run, int slot, bool reused);
void workers_send(struct run *run, int slot, struct call *call);
size_t workers_recall(struct run *run, int slot, size_t count);
void workers_flush(struct run *run);

/* Watch a keeper that has been started. */
void workers_adopt(struct run *run, size_t slot);

/* The slot's worker is there. */
void workers_greet(struct run *run, size_t slot);

/* Be woken by what the worker sends. */
void workers_watch(struct run *run, size_t slot);

/* The worker of SLOT is gone, as EVENT says; or its keeper is. */
void workers_bury(struct run *run, size_t slot, const struct slot_event *event);

/* The slot cannot make workers any more. */
void workers_break(struct run *run, size_t slot, const char *why);

/* --- writing.c: what leaves the run ------------------------------------ */

/* Write what can be written without waiting; be woken when more can. */
void writing_flush(struct run *run);

/* Whether readers are so slow that nothing should be added. */
bool writing_is_held(const struct run *run);

bool writing_has_unwritten(const struct run *run);

/* Whether there is nothing to write, or waking up for it has been seen to. */
bool writing_is_idle(const struct run *run);

/* Wait until more can be written, or a signal has come: returns whether. */
bool writing_wait(struct run *run);

/* Drop what its readers do not take. */
void writing_give_up(struct run *run);

/* --- inbox.c: what workers send --------------------------------------- */

/* Go on reading a worker whose results would have come too early. */
void inbox_resume(struct run *run, size_t slot);

/* Take results that a reused worker has finished, but not sent. */
void inbox_rescue(struct run *run, size_t slot);

/* Read what a worker has sent. */
void inbox_receive(struct run *run, size_t slot);

/* Read everything that a dead worker sent, or meant to send. */
void inbox_receive_last(struct run *run, size_t slot);

/* --- control.c: what keepers say -------------------------------------- */

void control_receive(struct run *run, size_t slot);

/* A keeper has been started, and begins to load plugins. */
void control_begin(struct run *run, size_t slot);

/* Give up a slot whose keeper takes too long to load a plugin. */
void control_tick(struct run *run, size_t slot, int64_t now_ms);

/* Try forks again whose time has come. Returns how many ms until the next. */
int control_retry(struct run *run, int64_t now_ms);

/* --- output.c: what calls print --------------------------------------- */

/* The call has ended: its last incomplete line is a line; OUTCOME gets the
 * last lines. */
void output_finish(struct run *run, size_t slot, struct outcome *outcome);

/* Bytes that the slot's call has printed. */
void output_add(struct run *run, size_t slot, const char *bytes, size_t size);

/* Read what is in the pipe: its writer has stopped or is being kept from
 * going on to another call. */
void output_drain(struct run *run, size_t slot);

/* --- live.c: calls while they run ------------------------------------- */

/* The pipe of printed text can be read. */
void live_receive(struct run *run, size_t slot);

/* Some time has passed. */
void live_tick(struct run *run, size_t slot);

#endif
