/* What the kernel says about this process, and whether task code changed it. */
#ifndef PROCESS_STATUS_H
#define PROCESS_STATUS_H

#include <stdint.h>

/* How many threads this process has; 0 when that cannot be told. */
unsigned status_thread_count(void);

/* What a call must leave as it was in a process that others share. */
struct status {
    unsigned umask;
    unsigned threads;
    unsigned descriptors;
    uint64_t blocked; /* signals, one bit each */
    uint64_t ignored;
    uint64_t folder[2]; /* device and inode of the working folder */
};

/* Read the present state. Returns 0 or a negative errno value. */
int status_read(struct status *status);

/* What of BEFORE is different in NOW, as words for a message ("the working
 * folder"), or NULL. */
const char *status_difference(const struct status *before,
                              const struct status *now);

#endif
