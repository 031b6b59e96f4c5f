/* Durations as users write them: `90s`, `1h30m`, `2d`, `500ms`. */
#ifndef JOB_DURATION_H
#define JOB_DURATION_H

#include <stdint.h>

/* Nothing waits for longer than 10 years. */
#define DURATION_LIMIT_MS (INT64_C(3650) * 24 * 60 * 60 * 1000)

/* Read TEXT: one or more whole numbers, each followed by its unit (d, h, m, s
 * or ms), larger units first, each unit once, nothing in between.
 *
 * Returns 0 with *OUT_MS, 0 to DURATION_LIMIT_MS; -EINVAL when TEXT is no
 * duration, -EDOM when it is a number without a unit, -ERANGE when it is more
 * than the limit. */
int duration_parse(const char *text, int64_t *out_ms);

#endif
