/* What a job would do, call by call, when it was begun anew or a run of it
 * carried on. */
#ifndef CLI_FORESEE_H
#define CLI_FORESEE_H

#include "cli/session.h"
#include "store/store.h"

/* session     opened
 * store       of the run that would be carried on; NULL: none
 * folder      that relative paths are taken from; NULL: the process's own
 * failed      calls that failed would run again
 * json_flags  of enum drover_json_flags */
struct foresee_setting {
    const struct session *session;
    struct store *store;
    const char *folder;
    bool failed;
    unsigned json_flags;
};

/* Print a line of JSON for each call to standard output. Returns the exit
 * status. */
int foresee(const struct foresee_setting *setting);

#endif
