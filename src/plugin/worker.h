/* [worker] A worker's life: it takes calls from its channel and runs them. */
#ifndef PLUGIN_WORKER_H
#define PLUGIN_WORKER_H

#include <stdbool.h>
#include <stddef.h>

#include "plugin/load.h"
#include "wire/slate.h"

/* socket   to the host, blocking; taken
 * slate    reused workers: shared with the host; NULL in a forked one, which
 *          serves one call
 * printed  the end to read of the pipe that is this process's standard output
 *          and error, not blocking; borrowed */
struct worker_setting {
    int socket;
    struct slate *slate;
    int printed;
    const struct plugin *plugins;
    size_t plugin_count;
};

/* [keeper] Prepare what every worker needs, before any is forked: a page that
 * is written to after the fork is copied for each. Returns 0 or -ENOMEM. */
int worker_prepare(void);

/* Serve until the host closes the channel. Returns the exit status that the
 * process is to end with, by _exit(). */
int worker_serve(const struct worker_setting *setting);

#endif
