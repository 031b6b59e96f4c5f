/* [host] The dispatch core: calls go to workers, what these send comes back,
 * and each call gets its outcome, whatever becomes of its worker. Who uses it
 * is its client: a run of a job (run/), an exchange of a program (exchange/).
 *
 * The client makes calls when it is asked to, and is told what becomes of them.
 * It calls dispatch_advance() to have done what can be done at once, and
 * dispatch_turn() to wait until there is more. */
#ifndef DISPATCH_DISPATCH_H
#define DISPATCH_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/error.h>
#include <drover/value.h>

#include "base/buffer.h"
#include "dispatch/outcome.h"
#include "dispatch/schedule.h"
#include "dispatch/slot.h"

/* Whom a printed line or a log entry belongs to when it is no call's. */
enum { DISPATCH_NO_STAGE = -1 };

/* A call that has been made and has no outcome yet.
 *
 * plugin, task  what it calls, in the terms of its worker
 * sequence      its number on the way to its worker; 0: not on the way
 * results       values that came of it so far
 * losses        workers that died before they had all of it
 * used          it was taken, and not given back
 * passed        values for the call, while it may have to be sent again;
 *               passed_bytes: how much they are on the way
 * client        the client's own */
struct call {
    struct call *next;
    struct call *older; /* of all that there are */
    size_t stage;
    uint64_t index;
    uint64_t plugin;
    uint64_t task;
    uint64_t sequence;
    uint64_t results;
    unsigned losses;
    bool used;
    struct buffer args;
    struct passed *passed;
    size_t passed_bytes;
    void *client;
};

/* Whom a dispatch serves. CONTEXT goes to all functions; what they are given is
 * borrowed during the call. Those marked * may be NULL.
 *
 * open*      begin with a stage: answer schedule_opened() or _failed()
 * skip*      a stage cannot run: what it needs has failed
 * close*     a stage is complete
 * expand     make the stage's next call: take one by dispatch_take_call(), fill
 *            in index, plugin, task and args, and return it; or NULL, having
 *            told the schedule why there is none
 * refuse     the same when there is no slot to run it, with why not: give it
 *            its outcome and tell the schedule
 * result     a value that the call has sent ahead, or returned
 * ended      the call has its outcome; it is given back afterwards
 * wait_for*  whether results of the call had better come later, as those of
 *            another one, *FIRST of the same stage, must come before; or, when
 *            that is the call itself, as calls of another stage must
 * printed*   a line that a call printed, without its newline
 * logged*    what a call said by drover_log()
 * noticed*   something that no call is to blame for, a sentence
 * happened*  there is something about a descriptor of dispatch_watch() */
struct dispatch_client {
    void *context;
    void (*open)(void *context, size_t stage);
    void (*skip)(void *context, size_t stage);
    void (*close)(void *context, size_t stage);
    struct call *(*expand)(void *context, size_t stage);
    void (*refuse)(void *context, size_t stage, const char *why);
    void (*result)(void *context, struct call *call, struct drover_value value,
                   bool ahead);
    void (*ended)(void *context, struct call *call,
                  const struct outcome *outcome);
    bool (*wait_for)(void *context, const struct call *call, uint64_t *first);
    void (*printed)(void *context, int stage, uint64_t index, const char *line,
                    size_t size);
    void (*logged)(void *context, int stage, uint64_t index, unsigned level,
                   const char *text, size_t size);
    void (*noticed)(void *context, const char *text);
    void (*happened)(void *context, unsigned source, size_t number);
};

/* slots     how many, 1 or more; each is opened when it is first needed
 * maker     of their workers, and its material
 * watchful  read what forked workers send at once, not only when they have
 *           ended or take long
 * bound     a worker is the process of its call, and has begun it when it is
 *           born: the call is never given to another one */
struct dispatch_setting {
    size_t slots;
    const struct slot_maker *maker;
    const void *material;
    const struct schedule_stage *stages;
    size_t stage_count;
    bool watchful;
    bool bound;
    struct dispatch_client client;
};

struct dispatch;

/* SETTING is copied, what it points to is borrowed. Returns NULL with ERR:
 * -ENOMEM, or a descriptor was not to be had. */
struct dispatch *dispatch_create(const struct dispatch_setting *setting,
                                 struct drover_error *err);

/* Close all slots; waits for their processes. */
void dispatch_destroy(struct dispatch *dispatch);

/* [forked child] Close what it has open without touching its processes, which
 * are not ours. It can only be destroyed then. */
void dispatch_abandon(struct dispatch *dispatch);

/* Slot I becomes SLOT, which is open and is taken. */
void dispatch_adopt(struct dispatch *dispatch, size_t i, struct slot *slot);

struct slot *dispatch_slot(struct dispatch *dispatch, size_t i);
struct schedule *dispatch_schedule(struct dispatch *dispatch);

/* Can be read when dispatch_turn() has something to do. */
int dispatch_descriptor(const struct dispatch *dispatch);

/* Do what the schedule says, without waiting. Returns whether it has more to
 * say: it is interrupted now and then so that events get their turn. */
bool dispatch_advance(struct dispatch *dispatch);

/* Wait for events, but not longer than MOST_MS (-1: for ever), and take them
 * in. */
void dispatch_turn(struct dispatch *dispatch, int most_ms);

/* Read what workers send, or let them wait. */
void dispatch_receive(struct dispatch *dispatch, bool on);

/* Read what calls print, or let them wait: a program that prints more than a
 * pipe holds stops. */
void dispatch_show(struct dispatch *dispatch, bool on);

/* Have client.happened() told, with SOURCE and NUMBER, when DESCRIPTOR is ready
 * for EVENTS (of epoll). */
int dispatch_watch(struct dispatch *dispatch, int descriptor, uint32_t events,
                   unsigned source, size_t number);
void dispatch_unwatch(struct dispatch *dispatch, int descriptor);

/* Send VALUE to CALL, with it if it has still to be sent; an empty view says
 * that no more will come. Returns 0, -ENOMEM, or -EMSGSIZE when VALUE is too
 * large, or with what has not left yet. */
int dispatch_pass(struct dispatch *dispatch, struct call *call,
                  struct drover_value value);

/* The call of the first stage with that index, if it has no outcome yet, or
 * NULL. */
struct call *dispatch_find_call(const struct dispatch *dispatch,
                                uint64_t index);

/* Call FORGET for each call that has no outcome, for what the client has added
 * to them: they will have none. */
void dispatch_forget_calls(struct dispatch *dispatch,
                           void (*forget)(struct call *call));

/* How many slots have calls, and whether there are workers, idle or not. */
size_t dispatch_count_busy(const struct dispatch *dispatch);
bool dispatch_has_workers(const struct dispatch *dispatch);

/* How many bytes for the call's worker have not left yet. */
size_t dispatch_unsent(const struct dispatch *dispatch,
                       const struct call *call);

/* Take back what does not run, and kill what does: it is cancelled. */
void dispatch_cancel(struct dispatch *dispatch);

/* Let idle workers end in good order, until DEADLINE_MS at the latest. */
void dispatch_say_farewell(struct dispatch *dispatch, int64_t deadline_ms);

/* Close all slots; waits for their processes. There can be no more calls. */
void dispatch_dismiss(struct dispatch *dispatch);

/* Memory for a call, with empty arguments; NULL when there is none, and the
 * dispatch has failed. Giving it back, unless it is given to an outcome. */
struct call *dispatch_take_call(struct dispatch *dispatch);
void dispatch_give_call(struct dispatch *dispatch, struct call *call);

/* Note that the work cannot go on; the first time counts. */
void dispatch_fail(struct dispatch *dispatch, int status, const char *what);

/* The same with a sentence that needs no more words. */
void dispatch_halt(struct dispatch *dispatch, const struct drover_error *err);

/* 0, or the negative errno with which it failed, and its message in ERR. */
int dispatch_failure(const struct dispatch *dispatch, struct drover_error *err);

#endif
