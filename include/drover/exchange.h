/* Exchanges: calling tasks in processes of their own, many at a time.
 *
 * An exchange runs up to `limit` calls at once, each in a process; calls
 * started beyond that wait in line. Its outcomes are taken one by one:
 *
 *     struct drover_exchange *queue = drover_queue_create(NULL, &err);
 *     struct drover_managed square = drover_manage(queue, square_task, NULL);
 *     struct drover_outcome outcome;
 *
 *     for (int i = 0; i < 1000; i++)
 *         drover_managed_call(&square, "{s: i}", "i", i);
 *     while (drover_exchange_next(queue, &outcome, -1, &err) > 0)
 *         ...
 *     drover_exchange_destroy(queue);
 *
 * A queue gives outcomes in order of arrival and forgets them; a map gives them
 * in the order of the calls and keeps them until it is destroyed. Every call
 * has exactly one outcome, whatever becomes of its process.
 *
 * Nothing goes on behind the caller's back: waiting calls are begun and
 * outcomes are received only in functions of the exchange. Processes are made
 * as drover_start() makes them, under the same conditions (see
 * <drover/channel.h>): when fork(2) fails for want of processes or memory the
 * calls wait and it is tried again.
 *
 * A task may use exchanges of its own; their processes end with it. The
 * processes of all exchanges without a limit of their own share one budget, the
 * cores that drover_cores() counts; each such exchange can always run one call.
 *
 * Without an exchange (NULL) these functions fail with -EINVAL, so that only
 * the end of a program need look at errors.
 *
 * An exchange belongs to the process that made it: in a fork of that its
 * functions fail with -EPERM, and it can only be destroyed. It may be used by
 * one thread at a time. Timeouts are in milliseconds; 0 does not wait, -1 waits
 * for ever. */
#ifndef DROVER_EXCHANGE_H
#define DROVER_EXCHANGE_H

#include <drover/call.h>
#include <drover/channel.h>
#include <drover/error.h>
#include <drover/export.h>
#include <drover/outcome.h>
#include <drover/plugin.h>
#include <drover/value.h>

#ifdef __cplusplus
extern "C" {
#endif

struct drover_exchange;

/* Takes an outcome, borrowed during the call. CONTEXT is store_context. It may
 * start calls and send values, but take no outcomes, nor wait for them: in a
 * function that waits it would be called again. It must not destroy the
 * exchange. */
typedef void (*drover_store_fn)(struct drover_exchange *exchange,
                                const struct drover_outcome *outcome,
                                void *context);

/* All may be 0.
 *
 * limit          calls and added channels at once, 1..1024; 0: as many as the
 *                budget of cores has left, and at least one
 * reuse          a process serves many calls. It remembers what earlier ones
 *                left in its memory, and sees the caller's memory as it was
 *                when the process was made. All calls must then have the same
 *                task and context
 * continuous     values that a call sends are given as they come, and its
 *                outcome after them. Otherwise each call gives one outcome; if
 *                it has sent values, its value is the list of them, the
 *                returned one last; more than 256 MiB of them fail the call
 * keep_channels  added channels that have ended stay the caller's, instead of
 *                being destroyed
 * seed           of the calls' random numbers, see drover_call_random()
 * store          takes every outcome, from within functions that wait: none is
 *                left for drover_exchange_next() */
struct drover_exchange_options {
    unsigned limit;
    bool reuse;
    bool continuous;
    bool keep_channels;
    uint64_t seed;
    drover_store_fn store;
    void *store_context;
};

/* Make a queue, or a map. OPTIONS is copied; NULL: all 0. Returns NULL on
 * failure: -EINVAL (limit), -ENOMEM, -EMFILE. */
DROVER_PUBLIC struct drover_exchange *
drover_queue_create(const struct drover_exchange_options *options,
                    struct drover_error *err);
DROVER_PUBLIC struct drover_exchange *
drover_map_create(const struct drover_exchange_options *options,
                  struct drover_error *err);

/* Kill what still runs, and end the exchange with all that it owns. Takes
 * NULL. */
DROVER_PUBLIC void drover_exchange_destroy(struct drover_exchange *exchange);

/* --- Starting calls ----------------------------------------------------- */

/* Call TASK, now or when there is room.
 *
 * context  what drover_call_context() gives in the call; may be NULL. It must
 *          stay as it is until the call has begun
 * args     a map, or an empty view: none; copied
 *
 * Returns the call's index; -ENOMEM, and then drover_exchange_next() says so,
 * too; or -EPERM. A call that cannot be made (ARGS is no map, another task in
 * an exchange that reuses processes, threads) has an outcome that says so, as
 * any other. So in most programs the return value need not be looked at. */
DROVER_PUBLIC int64_t drover_exchange_start(struct drover_exchange *exchange,
                                            drover_task_fn task, void *context,
                                            struct drover_value args);

/* Call TASK once for each element of the list VALUES, as the argument NAME; the
 * indexes follow each other. Returns the first one, or -EINVAL (no list, or a
 * NAME that is no UTF-8), -ENOMEM (those started before stay), -EPERM. */
DROVER_PUBLIC int64_t drover_exchange_start_each(
    struct drover_exchange *exchange, drover_task_fn task, void *context,
    const char *name, struct drover_value values);

/* A task bound to an exchange, to be called like a function. A value: copy it
 * as you like. */
struct drover_managed {
    struct drover_exchange *exchange;
    drover_task_fn task;
    void *context;
    const struct drover_task *declared;
};

DROVER_PUBLIC struct drover_managed
drover_manage(struct drover_exchange *exchange, drover_task_fn task,
              void *context);

/* The same for a task with a declaration, as plugins have: arguments are
 * checked against it and defaults filled in. A call with wrong arguments has
 * the outcome DROVER_ERROR. TASK must stay as it is. */
DROVER_PUBLIC struct drover_managed
drover_manage_declared(struct drover_exchange *exchange,
                       const struct drover_task *task, void *context);

/* Call it, with arguments by a format that makes a map: "{s: i}", "i", 5 (see
 * drover_build_pack()); NULL: none. Returns as drover_exchange_start(). */
DROVER_PUBLIC int64_t drover_managed_call(const struct drover_managed *managed,
                                          const char *format, ...);

/* Send VALUE to call INDEX, for its drover_receive(); kept for it when it has
 * not begun yet. An empty view says that no more will come. For added channels
 * there are drover_channel_send() and drover_channel_close().
 *
 * Returns 0, -ENOENT when the call has ended or never was, -EINVAL (no value),
 * -EMSGSIZE when it is more than some 250 MiB, or with what the call has not
 * taken in yet more than twice that; -ENOMEM, -EPERM. */
DROVER_PUBLIC int drover_exchange_send(struct drover_exchange *exchange,
                                       uint64_t index,
                                       struct drover_value value);

/* --- Taking outcomes ---------------------------------------------------- */

/* Take the next outcome, in the exchange's order. It is valid until the next
 * use of a queue, or the end of a map.
 *
 * Returns 1; 0 when all calls that were started have been taken; -ETIMEDOUT;
 * another negative errno value when the exchange cannot go on. */
DROVER_PUBLIC int drover_exchange_next(struct drover_exchange *exchange,
                                       struct drover_outcome *outcome,
                                       int timeout_ms,
                                       struct drover_error *err);

/* The outcome of call INDEX of a map, waiting for it. It can be asked for any
 * number of times. Returns 0, -ENOENT (no such call), -EINVAL (a queue, or a
 * store callback has it), -ETIMEDOUT, or another errno as above. */
DROVER_PUBLIC int drover_exchange_get(struct drover_exchange *exchange,
                                      uint64_t index,
                                      struct drover_outcome *outcome,
                                      int timeout_ms, struct drover_error *err);

/* How many calls there are: of a map all, of a queue those that were not
 * taken. */
DROVER_PUBLIC size_t
drover_exchange_length(const struct drover_exchange *exchange);

/* Call TASK for each element of the list VALUES, as the argument NAME, at most
 * LIMIT at a time (0: as in drover_exchange_options), and add the list of the
 * results, in order, to RESULTS.
 *
 * Returns 0; -EREMOTEIO when calls failed, with their number and the first of
 * them in ERR, and nothing added; -EINVAL, -ENOMEM. */
DROVER_PUBLIC int drover_pmap(drover_task_fn task, void *context,
                              const char *name, struct drover_value values,
                              unsigned limit, struct drover_builder *results,
                              struct drover_error *err);

/* --- The exchange's loop ------------------------------------------------ */

/* Have the exchange look after CHANNEL, too, made by drover_start() or
 * drover_create(): its values and its outcome are given as those of a
 * continuous call, with `channel` set, whose index is its own among the
 * exchange's calls. The exchange owns it until it is removed or has ended; till
 * then drover_channel_receive() gives nothing, but values can still be sent by
 * drover_channel_send(). drover_exchange_add() does so at once, whatever the
 * limit; drover_exchange_add_wait() first waits until the exchange is not busy.
 *
 * Returns the index; -EINVAL when CHANNEL has an owner, is a child's end, or
 * has ended and was received to its end; -ETIMEDOUT, -ENOMEM. */
DROVER_PUBLIC int64_t drover_exchange_add(struct drover_exchange *exchange,
                                          struct drover_channel *channel,
                                          struct drover_error *err);
DROVER_PUBLIC int64_t drover_exchange_add_wait(struct drover_exchange *exchange,
                                               struct drover_channel *channel,
                                               int timeout_ms,
                                               struct drover_error *err);

/* Give CHANNEL back to the caller; what it sends from now on is for
 * drover_channel_receive(). Returns 0, -ENOENT or -EPERM. */
DROVER_PUBLIC int drover_exchange_remove(struct drover_exchange *exchange,
                                         struct drover_channel *channel);

/* Wait until the exchange is not busy, then make a process as drover_create()
 * does and add its channel. In the new process the exchange is of no use.
 * Returns NULL on failure, as drover_create(). */
DROVER_PUBLIC struct drover_channel *
drover_exchange_create_process(struct drover_exchange *exchange,
                               struct drover_error *err);

/* How many calls and added channels have processes at work. */
DROVER_PUBLIC size_t
drover_exchange_active(const struct drover_exchange *exchange);

/* Whether the limit is reached: a call started now would wait. */
DROVER_PUBLIC bool drover_exchange_busy(const struct drover_exchange *exchange);

/* Whether calls or added channels have not ended, or not been taken. */
DROVER_PUBLIC bool
drover_exchange_unfinished(const struct drover_exchange *exchange);

/* Wait until there is something to take. Returns how many outcomes and values
 * can be taken without waiting, 0 after the timeout or when none will come;
 * negative when the exchange cannot go on. */
DROVER_PUBLIC int64_t drover_exchange_ready(struct drover_exchange *exchange,
                                            int timeout_ms,
                                            struct drover_error *err);

/* Wait until the exchange is not busy. Returns 0, -ETIMEDOUT, or another
 * negative errno when it cannot go on. */
DROVER_PUBLIC int drover_exchange_wait(struct drover_exchange *exchange,
                                       int timeout_ms,
                                       struct drover_error *err);

/* Wait until something arrives, and hand all there is to the store callback;
 * without one it is kept for drover_exchange_next(). Returns as
 * drover_exchange_ready(), counting what was stored. */
DROVER_PUBLIC int64_t drover_exchange_store(struct drover_exchange *exchange,
                                            int timeout_ms,
                                            struct drover_error *err);

/* Wait until all has ended, handing it to the store callback. Returns 0 or a
 * negative errno when the exchange cannot go on. */
DROVER_PUBLIC int drover_exchange_finish(struct drover_exchange *exchange,
                                         struct drover_error *err);

/* --- This machine, this process ------------------------------------------ */

/* The cores that this process may really use: the smallest of its affinity
 * mask, its control group's quota, and SLURM_CPUS_PER_TASK; at least 1. */
DROVER_PUBLIC unsigned drover_cores(void);

/* Wait until no call of this process's exchanges runs or waits any more, and no
 * process at the other end of its channels runs; what they send is kept.
 * Returns 0 or -ETIMEDOUT. */
DROVER_PUBLIC int drover_wait_all(int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
