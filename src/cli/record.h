/* The store of a run that a command carries out: a new one, or that of a run
 * that is carried on. Prints what is wrong. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "cli/session.h"
#include "store/store.h"

/* Make a store for the session's job.
 *
 * address  where the run is to be reached, as the user gave it; NULL, with
 *          BACKGROUND: at one of its own
 *
 * Returns STATUS_OK with *OUT, or the exit status. */
struct record_setting {
    const char *address;
    bool background;
    uint64_t workers;
};
int record_create(const struct session *session,
                  const struct record_setting *setting, struct store **out);

/* Close and remove the store of a run that has not begun. */
void record_discard(struct store *store);

/* Open the store of the run that REFERENCE names: a run's name, an address, or
 * a store's folder. A run without a job, which a program has made, is refused:
 * that is said, like what else is wrong.
 *
 * Returns STATUS_OK with *OUT, or the exit status. */
int record_open(const char *reference, struct store **out);

/* The same for a run that is to be carried on: with a claim on its calls. Waits
 * for those that a process that was killed has left, up to 10 s. */
int record_take_up(const char *reference, struct store **out);

/* The build id by which calls of the session's plugin I are known: that of the
 * plugin of its name with which the run was begun, or its own. To be freed;
 * NULL: no memory.
 *
 * store  of the run; NULL: it has none, or is a new one */
char *record_choose_build_id(const struct session *session, struct store *store,
                             size_t i);

/* Compare the session's plugins with those that the run was begun with. Others
 * are said, and are an error unless ACCEPT. */
int record_check_plugins(const struct session *session, struct store *store,
                         bool accept);
#endif
