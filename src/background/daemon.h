/* Going to the background: a process of its own session, without terminal,
 * working folder and standard streams, that survives whoever started it. */
#ifndef BACKGROUND_DAEMON_H
#define BACKGROUND_DAEMON_H

#include <stddef.h>
#include <sys/types.h>

#include <drover/error.h>

/* The two sides of a start.
 *
 * pid     of the background process, in its starter; 0 in itself
 * link    to the other side: brings the background process's word
 * middle  [starter] the process between the two, which left the session and
 *         stays until the word has come, to say how the background process
 *         ended if it does before that */
struct daemon {
    pid_t pid;
    int link;
    pid_t middle;
};

/* Fork. Returns 0 in both; -EDEADLK when other threads run, or what fork(2)
 * says. In the starter daemon->pid > 0, and daemon_await() must follow. The
 * background process has left the session and the terminal for ever and ignores
 * SIGHUP; it still has the folder and the streams, so that what keeps it from
 * starting can be said where it was started; it must end by _exit(2). */
int daemon_fork(struct daemon *daemon, struct drover_error *err);

/* [background process] Say that all is ready, with WORDS (less than PATH_MAX
 * bytes) for the starter; leave the folder, and the standard streams: input is
 * /dev/null, output and error go to LOG (a descriptor above 2; borrowed). What
 * it started before keeps the streams that it got then.
 *
 * Returns 0, also when the starter is gone; -EMSGSIZE; or what open(2) or
 * dup2(2) say: then daemon_fail() can still be called. */
int daemon_ready(struct daemon *daemon, const char *words, int log,
                 struct drover_error *err);

/* Have the standard streams lead nowhere: input is /dev/null, output and error
 * go to LOG. What was printed and not flushed goes there, too. Returns 0, or
 * what open(2) or dup2(2) say: some of them may lead there already. */
int daemon_leave_streams(int log);

/* [background process] Say that it will not be, and why: the starter's
 * daemon_await() then returns -CODE. */
void daemon_fail(struct daemon *daemon, int code, const char *why);

/* [starter] Wait for its word.
 *
 * Returns 0 with WORDS (-EMSGSIZE when they and a NUL are above SIZE bytes: it
 * runs none the less); a negative errno with ERR as daemon_fail() said it; or
 * -ECHILD when the background process ended without a word: *STATUS (may be
 * NULL) is then as wait(2) gives it, or 0 when even that is not known. */
int daemon_await(struct daemon *daemon, char *words, size_t size, int *status,
                 struct drover_error *err);

#endif
