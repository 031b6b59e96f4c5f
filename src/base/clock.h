/* The monotonic clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds and milliseconds since some fixed moment; not a system call on
 * any machine whose clock source the kernel shares with programs. */
int64_t clock_now_ns(void);
int64_t clock_now_ms(void);

/* Do nothing for MS milliseconds, or until a signal is handled. */
void clock_pause_ms(int ms);

#endif
