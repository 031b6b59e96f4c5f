/* [worker] A worker's life: it takes calls from its channel and runs them. A
 * process is one worker at most. */
#ifndef PLUGIN_WORKER_H
#define PLUGIN_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "plugin/call.h"
#include "plugin/plugin_set.h"
#include "wire/message.h"
#include "wire/slate.h"

/* Find the task of the call that MESSAGE brings. Returns false when there is no
 * such. */
typedef bool (*worker_find_fn)(const void *find_context,
                               const struct message_call *message,
                               struct worker_task *out);

/* socket   to the host, blocking; taken
 * slate    reused workers: shared with the host; NULL in a forked one, which
 *          serves one call
 * printed  the end to read of the pipe that is this process's standard output
 *          and error, not blocking; borrowed. -1: there is no such pipe, and
 *          what calls print is nobody's business but that of their stdout,
 *          which is flushed at the end of each call
 * seed     of the run, see drover_call_seed()
 * two_way  the host may send values to its calls, for drover_receive(), which
 *          otherwise has none
 * plugins  those whose hooks are to be run; NULL: none. Borrowed */
struct worker_setting {
    int socket;
    struct slate *slate;
    int printed;
    uint64_t seed;
    bool two_way;
    worker_find_fn find;
    const void *find_context;
    const struct plugin_set *plugins;
};

/* [keeper] Prepare what every worker needs, before any is forked: a page that
 * is written to after the fork is copied for each. Without it a worker prepares
 * itself. Returns 0 or -ENOMEM. */
int worker_prepare(void);

/* Serve until the host closes the channel. Returns the exit status that the
 * process is to end with, by _exit(): stdio has been flushed. What its parent
 * had not flushed when it forked would come out twice: fork after
 * fflush(NULL). */
int worker_serve(const struct worker_setting *setting);

/* Be a worker in the midst of whatever this process does, with one call that
 * has no task and no arguments, to send and receive by.
 *
 * socket    to the host, blocking; taken, becomes -1
 * sequence  in messages; also the call's index
 * seed      of the run
 *
 * Returns the call, or NULL, out of memory, and nothing has changed. */
struct drover_call *worker_begin_bare(int *socket, uint64_t sequence,
                                      uint64_t seed);

/* End that call: tell the host that it has returned, without a value, or that
 * it failed, with the text of drover_fail(). Returns the exit status that the
 * process is to end with, by _exit(): stdio has been flushed. */
int worker_end_bare(struct drover_call *call, bool failed);

/* In a process forked by a task: this process is not that worker. Its socket is
 * closed, what it has not sent is its own affair. The call's arguments can
 * still be read; sending by it fails, and receiving ends. Nothing happens in a
 * process that is no worker. */
void worker_forget(void);

#endif
