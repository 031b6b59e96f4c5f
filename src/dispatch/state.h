/* [host] What the files of the dispatch core share: its state. Only dispatch/
 * looks into it. */
#ifndef DISPATCH_STATE_H
#define DISPATCH_STATE_H

#include "dispatch/dispatch.h"
#include "dispatch/printed.h"

/* A slot at work.
 *
 * stage, index    the call whose text is what is printed now: the one that
 *                 runs, or ran last
 * confirmed       sequence of a call that has been seen running for a while
 * seen            at the last tick: sequence of a reused worker's first call,
 *                 id of a forked worker
 * control         the descriptor of the slot that is watched, or -1
 * watched         its worker's channel wakes the host
 * muted           the pipe of printed text is not watched until the next tick
 * paused          its worker is not read: its results would come too early
 * unflushed       calls are in line to be sent to its worker
 * blocked         ... which is slower: its channel is watched for room
 * later_bytes     of those in line, how many come behind the last call
 * futile          workers or keepers lost, since a call last ended
 * retry_ms        when a fork that failed is to be tried again; 0: none
 * garbage         what the worker sent that nobody could read; "": nothing */
struct slot_work {
    struct slot slot;
    struct printed printed;
    int stage;
    uint64_t index;
    uint64_t confirmed;
    uint64_t seen;
    int control;
    bool watched;
    bool muted;
    bool paused;
    bool unflushed;
    bool blocked;
    size_t later_bytes;
    unsigned futile;
    int64_t retry_ms;
    int64_t retrying_since_ms;
    char garbage[256];
};

struct dispatch {
    struct dispatch_setting setting;
    const struct dispatch_client *client;
    struct schedule *schedule;
    struct slot_work *slots;
    size_t slot_count;
    struct call *free_calls;
    struct call *newest_call;
    int events;        /* epoll: everything */
    int worker_events; /* epoll inside it: the workers' channels */
    bool receiving;
    bool showing;
    bool cancelling;
    bool busy;        /* the schedule has more to say */
    int64_t tick_ms;  /* when the last tick was */
    char broken[512]; /* why the last slot broke */
    struct drover_error err;
    int failure; /* negative: the work cannot go on */
};

/* --- dispatch.c ----------------------------------------------------------- */

/* What an event is about; the client's sources come behind. */
enum source {
    SOURCE_WORKERS,
    SOURCE_CONTROL,
    SOURCE_PRINTED,
    SOURCE_WORKER,
    SOURCES
};

/* Be woken by DESCRIPTOR. Returns 0 or a negative errno value. */
int dispatch_watch_in(int epoll, int descriptor, uint32_t events,
                      unsigned source, size_t number);

/* Tell the client something that no call is to blame for. */
void dispatch_notice(const struct dispatch *dispatch, const char *text);

/* The call has its outcome: fills in stage, index, args of OUTCOME, tells
 * client and schedule, gives the call back. */
void dispatch_settle(struct dispatch *dispatch, struct call *call,
                     struct outcome *outcome);

/* --- calls.c: calls, and values passed to them ------------------------ */

void call_free(struct call *call);

/* Queue what has been passed to CALL for SLOT's worker, behind the call. */
int calls_queue_passed(struct dispatch *dispatch, size_t slot,
                       const struct call *call);

/* --- workers.c: slots at work ----------------------------------------- */

int workers_create(struct dispatch *dispatch);
void workers_destroy(struct dispatch *dispatch);
void workers_start(struct dispatch *dispatch, int slot, bool reused);
void workers_send(struct dispatch *dispatch, int slot, struct call *call);
size_t workers_recall(struct dispatch *dispatch, int slot, size_t count);
void workers_flush(struct dispatch *dispatch);

/* Watch a slot that has been opened. */
void workers_adopt(struct dispatch *dispatch, size_t slot);

/* The slot's worker is there. */
void workers_greet(struct dispatch *dispatch, size_t slot);

/* Be woken by what the worker sends; no longer. */
void workers_watch(struct dispatch *dispatch, size_t slot);
void workers_unwatch(struct dispatch *dispatch, size_t slot);

/* The worker of SLOT is gone, as EVENT says; or its maker is. */
void workers_bury(struct dispatch *dispatch, size_t slot,
                  const struct slot_event *event);

/* Whether CALL, which is in SLOT's queue, has been begun for certain. */
bool workers_has_begun(const struct dispatch *dispatch, size_t slot,
                       const struct call *call);

/* The slot cannot make workers any more. */
void workers_break(struct dispatch *dispatch, size_t slot, const char *why);

/* --- inbox.c: what workers send --------------------------------------- */

/* Go on reading a worker whose results would have come too early. */
void inbox_resume(struct dispatch *dispatch, size_t slot);

/* Take results that a reused worker has finished, but not sent. */
void inbox_rescue(struct dispatch *dispatch, size_t slot);

/* Read what a worker has sent. */
void inbox_receive(struct dispatch *dispatch, size_t slot);

/* Read everything that a dead worker sent, or meant to send. */
void inbox_receive_last(struct dispatch *dispatch, size_t slot);

/* --- control.c: what makers of workers say ------------------------------ */

/* Take in what the slot's maker says, or only what it has to say by itself. */
void control_receive(struct dispatch *dispatch, size_t slot);
void control_take(struct dispatch *dispatch, size_t slot);

/* Some time has passed. */
void control_tick(struct dispatch *dispatch, size_t slot, int64_t now_ms);

/* Try forks again whose time has come; how many ms until it has, or -1. */
void control_retry(struct dispatch *dispatch, int64_t now_ms);
int control_until_retry(const struct dispatch *dispatch);

/* --- output.c: what calls print --------------------------------------- */

/* The call has ended: its last incomplete line is a line; OUTCOME gets the
 * last lines. */
void output_finish(struct dispatch *dispatch, size_t slot,
                   struct outcome *outcome);

/* Bytes that the slot's call has printed. */
void output_add(struct dispatch *dispatch, size_t slot, const char *bytes,
                size_t size);

/* Read what is in the pipe: its writer has stopped or is being kept from
 * going on to another call. */
void output_drain(struct dispatch *dispatch, size_t slot);

/* --- live.c: calls while they run ------------------------------------- */

/* The pipe of printed text can be read. */
void live_receive(struct dispatch *dispatch, size_t slot);

/* Some time has passed. */
void live_tick(struct dispatch *dispatch, size_t slot);

#endif
