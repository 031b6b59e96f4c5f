/* A stage's calls, one after the other, made only when asked for: a product
 * of 10^8 combinations starts at once and in constant memory. */
#ifndef JOB_EXPANSION_H
#define JOB_EXPANSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "job/feed.h"
#include "job/plan.h"

struct expansion;

/* What a stage takes of others.
 *
 * results  by stage: for each one that STAGE substitutes (${stage}), all its
 *          results as one list
 * feed     when each: runs over results of a stage, these
 * folder   that relative paths of globs and lines are taken from; NULL: the
 *          process's own
 *
 * Borrowed for the life of the expansion. */
struct expansion_input {
    const struct drover_value *results;
    struct feed *feed;
    const char *folder;
};

/* Begin to expand STAGE. Globs are matched and files opened here.
 *
 * Returns 0, or negative with an error that names job file, line and column:
 * -ENOENT (no such file, or a pattern without a match), -EINVAL (RESULTS are
 * not what the task expects), another errno. */
int expansion_open(const struct plan *plan, size_t stage,
                   const struct expansion_input *input, struct expansion **out,
                   struct drover_error *err);
void expansion_close(struct expansion *expansion);

/* How many calls there are in all; UINT64_MAX while that is not known (lines
 * of a file, results of a stage), and when it is above 2^63. */
uint64_t expansion_total(const struct expansion *expansion);

/* How many calls can be made of what has been fed as yet; UINT64_MAX: some,
 * perhaps. Only for a stage that is fed. */
uint64_t expansion_supply(const struct expansion *expansion);

/* Whether there will be no more calls for certain. Likewise. */
bool expansion_is_used_up(const struct expansion *expansion);

/* Make the next call: append its arguments to ARGS, a map in the order of the
 * task's declaration, defaults filled in, checked against it. The first name
 * of each: is the outermost loop.
 *
 * Returns 1 with a call appended; 0 when there are no more; negative when this
 * call cannot be made (an argument that is only known now is wrong; ERR says
 * which and why): it counts as one of the stage's calls, ARGS is as before,
 * and the next call may be asked for. A failure to read on is reported once in
 * the same way, then the expansion ends. -EAGAIN is no failure: the next line
 * is not there yet; ask again once expansion_descriptor() can be read, or,
 * where there is none, something has been fed. */
int expansion_next(struct expansion *expansion, struct buffer *args,
                   struct drover_error *err);

/* The address of the call that was asked for last, which could be made: only
 * for a stage with background:. *OUT is as the job says it, its path relative
 * to the working folder of the run if it is, to be freed. That no other call
 * has the same is not known here.
 *
 * Returns 0; -EINVAL when what was substituted makes no address of it,
 * -ENAMETOOLONG, -EMSGSIZE or -ENOMEM. */
int expansion_address(struct expansion *expansion, char **out,
                      struct drover_error *err);

/* What to wait for after -EAGAIN, borrowed; -1: for the feed. */
int expansion_descriptor(const struct expansion *expansion);

#endif
