/* Going to the background: a process of its own session, without terminal,
 * working folder and standard streams, that survives whoever started it. */
#ifndef BACKGROUND_DAEMON_H
#define BACKGROUND_DAEMON_H

#include <stddef.h>
#include <sys/types.h>

#include <drover/error.h>

/* The two sides of a start: `pipe` brings the background process's word. */
struct daemon {
    pid_t pid; /* of the background process, in its parent; 0 in itself */
    int pipe;
};

/* Fork. Returns 0 in both; -EDEADLK when other threads run, or what fork(2)
 * says. In the parent daemon->pid > 0. The background process has its own
 * session and no terminal, but still the folder and the streams, so that what
 * keeps it from starting can be said where it was started; it must end by
 * _exit(2). */
int daemon_fork(struct daemon *daemon, struct drover_error *err);

/* [background process] Say that all is ready, with WORDS for the starter; leave
 * the folder, and the standard streams: input is /dev/null, output and error go
 * to LOG (a descriptor; borrowed). */
int daemon_ready(struct daemon *daemon, const char *words, int log,
                 struct drover_error *err);

/* [background process] Say that it will not be, and why: the starter's
 * daemon_await() then returns -CODE. */
void daemon_fail(struct daemon *daemon, int code, const char *why);

/* [starter] Wait for its word: 0 with WORDS (at most SIZE bytes with the final
 * NUL); or a negative errno with ERR as daemon_fail() said it, or -ECHILD when
 * it ended without a word; *status is then as wait(2) gives it. */
int daemon_await(struct daemon *daemon, char *words, size_t size, int *status,
                 struct drover_error *err);

#endif
