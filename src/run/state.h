/* [host] What the files of a run share: the run's state. Only run/ looks into
 * it. */
#ifndef RUN_STATE_H
#define RUN_STATE_H

#include "dispatch/dispatch.h"
#include "job/expansion.h"
#include "run/order.h"
#include "run/run.h"
#include "run/sink.h"

/* A stage in the course of the run.
 *
 * made      calls made so far: the next one's index
 * plugin    index of the plugin its task is from; task: index in the plugin
 * gathered  others substitute its results
 * feed      results of another stage that its calls are made of; NULL: none
 * fed       the first stage that its results feed, `fed_too` the next one that
 *           is fed by the same; NULL: none
 * feeder    the stage that feeds it
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
    struct feed *feed;
    struct stage_run *feeder;
    struct stage_run *fed;
    struct stage_run *fed_too;
    bool held;
    bool awaiting;
    bool begun;
    bool failed;
};

struct run {
    const struct run_setting *setting;
    struct run_summary *summary;
    struct dispatch *dispatch;
    struct schedule *schedule; /* the dispatch's */
    struct schedule_stage *schedule_stages;
    struct stage_run *stages;
    struct drover_value *lists; /* by stage: all results, once complete */
    struct sink sink;
    size_t slot_count;
    int signals;
    bool sink_watched;
    bool notes_watched;
    bool cancelling;
    bool writing_last; /* all calls have ended, their results are written */
    unsigned interrupts;
};

/* What happens besides the work of calls: sources of dispatch_watch(). */
enum run_source { RUN_SIGNAL, RUN_WRITING, RUN_INPUT };

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

/* --- stages.c: stages ------------------------------------------------- */

int stages_create(struct run *run);
void stages_destroy(struct run *run);

/* Tell the observer of calls that a cancelled run has not made. */
void stages_tell_unmade(struct run *run);

/* There is something to read for a stage that awaits input. */
void stages_resume(struct run *run, size_t stage);

/* --- feeding.c: results that go on to calls of other stages ------------- */

/* Set up who feeds whom. Returns 0 or -ENOMEM. */
int feeding_create(struct run *run);

/* How many slots the run may use: beside those whose workers work there are
 * some for calls that are kept waiting until what they send can be taken. */
size_t feeding_slots(const struct run *run);

/* A result of STAGE, for those that it feeds. Returns 0 or -ENOMEM. */
int feeding_add(struct run *run, const struct stage_run *stage,
                struct drover_value value);

/* STAGE is complete, or was skipped: what it feeds gets no more. */
void feeding_end(struct run *run, const struct stage_run *stage);

/* STAGE, which is fed, will take no more; else nothing happens. */
void feeding_close(struct run *run, struct stage_run *stage);

/* No more calls will be made of anything. */
void feeding_stop(struct run *run);

/* STAGE has been opened, or has made a call: tell the schedule how many calls
 * it has as yet. Nothing happens unless it is fed. */
void feeding_supply(struct run *run, struct stage_run *stage);

/* Whether STAGE feeds one that has enough for now. */
bool feeding_is_full(const struct stage_run *stage);

/* --- stages.c again ------------------------------------------------------ */

/* Let the schedule go on with a stage, or hold it. */
void stages_review_hold(struct run *run, size_t stage);

/* What the dispatch asks of its client; CONTEXT is the run. */
void stages_open(void *context, size_t stage);
void stages_skip(void *context, size_t stage);
void stages_close(void *context, size_t stage);
struct call *stages_expand(void *context, size_t stage);
void stages_refuse(void *context, size_t stage, const char *why);
void stages_take_result(void *context, struct call *call,
                        struct drover_value value, bool ahead);
void stages_settle(void *context, struct call *call,
                   const struct outcome *outcome);
bool stages_must_wait(void *context, const struct call *call, uint64_t *first);

#endif
