/* Starting a job in the background, as `start` does, and `run` for a job that
 * says so. */
#ifndef CLI_START_H
#define CLI_START_H

#include "cli/carry_out.h"

/* Start the job TEXT, which was read from FILE. setting->address: where; NULL:
 * where the job says, or at an address of its own. Prints the address; where
 * the calls of stages are background runs of their own, one line for each.
 * Returns the exit status. */
int start_job(const char *file, const struct buffer *text,
              const struct carry_out_setting *setting);

#endif
