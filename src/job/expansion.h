/* A stage's calls, one after the other, made only when asked for: a product
 * of 10^8 combinations starts at once and in constant memory. */
#ifndef JOB_EXPANSION_H
#define JOB_EXPANSION_H

#include <stdint.h>

#include "base/buffer.h"
#include "job/plan.h"

struct expansion;

/* Begin to expand STAGE. Globs are matched and files opened here.
 *
 * results  by stage: for each one that STAGE substitutes (${stage}), all its
 *          results as one list; borrowed for the life of the expansion
 *
 * Returns 0, or negative with an error that names job file, line and column:
 * -ENOENT (no such file, or a pattern without a match), -EINVAL (RESULTS are
 * not what the task expects), another errno. */
int expansion_open(const struct plan *plan, size_t stage,
                   const struct drover_value *results, struct expansion **out,
                   struct drover_error *err);
void expansion_close(struct expansion *expansion);

/* How many calls there are in all; UINT64_MAX while that is not known (lines
 * of a file), and when it is above 2^63. */
uint64_t expansion_total(const struct expansion *expansion);

/* Make the next call: append its arguments to ARGS, a map in the order of the
 * task's declaration, defaults filled in, checked against it. The first name
 * of each: is the outermost loop.
 *
 * Returns 1 with a call appended; 0 when there are no more; negative when this
 * call cannot be made (an argument that is only known now is wrong; ERR says
 * which and why): it counts as one of the stage's calls, ARGS is as before,
 * and the next call may be asked for. A failure to read on is reported once in
 * the same way, then the expansion ends. -EAGAIN is no failure: the next line
 * is not there yet; ask again once expansion_descriptor() can be read. */
int expansion_next(struct expansion *expansion, struct buffer *args,
                   struct drover_error *err);

/* What to wait for after -EAGAIN; borrowed. */
int expansion_descriptor(const struct expansion *expansion);

#endif
