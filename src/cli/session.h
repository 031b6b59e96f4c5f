/* A job made ready to run: configuration, job file, plugins, plan. Prints what
 * is wrong with any of them. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "base/buffer.h"
#include "dispatch/slot.h"
#include "job/config.h"
#include "job/plan.h"
#include "plugin/search.h"

/* context       what messages about the job begin with and people need not see;
 *               NULL: the job is a file, and places in it help
 * text          of the job
 * files         the plugins', in the job's order; declarations likewise
 * slot          has all plugins loaded once the session is open */
struct session {
    const char *context;
    struct config config;
    struct search_path path;
    struct job *job;
    struct buffer text;
    char *files[JOB_LIMIT_PLUGINS];
    struct declaration *declarations[JOB_LIMIT_PLUGINS];
    struct plan *plan;
    struct slot slot;
};

/* Read the configuration and the job file PATH, load the job's plugins, check
 * everything. Returns STATUS_OK, or the exit status with messages printed; the
 * session is to be closed in either case. */
int session_open(struct session *session, const char *path);

/* The same for a job of SIZE bytes in memory, which nobody has written:
 * messages are without its places, and without CONTEXT in front. */
int session_open_text(struct session *session, const char *text, size_t size,
                      const char *context);

/* The same for the job that a run's record holds, which was read from FILE ("":
 * from nowhere). */
int session_open_recorded(struct session *session, const char *text,
                          size_t size, const char *file);

/* Only the configuration, and the one plugin LOCATOR, into files[0] and
 * declarations[0]. */
int session_open_plugin(struct session *session, const char *locator);

void session_close(struct session *session);

#endif
