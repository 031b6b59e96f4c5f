/* The job that makes one call of another job. */
#ifndef CLI_ONE_CALL_H
#define CLI_ONE_CALL_H

#include <drover/value.h>

#include "base/buffer.h"
#include "job/job.h"

/* Append to OUT the text of a job that makes the call of stage STAGE of JOB
 * with ARGS, in the background at ADDRESS. Returns 0, -ENOMEM, -EMSGSIZE. */
int one_call_write(struct buffer *out, const struct job *job, size_t stage,
                   struct drover_value args, const char *address);

#endif
