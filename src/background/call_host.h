/* [background process] The life of the background process of one call: it makes
 * the call's worker, records what that gives, serves it to collectors, and ends
 * when all of it is acknowledged. */
#ifndef BACKGROUND_CALL_HOST_H
#define BACKGROUND_CALL_HOST_H

#include <drover/background.h>

#include "background/daemon.h"

/* daemon      as daemon_fork() has left it in this process
 * background  what is called; its address is not looked at
 * address     absolute
 * name        of the call
 * args        of the call, borrowed
 * bare        there is no task: the worker returns from here */
struct call_host_setting {
    struct daemon *daemon;
    const struct drover_background *background;
    const char *address;
    const char *name;
    struct drover_value args;
    bool bare;
};

/* Be that process: tell the starter that the address is served, or why not. It
 * ends here. Returns in a bare worker alone, with its channel to this
 * process. */
struct drover_channel *call_host_run(const struct call_host_setting *setting);

#endif
