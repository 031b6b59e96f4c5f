/* The log of a background run, which is in its store: read while it grows. */
#ifndef CLI_RUNLOG_H
#define CLI_RUNLOG_H

#include <stdbool.h>

#include <drover/error.h>

/* process  a pidfd of who has the store open; -1: nobody */
struct runlog {
    int file;
    int process;
};

/* Open the log in the store's FOLDER. Returns 0; -ENODATA when there is none,
 * for the run was in the foreground; or what open(2) says. */
int runlog_open(struct runlog *log, const char *folder,
                struct drover_error *err);
void runlog_close(struct runlog *log);

/* Go to the beginning of the last LINES lines. */
void runlog_skip(struct runlog *log, unsigned lines);

/* Nothing was ever said. */
bool runlog_is_empty(const struct runlog *log);

/* Copy what there is from here on to the descriptor OUT. Returns 0, or what
 * write(2) says; -EINTR when a signal was noted (see cli/interrupt.h). */
int runlog_copy(struct runlog *log, int out);

/* Wait until it may have grown: until the run's process is gone, but no longer
 * than PATIENCE_MS. Returns whether that process is still there. */
bool runlog_wait(const struct runlog *log, int patience_ms);

#endif
