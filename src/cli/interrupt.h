/* Signals that end a command which has something to finish first: a line that
 * is half written, say. They are noted; what waits in a system call returns
 * with EINTR. The third one ends the process as the first would have. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

/* How long a command may wait for anything before it looks for a signal that
 * came just before it began to wait. */
enum { INTERRUPT_LOOK_MS = 200 };

/* Note SIGINT, SIGTERM and SIGHUP from now on; one that was ignored when the
 * command was started (by nohup, say) stays so. */
void interrupt_catch(void);

/* The signal that came first; 0: none as yet. */
int interrupt_signal(void);

#endif
