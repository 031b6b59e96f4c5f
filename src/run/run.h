/* [host] Carrying out a job: its calls go to slots, their results to a
 * descriptor, everything else to an observer. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/error.h>

#include "dispatch/dispatch.h"
#include "job/plan.h"
#include "run/keeper_slot.h"
#include "run/notes.h"
#include "store/store.h"

struct run_summary;

/* Who is told what happens. All of it is borrowed during the call.
 *
 * printed   a line that a call printed, without its newline; STAGE may be
 *           DISPATCH_NO_STAGE
 * logged    what a call said by drover_log()
 * ended     a call, or a stage as a whole, has its outcome
 * noticed   something that no call is to blame for, a sentence
 * begun     the run goes on: nothing that could be in its way at the beginning
 *           is, and who wants its results can connect. May be NULL; it has a
 *           context of its own. Returns 0 or the negative errno for which the
 *           run is not to be
 * waits     all calls have ended; from now on the run only waits for
 * collectors. May be NULL; has the context of `begun` */
struct run_observer {
    void *context;
    void (*printed)(void *context, int stage, uint64_t index, const char *line,
                    size_t size);
    void (*logged)(void *context, int stage, uint64_t index, unsigned level,
                   const char *text, size_t size);
    void (*ended)(void *context, const struct outcome *outcome);
    void (*noticed)(void *context, const char *text);
    int (*begun)(void *context, struct drover_error *err);
    void *begun_context;
    void (*waits)(void *context, const struct run_summary *summary);
};

/* material    of the slots: the job's plugins, in its order
 * workers     how many slots, 1 or more
 * first       a slot that has the plugins loaded already; taken
 * output      where results go, one line of JSON each
 * notes       where the observer adds its lines; they are written meanwhile,
 *             and calls wait when they are full
 * json_flags  see drover_value_to_json()
 * plain       results that are texts are written as they are
 * store       where all is recorded, before it leaves the run; NULL: nowhere
 * build_ids   of the plugins, as far as what is recorded of calls goes by them
 * resumed     calls whose outcomes the store has are not run again; those that
 *             did not succeed are with retry_failed
 * address     where collectors find the results, which the output then does not
 *             get; NULL: nowhere
 * linger_ms   how long to wait for those, when all calls have ended; -1: until
 *             they have taken everything
 * folder      relative paths of the job are taken from it; NULL: the process's
 *             own */
struct run_setting {
    const struct job *job;
    const struct plan *plan;
    const struct keeper_material *material;
    unsigned workers;
    struct slot *first;
    int output;
    struct notes *notes;
    unsigned json_flags;
    bool plain;
    struct store *store;
    const char *const *build_ids;
    bool resumed;
    bool retry_failed;
    const char *address;
    int64_t linger_ms;
    const char *folder;
    struct run_observer observer;
};

/* How it went.
 *
 * begun              it came to calls, or could have
 * succeeded, failed  calls with the outcome ok, and with any other
 * stages_unbegun     stages that were skipped, or could not begin
 * signal             the last of SIGINT, SIGTERM and SIGHUP that came, or 0
 * output_closed      the reader of the output went away
 * output_error       writing failed, an errno value, or 0 */
struct run_summary {
    bool begun;
    uint64_t succeeded;
    uint64_t failed;
    uint64_t stages_unbegun;
    int signal;
    bool cancelled;
    bool output_closed;
    int output_error;
};

/* Carry out the job. Must be called with SIGINT, SIGTERM and SIGHUP blocked,
 * and SIGPIPE ignored. Returns when no process of the run is left.
 *
 * Returns 0 with *SUMMARY, whatever became of the calls; -ENOMEM or another
 * errno when the run as such could not go on. */
int run_job(const struct run_setting *setting, struct run_summary *summary,
            struct drover_error *err);

#endif
