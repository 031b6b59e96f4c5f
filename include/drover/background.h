/* Background calls: calls that outlive whoever started them, reached at an
 * address.
 *
 *     struct drover_background sum = { .address = "sum.socket",
 *                                      .task = sum_task };
 *     drover_background_start_pack(&sum, &err, "{s: i}", "n", 1000);
 *
 * starts a background process and returns as soon as it serves the address; the
 * program may end then. It, or any other one, collects later:
 *
 *     drover_collector_connect(collector, "sum.socket", &err);
 *
 * and on as <drover/collect.h> says. The task runs in a process of its own, a
 * child of the background process, which records what the task sends and
 * returns, and how it ends, before anybody is given it: whatever crashes, what
 * was recorded can be collected, if need be without a background process.
 *
 * The address is the path of a socket; beside it is a file `.NAME.lock`. The
 * record, the store, is a folder of its own below $XDG_STATE_HOME/drover or
 * ~/.local/state/drover. When all is collected and acknowledged the background
 * process ends and takes the socket and the file along. SIGTERM cancels the
 * call and ends it at once.
 *
 * When the store cannot be written to any more, because the disk is full, the
 * background process ends the call, too, and its log says why. Collectors are
 * then given what was recorded, and told that the run ended before its time.
 *
 * Both processes are forks of the caller, under the same conditions as those of
 * drover_start() (see <drover/channel.h>), but they do not die with it. They
 * are in a session of their own, without terminal. Standard input is empty,
 * standard output and error go to the file `log` in the store's folder.
 * Channels, exchanges and collectors of the caller are not theirs; other files
 * that it has open stay open in them, as after any fork(2). The task runs in
 * the folder where it was started, as a fork of the caller would.
 *
 * A task may itself make calls in parallel, and start background calls. In jobs
 * a task's background processes end with its call, as all processes that it
 * leaves behind. */
#ifndef DROVER_BACKGROUND_H
#define DROVER_BACKGROUND_H

#include <stdint.h>

#include <drover/call.h>
#include <drover/channel.h>
#include <drover/collect.h>
#include <drover/error.h>
#include <drover/export.h>
#include <drover/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A task bound to an address, to be called like a function. All but the address
 * and the task may be 0.
 *
 * address    the path of the socket, at most PATH_MAX bytes; its folder must
 *            exist
 * task       as for drover_start()
 * context    what drover_call_context() gives there
 * collector  is connected to each call that is started, as by
 *            drover_collector_connect(): so it manages calls in the background
 *            as an exchange manages others. NULL: none
 * name       of the call, for lists of what runs: small letters, digits, '_'
 *            and '-', a letter first, at most 63; collectors get it as the
 *            stage. NULL: the program's name
 * linger_ms  when the call has ended and nobody is connected, the background
 *            process ends after this time, even if not everything is
 *            acknowledged; that can then be collected from the store. 0 or -1:
 *            it stays for ever
 * seed       of the call's random numbers, see drover_call_random() */
struct drover_background {
    const char *address;
    drover_task_fn task;
    void *context;
    struct drover_collector *collector;
    const char *name;
    int64_t linger_ms;
    uint64_t seed;
};

/* Call it in the background.
 *
 * args  a map, or an empty view: none; copied
 *
 * Returns 0 when the address is being served. Else nothing was called:
 * -EADDRINUSE when another process owns the address (ERR says which one);
 * -EEXIST when something there is no socket; -EINVAL (ARGS is no map, the name
 * is none, or the address: "" or one that ends in '/'), -ENOENT (the address's
 * folder), -EACCES, -EPERM (other users could interfere there, or with the
 * store), -ENAMETOOLONG, -EDEADLK (threads), -EAGAIN, -ENOMEM, -EMFILE, -ENOSPC
 * and what else making a store comes to; -ECHILD when the background process
 * was killed as it began.
 *
 * With a collector also the errors of drover_collector_connect(): then the call
 * goes on, and can be connected to again. */
DROVER_PUBLIC int
drover_background_start(const struct drover_background *background,
                        struct drover_value args, struct drover_error *err);

/* The same with arguments by a format that makes a map: "{s: i}", "i", 5 (see
 * drover_build_pack()); NULL: none. -EINVAL also when they cannot be made. */
DROVER_PUBLIC int
drover_background_start_pack(const struct drover_background *background,
                             struct drover_error *err, const char *format, ...);

/* Make a process in the background that goes on from here, too, as
 * drover_create() does; the task and its context are not used. In the caller
 * *CHILD becomes NULL. In the new process it is a channel: what that sends is
 * for collectors, what it receives they send; it is to end by drover_exit().
 *
 * Returns 0 in both, or as drover_background_start() in the caller. */
DROVER_PUBLIC int
drover_background_create(const struct drover_background *background,
                         struct drover_channel **child,
                         struct drover_error *err);

#ifdef __cplusplus
}
#endif

#endif
