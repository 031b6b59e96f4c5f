/* How a run stands, as a value: what `status`, `list` and `wait` print, live or
 * from the store. A map with these keys, in this order:
 *
 *     run                  text
 *     address              text, or null: a foreground run
 *     state                text: "running", "finished", "cancelled", "halted";
 *                          "killed" when the record says running and nobody
 *                          has it
 *     pid                  int, or null: no process
 *     job                  text
 *     done, failed         int
 *     total                int, or null: not known yet
 *     items, acknowledged  int
 *     attempts             int
 *     started, ended       text, RFC 3339 in UTC with milliseconds, or null
 *     store                text, the folder
 *
 * Paths and names may be no UTF-8; bytes that are none are written as \xNN. */
#ifndef BACKGROUND_STANDING_H
#define BACKGROUND_STANDING_H

#include <sys/types.h>

#include "base/buffer.h"
#include "store/store.h"

/* Append the map to OUT. PID: of the process that has it; 0: nobody but us, who
 * look. Returns 0, -ENOMEM or -EMSGSIZE; OUT is then as it was. */
int standing_write(struct store *store, pid_t pid, struct buffer *out);

#endif
