/* [keeper] [worker] What a process says when it crashes. */
#ifndef PROCESS_CRASH_H
#define PROCESS_CRASH_H

/* From now on, in this process and in those it forks, a signal that stands for
 * a crash (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) prints a backtrace to
 * standard error and then ends the process as it would have. Does nothing
 * under a sanitizer, which does that itself. */
void crash_explain(void);

/* [worker] Leave out of backtraces what is on the stack beyond FRAME, as
 * __builtin_frame_address() gives it. */
void crash_set_floor(const void *frame);

#endif
