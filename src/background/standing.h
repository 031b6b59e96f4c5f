/* How a run stands, as a value: what `status`, `list` and `wait` print, live or
 * from the store. A map with these keys:
 *
 *     run           text
 *     address       text, or null
 *     state         "running", "finished", "cancelled", "halted"; "killed" when
 * the record says running and nobody has it pid           int, or null: no
 * process job           text done, failed  int total         int, or null: not
 * known yet items, acknowledged   int attempts      int started, ended text,
 * RFC 3339 in UTC, or null store         text, the folder */
#ifndef BACKGROUND_STANDING_H
#define BACKGROUND_STANDING_H

#include "base/buffer.h"
#include "store/store.h"

/* Append the map to OUT. PID: of the process that has it; 0: nobody but us, who
 * look. Returns 0 or -ENOMEM. */
int standing_write(struct store *store, pid_t pid, struct buffer *out);

#endif
