/* Channels: two-way connections to one process each.
 *
 * A channel is made together with the process at its other end: by
 * drover_start(), which runs a task function in it, or by drover_create(),
 * which returns in both processes, as fork(2) does. The new process is a copy
 * of the caller; what it changes in its memory the caller does not see. It dies
 * when its parent does.
 *
 * Values are sent and received whole. Sending does not wait for the receiver
 * unless much is under way; while it waits it takes in what the other side
 * sends, so two sides may both send before they receive.
 *
 * A process is made only where no other threads run (a fork copies the calling
 * thread alone, and locks that others hold would stay locked): else -EDEADLK,
 * and the message says how many there are. Standard output and error are
 * flushed before.
 *
 * A program that ignores SIGCHLD, or waits for processes that it has not made,
 * does not learn how they end: what does not return has the outcome
 * DROVER_LOST.
 *
 * The parent's end belongs to the process that made it: in a fork of that its
 * functions fail with -EPERM, and it can only be destroyed.
 *
 * Without a channel (NULL) sending, receiving and waiting fail with -EINVAL.
 *
 * Timeouts are in milliseconds; 0 does not wait, -1 waits for ever. Each
 * function may be used by one thread at a time. */
#ifndef DROVER_CHANNEL_H
#define DROVER_CHANNEL_H

#include <sys/types.h>

#include <drover/call.h>
#include <drover/error.h>
#include <drover/export.h>
#include <drover/outcome.h>
#include <drover/value.h>

#ifdef __cplusplus
extern "C" {
#endif

struct drover_channel;

/* Run TASK in a new process. There, drover_send() and drover_receive() are the
 * other side of the channel, and what the task returns is the last value.
 *
 * context  what drover_call_context() gives there; may be NULL
 * args     a map, or an empty view: none; copied
 *
 * Returns NULL on failure: -EINVAL (ARGS is no map), -EDEADLK (threads),
 * -EAGAIN or -ENOMEM (no more processes: fork(2)), -EMFILE. */
DROVER_PUBLIC struct drover_channel *drover_start(drover_task_fn task,
                                                  void *context,
                                                  struct drover_value args,
                                                  struct drover_error *err);

/* The same with arguments by a format that makes a map: "{s: i}", "i", 5 (see
 * drover_build_pack()); NULL: none. -EINVAL also when they cannot be made. */
DROVER_PUBLIC struct drover_channel *drover_start_pack(drover_task_fn task,
                                                       void *context,
                                                       struct drover_error *err,
                                                       const char *format, ...);

/* Make a process that goes on from here, too. Both get a channel to the other;
 * drover_channel_pid() tells who is who: 0 in the new process, which is to end
 * by drover_exit(). Errors as with drover_start(). */
DROVER_PUBLIC struct drover_channel *drover_create(struct drover_error *err);

/* End the new process of drover_create(): its outcome is DROVER_OK. Ending it
 * in any other way, exit(3) included, is DROVER_EXIT or DROVER_SIGNAL. */
DROVER_PUBLIC void drover_exit(struct drover_channel *channel)
    __attribute__((__noreturn__));

/* End it with the outcome DROVER_ERROR and this message, as drover_fail() does
 * for tasks. */
DROVER_PUBLIC void drover_exit_failed(struct drover_channel *channel,
                                      const char *format, ...)
    DROVER_PRINTF(2, 3) __attribute__((__noreturn__));

/* The process at the other end; 0 when it is our parent, -1 for NULL. */
DROVER_PUBLIC pid_t drover_channel_pid(const struct drover_channel *channel);

/* Send VALUE, which is copied.
 *
 * timeout_ms  of the parent's end; the child's waits for ever
 *
 * Returns 0; -EPIPE when the other side has ended, or this one is closed;
 * -ETIMEDOUT when the other side does not take it in time: then it is under way
 * all the same, and goes on when the channel is used again; -ENOBUFS likewise,
 * when both sides only send: more than 256 MiB have arrived and were not
 * received; -EINVAL (no value), -EMSGSIZE (more than some 250 MiB) or
 * -ENOMEM, with nothing sent. */
DROVER_PUBLIC int drover_channel_send(struct drover_channel *channel,
                                      struct drover_value value, int timeout_ms,
                                      struct drover_error *err);

/* Send a value by a format, see drover_build_pack(); waits for ever. */
DROVER_PUBLIC int drover_channel_send_pack(struct drover_channel *channel,
                                           struct drover_error *err,
                                           const char *format, ...);

/* Receive the next value, borrowed until the next use of the channel.
 *
 * Returns 1 with *VALUE; 0 when no more will come: the other side has ended
 * well, or closed; -ETIMEDOUT; -EREMOTEIO when it ended otherwise, with what
 * happened in ERR (drover_channel_wait() tells all of it). */
DROVER_PUBLIC int drover_channel_receive(struct drover_channel *channel,
                                         struct drover_value *value,
                                         int timeout_ms,
                                         struct drover_error *err);

/* Say that this end sends no more: receiving at the other end returns 0. It can
 * still receive. In the new process of drover_create() sending then fails, too,
 * but the parent does not learn of it before drover_exit(). */
DROVER_PUBLIC void drover_channel_close(struct drover_channel *channel);

/* Wait until the process at the other end has ended; values that it still
 * sends are kept for drover_channel_receive(), which may be used afterwards.
 *
 * outcome  of the process; borrowed until the channel is destroyed; its value
 *          is an empty view. May be NULL
 *
 * Returns 0 whatever the outcome is, -ETIMEDOUT, -ENOBUFS as
 * drover_channel_send(), -EINVAL when that process is our parent. */
DROVER_PUBLIC int drover_channel_wait(struct drover_channel *channel,
                                      struct drover_outcome *outcome,
                                      int timeout_ms, struct drover_error *err);

/* End the channel. In the parent a process that still runs is killed; nothing
 * of it is left when this returns. Takes NULL. Not for channels that an
 * exchange owns. */
DROVER_PUBLIC void drover_channel_destroy(struct drover_channel *channel);

#ifdef __cplusplus
}
#endif

#endif
