/* Going to the background: what the starter hears, and what the background
 * process has left. The program is linked with a fork(2) that can be made to
 * fail. */
#include "background/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tasks.h"
#include "unit.h"

static int forks_before_failure = -1;

pid_t __real_fork(void);
pid_t __wrap_fork(void);

pid_t __wrap_fork(void)
{
    if (forks_before_failure-- != 0)
        return __real_fork();
    errno = ENOMEM;
    return -1;
}

static struct drover_error err;
static char words[PATH_MAX];

/* Closed when the background process may end. */
static int hold[2];

static void await_end(int ends[2])
{
    char byte;
    close(ends[1]);
    while (read(ends[0], &byte, 1) > 0)
        ;
}

/* The starter's side of one whose background process does what WORK does. It
 * becomes a child of this one when it is orphaned, so that it can be waited
 * for. */
static struct daemon start(int (*work)(struct daemon *daemon))
{
    struct daemon daemon;
    ASSERT_INT(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ASSERT_INT(pipe2(hold, O_CLOEXEC), 0);
    ASSERT_INT(daemon_fork(&daemon, &err), 0);
    if (daemon.pid == 0) {
        int code = work(&daemon);
        await_end(hold);
        _exit(code);
    }
    ASSERT(daemon.pid > 0 && daemon.pid != getpid());
    return daemon;
}

static void let_end(void)
{
    close(hold[0]);
    close(hold[1]);
}

static int await(struct daemon *daemon, int *status)
{
    strcpy(words, "untouched");
    return daemon_await(daemon, words, sizeof words, status, &err);
}

/* Let the background process end after its word. */
static void expect_exit(const struct daemon *daemon, int code)
{
    int status = -1;
    let_end();
    ASSERT_INT(waitpid(daemon->pid, &status, 0), daemon->pid);
    ASSERT(WIFEXITED(status));
    ASSERT_INT(WEXITSTATUS(status), code);
}

static int open_log(void)
{
    return memfd_create("log", MFD_CLOEXEC);
}

/* --- Words -------------------------------------------------------------------
 */

static int get_ready(struct daemon *daemon)
{
    return daemon_ready(daemon, "/an/address", open_log(), NULL) == 0 ? 7 : 1;
}

static void the_starter_hears_that_it_is_ready(void)
{
    struct daemon daemon = start(get_ready);
    ASSERT_INT(await(&daemon, NULL), 0);
    ASSERT_TEXT(words, "/an/address");
    ASSERT_INT(daemon.link, -1);
    expect_exit(&daemon, 7);
}

static int get_ready_with_many_words(struct daemon *daemon)
{
    struct drover_error why;
    char many[PATH_MAX + 1];
    memset(many, 'w', PATH_MAX);
    many[PATH_MAX] = '\0';
    if (daemon_ready(daemon, many, open_log(), &why) != -EMSGSIZE)
        return 1;
    many[PATH_MAX - 1] = '\0';
    return daemon_ready(daemon, many, open_log(), &why) == 0 ? 7 : 2;
}

static void words_may_be_as_long_as_a_path(void)
{
    struct daemon daemon = start(get_ready_with_many_words);
    ASSERT_INT(await(&daemon, NULL), 0);
    ASSERT_INT(strlen(words), PATH_MAX - 1);
    ASSERT_INT(words[PATH_MAX - 2], 'w');
    expect_exit(&daemon, 7);
}

static void words_are_never_cut(void)
{
    char few[] = "untouched";
    struct daemon daemon = start(get_ready_with_many_words);
    ASSERT_INT(daemon_await(&daemon, few, sizeof few, NULL, &err), -EMSGSIZE);
    ASSERT_TEXT(few, "untouched");
    expect_exit(&daemon, 7);
}

static int fail(struct daemon *daemon)
{
    daemon_fail(daemon, EADDRINUSE, "it is 100% taken");
    return 0;
}

static void the_starter_hears_why_it_will_not_be(void)
{
    int status = -7;
    struct daemon daemon = start(fail);
    ASSERT_INT(await(&daemon, &status), -EADDRINUSE);
    ASSERT_INT(err.code, EADDRINUSE);
    ASSERT_TEXT(err.message, "it is 100% taken");
    ASSERT_TEXT(words, "untouched");
    ASSERT_INT(status, -7);
    expect_exit(&daemon, 0);
}

static int fail_with_many_words(struct daemon *daemon)
{
    char many[2 * PATH_MAX];
    memset(many, 'w', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    daemon_fail(daemon, EIO, many);
    return 0;
}

static void a_long_reason_is_cut(void)
{
    struct daemon daemon = start(fail_with_many_words);
    ASSERT_INT(await(&daemon, NULL), -EIO);
    ASSERT_INT(strlen(err.message), sizeof err.message - 1);
    expect_exit(&daemon, 0);
}

/* --- No word -----------------------------------------------------------------
 */

static int just_end(struct daemon *daemon)
{
    (void)daemon;
    _exit(3);
}

static int just_die(struct daemon *daemon)
{
    (void)daemon;
    raise(SIGKILL);
    return 0;
}

static void the_starter_is_told_how_it_ended_without_a_word(void)
{
    int status = -7;
    struct daemon daemon = start(just_end);
    ASSERT_INT(await(&daemon, &status), -ECHILD);
    ASSERT_CONTAINS(err.message, "ended before it was ready");
    ASSERT(WIFEXITED(status));
    ASSERT_INT(WEXITSTATUS(status), 3);
    let_end();
    daemon = start(just_die);
    ASSERT_INT(await(&daemon, &status), -ECHILD);
    ASSERT(WIFSIGNALED(status));
    ASSERT_INT(WTERMSIG(status), SIGKILL);
    let_end();
    daemon = start(just_die);
    ASSERT_INT(await(&daemon, NULL), -ECHILD);
    let_end();
}

/* Which has, by being a fork, all that its parent had. */
static int leave_a_child_and_die(struct daemon *daemon)
{
    (void)daemon;
    pid_t pid = fork();
    if (pid == 0) {
        for (;;)
            pause();
    }
    raise(SIGKILL);
    return 0;
}

static void a_child_of_it_does_not_speak_for_it(void)
{
    int status = 0;
    struct daemon daemon = start(leave_a_child_and_die);
    ASSERT_INT(await(&daemon, &status), -ECHILD);
    ASSERT(WIFSIGNALED(status));
    /* The child has the process group of the middle process, which led it. */
    ASSERT_INT(kill(-daemon.middle, SIGKILL), 0);
    ASSERT(waitpid(-1, NULL, 0) > 0);
    let_end();
}

static void how_it_ended_is_known_though_children_are_ignored(void)
{
    int status = 0;
    signal(SIGCHLD, SIG_IGN);
    struct daemon daemon = start(just_end);
    int result = await(&daemon, &status);
    signal(SIGCHLD, SIG_DFL);
    let_end();
    ASSERT_INT(result, -ECHILD);
    ASSERT_INT(WEXITSTATUS(status), 3);
}

/* --- What it leaves ----------------------------------------------------------
 */

/* What the background process found; shared with it. */
static struct finding {
    pid_t session;
    pid_t pid;
    int terminal; /* errno of opening it */
    char folder[PATH_MAX];
    char folder_before[PATH_MAX];
    bool input_is_null;
    bool outputs_are_the_log;
    bool survives_hangup;
    char log[64];
} * finding;

static bool is_same(int a, int b)
{
    struct stat of_a, of_b;
    return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 &&
           of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static void find_streams(int log)
{
    int null = open("/dev/null", O_RDONLY);
    finding->input_is_null = is_same(null, STDIN_FILENO);
    finding->outputs_are_the_log =
        is_same(log, STDOUT_FILENO) && is_same(log, STDERR_FILENO);
    close(null);
    printf("out");
    fflush(stdout);
    fprintf(stderr, "err");
    (void)!pread(log, finding->log, sizeof finding->log - 1, 0);
}

static int look_around(struct daemon *daemon)
{
    int log = open_log();
    if (getcwd(finding->folder_before, PATH_MAX) == NULL)
        return 1;
    if (daemon_ready(daemon, "", log, NULL) < 0)
        return 2;
    finding->session = getsid(0);
    finding->pid = getpid();
    finding->terminal = open("/dev/tty", O_RDWR) < 0 ? errno : 0;
    if (getcwd(finding->folder, PATH_MAX) == NULL)
        return 3;
    find_streams(log);
    raise(SIGHUP);
    finding->survives_hangup = true;
    return 0;
}

static void it_leaves_session_folder_and_streams(void)
{
    finding = shared_create(sizeof *finding);
    char *here = getcwd(NULL, 0);
    struct daemon daemon = start(look_around);
    ASSERT_INT(await(&daemon, NULL), 0);
    expect_exit(&daemon, 0);
    ASSERT_INT(finding->pid, daemon.pid);
    ASSERT_INT(finding->session, daemon.middle);
    ASSERT(finding->session != getsid(0));
    ASSERT_INT(finding->terminal, ENXIO);
    ASSERT_TEXT(finding->folder_before, here);
    ASSERT_TEXT(finding->folder, "/");
    ASSERT(finding->input_is_null);
    ASSERT(finding->outputs_are_the_log);
    ASSERT_TEXT(finding->log, "outerr");
    ASSERT(finding->survives_hangup);
    free(here);
    shared_destroy(finding, sizeof *finding);
}

static int get_ready_without_log(struct daemon *daemon)
{
    struct drover_error why;
    if (daemon_ready(daemon, "", -1, &why) != -EBADF)
        return 1;
    daemon_fail(daemon, why.code, why.message);
    return 0;
}

static void what_keeps_it_from_leaving_can_be_said(void)
{
    struct daemon daemon = start(get_ready_without_log);
    ASSERT_INT(await(&daemon, NULL), -EBADF);
    ASSERT_CONTAINS(err.message, "cannot leave the standard streams");
    expect_exit(&daemon, 0);
}

static void what_was_printed_before_is_printed_once(void)
{
    char text[64] = "";
    int descriptor = memfd_create("output", MFD_CLOEXEC);
    FILE *file = fdopen(descriptor, "w");
    ASSERT(file != NULL);
    ASSERT_INT(fcntl(descriptor, F_SETFL, O_WRONLY | O_APPEND), 0);
    fprintf(file, "before\n");
    struct daemon daemon = start(get_ready);
    ASSERT_INT(await(&daemon, NULL), 0);
    expect_exit(&daemon, 7);
    fprintf(file, "after\n");
    fflush(file);
    ASSERT(pread(descriptor, text, sizeof text - 1, 0) > 0);
    ASSERT_TEXT(text, "before\nafter\n");
    fclose(file);
}

/* --- The starter -------------------------------------------------------------
 */

static int done_pipe[2];

/* Only when the starter is gone. */
static int get_ready_late(struct daemon *daemon)
{
    await_end(hold);
    int status = daemon_ready(daemon, "", open_log(), NULL);
    return write(done_pipe[1], status == 0 ? "y" : "n", 1) == 1 ? 0 : 1;
}

static void it_survives_its_starter(void)
{
    char byte = 0;
    ASSERT_INT(pipe2(hold, O_CLOEXEC), 0);
    ASSERT_INT(pipe2(done_pipe, O_CLOEXEC), 0);
    ASSERT_INT(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    fflush(NULL);
    pid_t starter = fork();
    if (starter == 0) {
        struct daemon daemon;
        if (daemon_fork(&daemon, NULL) == 0 && daemon.pid == 0)
            _exit(get_ready_late(&daemon));
        raise(SIGKILL);
    }
    ASSERT_INT(waitpid(starter, NULL, 0), starter);
    let_end();
    ASSERT_INT(read(done_pipe[0], &byte, 1), 1);
    ASSERT_INT(byte, 'y');
    close(done_pipe[0]);
    close(done_pipe[1]);
    while (waitpid(-1, NULL, 0) > 0) /* the one in the middle, too */
        ;
}

static void a_fork_that_fails_leaves_nothing(void)
{
    struct daemon daemon = { .pid = 7 };
    for (int before = 0; before < 2; before++) {
        forks_before_failure = before;
        ASSERT_INT(daemon_fork(&daemon, &err), -ENOMEM);
        ASSERT_CONTAINS(err.message, "Cannot allocate memory");
        ASSERT_INT(daemon.pid, 7);
    }
    forks_before_failure = -1;
}

static void fork_beside_a_thread(void)
{
    struct daemon daemon;
    ASSERT_INT(daemon_fork(&daemon, &err), -EDEADLK);
}

static void beside_other_threads_it_is_refused(void)
{
    beside_a_thread(fork_beside_a_thread);
}

UNIT_CASES(CASE(the_starter_hears_that_it_is_ready),
           CASE(words_may_be_as_long_as_a_path), CASE(words_are_never_cut),
           CASE(the_starter_hears_why_it_will_not_be),
           CASE(a_long_reason_is_cut),
           CASE(the_starter_is_told_how_it_ended_without_a_word),
           CASE(a_child_of_it_does_not_speak_for_it),
           CASE(how_it_ended_is_known_though_children_are_ignored),
           CASE(it_leaves_session_folder_and_streams),
           CASE(what_keeps_it_from_leaving_can_be_said),
           CASE(what_was_printed_before_is_printed_once),
           CASE(it_survives_its_starter),
           CASE(a_fork_that_fails_leaves_nothing),
           CASE(beside_other_threads_it_is_refused))
