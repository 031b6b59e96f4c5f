#include "cli/background.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/status.h"

/* What went wrong was printed by the background process itself, unless it could
 * not even do that. */
static int await(struct daemon *daemon)
{
    char words[PATH_MAX];
    struct drover_error err;
    int wait_status = 0;
    int status = daemon_await(daemon, words, sizeof words, &wait_status, &err);
    if (status == 0) {
        /* That it could not be written is said by main. */
        if (puts(words) < 0 || fflush(stdout) != 0)
            say("the run has begun all the same, at %s", words);
        return STATUS_OK;
    }
    if (err.message[0] != '\0')
        say("%s", err.message);
    return status == -ECHILD ? STATUS_INTERNAL : -status;
}

int background_run(int (*body)(void *context, struct daemon *daemon),
                   void *context)
{
    struct daemon daemon;
    struct drover_error err;
    if (daemon_fork(&daemon, &err) < 0) {
        say("cannot go to the background: %s", err.message);
        return STATUS_INTERNAL;
    }
    if (daemon.pid > 0)
        return await(&daemon);
    int status = body(context, &daemon);
    fflush(NULL);
    if (daemon.link >= 0)
        daemon_fail(&daemon, status == STATUS_OK ? STATUS_INTERNAL : status,
                    "");
    _exit(status);
}
