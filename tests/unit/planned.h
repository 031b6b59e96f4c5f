/* Jobs of one stage, for tests of its expansion. */
#ifndef PLANNED_H
#define PLANNED_H

#include "base/buffer.h"
#include "job/expansion.h"
#include "job/plan.h"
#include "job/problems.h"

struct planned {
    struct problems problems;
    struct job *job;
    struct plan *plan;
};

/* Plan a job whose first stage is named a and, indented by four, holds the
 * lines STAGE; others may follow. Nothing may be wrong with it. */
struct planned planned_make(const char *stage);
void planned_clear(struct planned *planned);

/* Append all calls as JSON, one a line; for one that cannot be made the
 * message. */
void planned_append_calls(struct expansion *expansion, struct buffer *out);

/* These of a STAGE as for planned_make(), or why it cannot be expanded; with
 * FOLDER as in struct expansion_input. Valid until the next call. */
const char *planned_calls(const char *stage);
const char *planned_calls_in(const char *folder, const char *stage);

/* How many calls there are of a STAGE as for planned_make(); UINT64_MAX: that
 * is not known. */
uint64_t planned_total(const char *stage);

#endif
