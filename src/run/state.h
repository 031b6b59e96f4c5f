/* [host] What the files of a run share: the run's state. Only run/ looks into
 * it. */
#ifndef RUN_STATE_H
#define RUN_STATE_H

#include "dispatch/dispatch.h"
#include "job/expansion.h"
#include "run/order.h"
#include "run/recording.h"
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

/* returned  what the call that is about to end has returned, or an empty view
 */
struct run {
    const struct run_setting *setting;
    struct run_summary *summary;
    struct dispatch *dispatch;
    struct schedule *schedule; /* the dispatch's */
    struct schedule_stage *schedule_stages;
    struct stage_run *stages;
    struct drover_value *lists; /* by stage: all results, once complete */
    struct sink sink;
    struct recording recording;
    struct drover_value returned;
    size_t slot_count;
    int signals;
    bool sink_watched;
    bool notes_watched;
    bool cancelling;
    bool writing_last; /* all calls have ended, their results are written */
    bool waiting;      /* ... and collectors are waited for */
    unsigned interrupts;
};

/* What happens besides the work of calls: sources of dispatch_watch(). */
enum run_source { RUN_SIGNAL, RUN_WRITING, RUN_INPUT, RUN_SERVING };

/* --- run.c -----------------------------------------------------------------
 */

/* Tell the observer something that no call is to blame for, and the record. */
void run_notice(struct run *run, const char *text);

/* Make no more calls, and kill those that run; when all have ended, do not wait
 * for collectors any longer. CONTEXT is the run. */
void run_cancel(void *context);

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

/* --- recording.c: what goes into the store; nothing happens without one ----
 */

/* Serve, if the run is to be served. Returns 0 or an error. */
int recording_open(struct run *run, struct drover_error *err);
void recording_close(struct run *run);

/* Whether results are collected from an address, not printed. */
bool recording_is_served(const struct run *run);

struct call_key recording_key(const struct run *run, const struct call *call);

/* CALL has sent a value ahead. Returns the item that it is to collectors; 0:
 * none; RECORDING_DELIVERED: one that they have already. */
uint64_t recording_add_value(struct run *run, struct call *call,
                             struct drover_value value);

/* CALL has its outcome, and run->returned is what it has returned. Returns the
 * item of that. */
uint64_t recording_end(struct run *run, struct call *call,
                       const struct outcome *outcome);

/* A call could not even be made, or a stage not begun. */
void recording_unmade(struct run *run, const struct outcome *outcome);

/* ITEM was given to the sink, as the last. Returns 0 or -ENOMEM. */
int recording_printed(struct run *run, uint64_t item);

/* Something that people may want to know later. */
void recording_notice(struct run *run, const char *text);

/* In every turn: acknowledge what is written, commit what is due. */
void recording_turn(struct run *run);
void recording_commit(struct run *run);

/* Collectors have sent something, or time has passed. */
void recording_serve(struct run *run);

/* What to wait for beside that, -1: nothing; and whether collectors may still
 * come for what the run has given. */
int recording_descriptor(const struct run *run);
bool recording_is_wanted(const struct run *run);

/* How long to wait at most before the next turn; -1: for ever. */
int recording_patience_ms(const struct run *run);

/* The run has ended, and what it printed is written. Returns 0 or the error of
 * the store. */
int recording_finish(struct run *run, struct drover_error *err);

/* --- known.c: calls of a resumed run ---------------------------------- */

/* What is to be done with a call: it is new; it was run and is to be run again,
 * or its outcome stands; or the store cannot be read. */
enum known { KNOWN_NEW, KNOWN_RETRY, KNOWN_DONE, KNOWN_UNREADABLE };

/* FOUND is filled for KNOWN_RETRY and KNOWN_DONE. */
enum known known_look(struct run *run, const struct call *call,
                      struct record_found *found, struct drover_error *err);

/* Take the outcome and the values of a call that is done. Returns 0 or an
 * error. */
int known_adopt(struct run *run, const struct call *call,
                const struct record_found *found, struct drover_error *err);

/* Prepare a call that is run again. Returns 0 or an error. */
int known_retry(struct run *run, struct call *call,
                const struct record_found *found, struct drover_error *err);

/* --- stages.c: stages ------------------------------------------------- */

int stages_create(struct run *run);
void stages_destroy(struct run *run);

/* Tell the observer of calls that a cancelled run has not made. */
void stages_tell_unmade(struct run *run);

/* Let the schedule go on with a stage, or hold it. */
void stages_review_hold(struct run *run, size_t stage);

/* A stage as a whole (CALLS is 0), or a call of it that could not be made, has
 * failed. */
void stages_tell_failure(struct run *run, size_t stage, uint64_t calls,
                         enum drover_cause cause, const char *text);

/* Say in ERR why results of STAGE cannot be kept: order_add() or order_end()
 * has failed with STATUS. Returns that. */
int stages_explain(const struct run *run, size_t stage, int status,
                   struct drover_error *err);

/* What the dispatch asks of its client; CONTEXT is the run. */
void stages_open(void *context, size_t stage);
void stages_skip(void *context, size_t stage);
void stages_close(void *context, size_t stage);

/* --- calls.c: calls of stages -------------------------------------------- */

/* There is something to read for a stage that awaits input. */
void calls_resume(struct run *run, size_t stage);

/* What the dispatch asks of its client; CONTEXT is the run. */
struct call *calls_expand(void *context, size_t stage);
void calls_refuse(void *context, size_t stage, const char *why);
void calls_take_result(void *context, struct call *call,
                       struct drover_value value, bool ahead);
void calls_settle(void *context, struct call *call,
                  const struct outcome *outcome);
bool calls_must_wait(void *context, const struct call *call, uint64_t *first);

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

#endif
