/* The calls that did not succeed, as a run's record tells of them to whoever
 * comes back later. */
#ifndef CLI_FAILURES_H
#define CLI_FAILURES_H

#include <drover/error.h>

#include "store/store.h"

/* Print them to standard output as the report at the end of a run does.
 *
 * Returns 0, what record_read_failures() says, or -EBADMSG when this drover
 * cannot read the job that the record holds. */
int failures_print(struct store *store, struct drover_error *err);

/* Print them to standard output as an array in JSON. Returns 0, or what
 * record_read_failures() says; the array has then no end. */
int failures_print_json(struct store *store, struct drover_error *err);

#endif
