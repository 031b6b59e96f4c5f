#include "background/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "process/fork.h"

/* What the starter is told, a packet each: first BORN, then one of the others.
 *
 * BORN    number: the background process's id
 * READY   text: its words
 * FAILED  number: an errno, text: why
 * ENDED   number: how, as wait(2) gives it; said by the middle process */
enum word_kind { WORD_BORN = 1, WORD_READY, WORD_FAILED, WORD_ENDED };

struct word {
    int kind;
    int number;
    char text[PATH_MAX];
};

/* --- Words ------------------------------------------------------------------
 */

static int say(int link, enum word_kind kind, int number, const char *text)
{
    struct word word = { .kind = (int)kind, .number = number };
    size_t size = strlen(text) + 1;
    if (size > sizeof word.text)
        return -EMSGSIZE;
    memcpy(word.text, text, size);
    /* Packets are not cut; a starter that has gone is no reason to die. */
    if (send(link, &word, offsetof(struct word, text) + size, MSG_NOSIGNAL) < 0)
        return -errno;
    return 0;
}

/* Returns whether one came before all who could say one were gone. */
static bool hear(int link, struct word *word)
{
    ssize_t size;
    do
        size = recv(link, word, sizeof *word, 0);
    while (size < 0 && errno == EINTR);
    if (size <= (ssize_t)offsetof(struct word, text))
        return false;
    size_t end = (size_t)size - offsetof(struct word, text) - 1;
    word->text[end] = '\0';
    return true;
}

/* --- The middle process -----------------------------------------------------
 */

static bool has_ended(pid_t pid, int *status)
{
    return waitpid(pid, status, WNOHANG) == pid;
}

/* Until the starter has closed its end, having heard a word or died itself. */
static void watch(pid_t pid, int link)
{
    enum { LOOK_MS = 50 }; /* where the kernel has no pidfds */
    int status;
    struct pollfd happenings[] = {
        { .fd = pidfd_open(pid, 0), .events = POLLIN },
        { .fd = link }, /* for its hanging up */
    };
    int wait_ms = happenings[0].fd < 0 ? LOOK_MS : -1;
    while (happenings[1].revents == 0) {
        if (has_ended(pid, &status)) {
            say(link, WORD_ENDED, status, "");
            return;
        }
        poll(happenings, 2, wait_ms);
    }
}

/* The background process is no leader of the session, so that it never gets a
 * terminal again. */
static pid_t leave_session(int link)
{
    setsid();
    signal(SIGHUP, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        say(link, WORD_BORN, (int)getpid(), "");
        return 0;
    }
    if (pid < 0)
        say(link, WORD_FAILED, errno, strerror(errno));
    else
        watch(pid, link);
    _exit(EXIT_SUCCESS);
}

/* --- Forking ----------------------------------------------------------------
 */

static int open_link(int ends[2], struct drover_error *err)
{
    int made[2];
    int status = 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, made) < 0)
        return error_set(err, errno, "cannot make a socket pair: %s",
                         strerror(errno));
    for (int i = 0; i < 2 && status == 0; i++)
        status = descriptor_move_up(&made[i]);
    if (status < 0) {
        descriptor_close(&made[0]);
        descriptor_close(&made[1]);
        return error_set(err, -status, "cannot make a socket pair: %s",
                         strerror(-status));
    }
    memcpy(ends, made, sizeof made);
    return 0;
}

static void become_background(struct daemon *daemon, int ends[2])
{
    descriptor_close(&ends[0]);
    /* A starter that ignores it would not be told how its children end. */
    signal(SIGCHLD, SIG_DFL);
    leave_session(ends[1]);
    *daemon = (struct daemon){ .pid = 0, .link = ends[1] };
}

/* [starter] The link can be closed, and the middle process goes. */
static void leave_alone(struct daemon *daemon)
{
    descriptor_close(&daemon->link);
    while (waitpid(daemon->middle, NULL, 0) < 0 && errno == EINTR)
        ;
}

static int meet(struct daemon *daemon, struct drover_error *err)
{
    struct word word;
    bool heard = hear(daemon->link, &word);
    if (heard && word.kind == WORD_BORN) {
        daemon->pid = (pid_t)word.number;
        return 0;
    }
    leave_alone(daemon);
    int code = heard && word.kind == WORD_FAILED ? word.number : ECHILD;
    return error_set(err, code, "cannot go to the background: %s",
                     strerror(code));
}

int daemon_fork(struct daemon *daemon, struct drover_error *err)
{
    int ends[2];
    int status = fork_check_threads(err);
    if (status == 0)
        status = open_link(ends, err);
    if (status < 0)
        return status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        status = error_set(err, errno, "cannot fork: %s", strerror(errno));
    if (pid == 0) {
        become_background(daemon, ends);
        return 0;
    }
    descriptor_close(&ends[1]);
    if (status < 0) {
        descriptor_close(&ends[0]);
        return status;
    }
    struct daemon started = { .link = ends[0], .middle = pid };
    status = meet(&started, err);
    if (status == 0)
        *daemon = started;
    return status;
}

/* --- In the background ------------------------------------------------------
 */

int daemon_leave_streams(int log)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0)
        return -errno;
    int status = 0;
    if (dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0 ||
        dup2(nothing, STDIN_FILENO) < 0)
        status = -errno;
    if (nothing > STDERR_FILENO)
        close(nothing);
    return status;
}

int daemon_ready(struct daemon *daemon, const char *words, int log,
                 struct drover_error *err)
{
    if (strlen(words) >= PATH_MAX)
        return error_set(err, EMSGSIZE, "%zu bytes are too much to say",
                         strlen(words));
    fflush(NULL);
    int status = daemon_leave_streams(log);
    if (status == 0 && chdir("/") < 0)
        status = -errno;
    if (status < 0)
        return error_set(err, -status, "cannot leave the standard streams: %s",
                         strerror(-status));
    say(daemon->link, WORD_READY, 0, words);
    descriptor_close(&daemon->link);
    return 0;
}

void daemon_fail(struct daemon *daemon, int code, const char *why)
{
    struct drover_error said;
    error_set(&said, code, "%s", why); /* cuts it */
    say(daemon->link, WORD_FAILED, code, said.message);
    descriptor_close(&daemon->link);
}

/* --- In the starter ---------------------------------------------------------
 */

static int take_words(const char *text, char *words, size_t size,
                      struct drover_error *err)
{
    if (strlen(text) >= size)
        return error_set(err, EMSGSIZE, "%zu bytes of words, room for %zu",
                         strlen(text), size);
    memcpy(words, text, strlen(text) + 1);
    return 0;
}

int daemon_await(struct daemon *daemon, char *words, size_t size, int *status,
                 struct drover_error *err)
{
    struct word word;
    bool heard = hear(daemon->link, &word);
    leave_alone(daemon);
    if (heard && word.kind == WORD_READY)
        return take_words(word.text, words, size, err);
    if (heard && word.kind == WORD_FAILED)
        return error_set(err, word.number, "%s", word.text);
    if (status != NULL)
        *status = heard && word.kind == WORD_ENDED ? word.number : 0;
    return error_set(err, ECHILD,
                     "the background process %d ended before it was ready",
                     (int)daemon->pid);
}
