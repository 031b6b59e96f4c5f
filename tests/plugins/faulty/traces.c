#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tasks.h"

enum { POLL_NS = 2 * 1000 * 1000 };

static void *live_on(void *nothing)
{
    for (;;)
        pause();
    return nothing;
}

static void change(const char *what)
{
    pthread_t thread;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (strcmp(what, "folder") == 0 && chdir("/") < 0)
        abort();
    else if (strcmp(what, "umask") == 0)
        umask(0);
    else if (strcmp(what, "descriptors") == 0 && dup(STDOUT_FILENO) < 0)
        abort();
    else if (strcmp(what, "blocked") == 0)
        sigprocmask(SIG_BLOCK, &set, NULL);
    else if (strcmp(what, "ignored") == 0)
        signal(SIGUSR1, SIG_IGN);
    else if (strcmp(what, "threads") == 0 &&
             pthread_create(&thread, NULL, live_on, NULL) != 0)
        abort();
}

/* Change the process for good, in the call `when`. Returns what
 * tell_process() does, from before that. */
int change_process(struct drover_call *call)
{
    int result = tell_process(call);
    if (drover_arg_int(call, "i") == drover_arg_int(call, "when"))
        change(drover_arg_text(call, "what"));
    return result;
}

static int64_t first_free_descriptor(void)
{
    int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(descriptor);
    return descriptor;
}

int tell_process(struct drover_call *call)
{
    char folder[PATH_MAX];
    sigset_t blocked;
    struct sigaction action;
    mode_t mask = umask(0);
    umask(mask);
    if (getcwd(folder, sizeof folder) == NULL)
        return drover_fail(call, "no working folder: %s", strerror(errno));
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    sigaction(SIGUSR1, NULL, &action);
    return drover_return_pack(call, "{s: s, s: i, s: I, s: b, s: b}", "folder",
                              folder, "umask", (int)mask, "free",
                              first_free_descriptor(), "blocked",
                              sigismember(&blocked, SIGUSR1), "ignored",
                              action.sa_handler == SIG_IGN);
}

/* Become a process that nobody expects: in a session of its own, its parent
 * gone, deaf to SIGTERM. */
static void become_orphan(const char *mark, bool holds)
{
    setsid();
    if (fork() != 0)
        _exit(EXIT_SUCCESS);
    signal(SIGTERM, SIG_IGN);
    if (!holds)
        for (int i = 0; i < 3; i++)
            close(i);
    int file = open(mark, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dprintf(file, "%d\n", (int)getpid());
    for (;;)
        pause();
}

void wait_for_file(const char *path)
{
    printf("waiting for %s\n", path);
    struct timespec pause = { .tv_nsec = POLL_NS };
    while (access(path, F_OK) != 0)
        nanosleep(&pause, NULL);
}

/* Leave a process behind, which writes its id to the file `mark`; return
 * whether the process of the call before is still there. */
int leave(struct drover_call *call)
{
    const char *mark = drover_arg_text(call, "mark");
    char own[PATH_MAX];
    FILE *file = fopen(mark, "re");
    int pid;
    bool alive = false;
    while (file != NULL && fscanf(file, "%d", &pid) == 1)
        alive |= kill(pid, 0) == 0;
    if (file != NULL)
        fclose(file);
    snprintf(own, sizeof own, "%s.%d", mark, (int)getpid());
    pid_t child = fork();
    if (child == 0)
        become_orphan(own, drover_arg_bool(call, "holds"));
    wait_for_file(own);
    rename(own, mark);
    return drover_return_bool(call, alive);
}

/* Write this process's id to the file `mark`, then wait for the file `until`.
 */
int meet(struct drover_call *call)
{
    const char *mark = drover_arg_text(call, "mark");
    const char *until = drover_arg_text(call, "until");
    FILE *file = fopen(mark, "we");
    if (file == NULL)
        return drover_fail(call, "cannot write %s: %s", mark, strerror(errno));
    fprintf(file, "%d\n", (int)getpid());
    fclose(file);
    wait_for_file(until);
    return drover_return_int(call, drover_arg_int(call, "i"));
}
