/* [keeper] What a keeper knows, for the files that make it up: keeper.c (what
 * it is told), keeper_plugins.c (loading), keeper_workers.c (making workers,
 * and what follows of their ends). */
#ifndef RUN_KEEPER_STATE_H
#define RUN_KEEPER_STATE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plugin/load.h"
#include "process/tree.h"
#include "wire/channel.h"
#include "wire/slate.h"

enum { PLUGINS_MAX = 64 };

/* A worker that lives; pid 0: none.
 *
 * host_end  the host's end of its channel, until it has been handed over or,
 *           so that the worker ends, closed */
struct kept {
    pid_t pid;
    uint64_t id;
    int host_end;
    bool reused;
};

/* arrived  a descriptor whose message is still to be read, or -1
 * held     one that says by being open that calls may run here, or -1: workers
 *          keep theirs, too, for they may outlive a keeper that is killed */
struct keeper {
    struct channel control;
    int arrived;
    int held;
    int deaths;           /* a signalfd for SIGCHLD */
    sigset_t worker_mask; /* the signals that workers block */
    struct tree tree;
    struct slate *slate;
    /* The worker that serves, and one more that will follow it, forked while
     * the call before it runs. The host is told of that one together with the
     * end of the one before. */
    struct kept current;
    struct kept spare;
    uint64_t ordered; /* workers still to be forked */
    bool spare_lost;  /* one died by itself: none while the worker lives */
    bool reused;
    bool leaving; /* the host has said that it wants no more workers */
    uint64_t born;
    uint64_t seed; /* of the run */
    /* Last: what changes with each worker is to lie on one page. */
    size_t plugin_count;
    struct plugin plugins[PLUGINS_MAX];
};

/* Send what is in line to the host, MESSAGE behind it, and DESCRIPTOR (-1:
 * none), which stays the caller's. Returns 0, also when the host has gone, or a
 * negative errno value, as all below. */
int keeper_tell(struct keeper *keeper, const struct message *message,
                int descriptor);

/* Load the plugins that OPEN names, and tell the host. */
int keeper_open_plugins(struct keeper *keeper, const struct message_open *open);

/* A new order replaces what is left of the one before. */
void keeper_take_order(struct keeper *keeper, const struct message_fork *order);

/* Have a worker, and a spare one, as long as such are ordered. */
int keeper_fork_ordered(struct keeper *keeper);

/* Kill the worker that serves, if it is the one with this id. */
void keeper_kill_worker(const struct keeper *keeper, uint64_t id);

/* Take note of the workers that have died. */
int keeper_reap(struct keeper *keeper);

/* Wait until workers that were told to end, by the end of their channels, have
 * done so, but no longer than DEADLINE_MS (monotonic clock). */
void keeper_await_workers(struct keeper *keeper, int64_t deadline_ms);

#endif
