/* Owning an address: one process at a time, whatever is left of others. Cases
 * with other users need root, and end early without. */
#include "background/address.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "scratch.h"
#include "tasks.h"
#include "unit.h"

static struct drover_error err;

static struct address *own(const char *path)
{
    struct address *address = NULL;
    ASSERT_INT(address_own(path, "/store", &address, &err), 0);
    ASSERT_TEXT(address_path(address), path);
    return address;
}

static void expect_refusal(const char *path, int code, const char *why)
{
    struct address *address = NULL;
    ASSERT_INT(address_own(path, "/store", &address, &err), -code);
    ASSERT_CONTAINS(err.message, why);
    ASSERT(address == NULL);
}

/* Connect, be accepted, and send a byte. */
static void expect_served(struct address *address)
{
    char byte = 0;
    struct pollfd readable = { .fd = address_descriptor(address),
                               .events = POLLIN };
    int client =
        address_connect(address_path(address), clock_now_ms() + SOON_MS, &err);
    ASSERT(client > STDERR_FILENO);
    ASSERT_INT(poll(&readable, 1, SOON_MS), 1);
    int server = address_accept(address);
    ASSERT(server > STDERR_FILENO);
    ASSERT(fcntl(server, F_GETFL) & O_NONBLOCK);
    ASSERT(fcntl(client, F_GETFL) & O_NONBLOCK);
    ASSERT_INT(fcntl(server, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    ASSERT_INT(fcntl(client, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    ASSERT_INT(write(client, "x", 1), 1);
    ASSERT_INT(read(server, &byte, 1), 1);
    ASSERT_INT(byte, 'x');
    ASSERT_INT(address_accept(address), -EAGAIN);
    close(client);
    close(server);
}

static void expect_mode(const char *path, mode_t type)
{
    struct stat file;
    ASSERT_INT(lstat(path, &file), 0);
    ASSERT_INT(file.st_mode, type | 0600);
}

static void expect_missing(const char *path)
{
    ASSERT_INT(access(path, F_OK), -1);
}

static void expect_owner(const char *path, pid_t pid, bool alive,
                         const char *store)
{
    struct address_owner owner;
    ASSERT_INT(address_look(path, &owner, &err), 0);
    ASSERT_INT(owner.pid, pid);
    ASSERT_INT(owner.alive, alive);
    ASSERT_TEXT(owner.store, store);
    free(owner.store);
}

/* --- One owner ---------------------------------------------------------------
 */

static void an_owner_is_reached_and_leaves_word(void)
{
    scratch_create();
    const char *path = scratch_path("x");
    struct address *address = own(path);
    expect_served(address);
    expect_owner(path, getpid(), true, "/store");
    expect_mode(path, S_IFSOCK);
    expect_mode(scratch_path(".x.lock"), S_IFREG);
    address_release(address, false);
    expect_missing(path);
    expect_owner(path, getpid(), false, "/store");
    scratch_destroy();
}

static void who_forgets_leaves_nothing(void)
{
    struct address_owner owner;
    scratch_create();
    const char *path = scratch_path("x");
    address_release(own(path), true);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    ASSERT_INT(address_look(path, &owner, &err), -ENOENT);
    scratch_destroy();
}

static void the_next_owner_takes_over(void)
{
    scratch_create();
    const char *path = scratch_path("x");
    struct address *address = NULL;
    char store[3000] = "/long/";
    memset(store + 6, 's', sizeof store - 7);
    ASSERT_INT(address_own(path, store, &address, &err), 0);
    expect_owner(path, getpid(), true, store);
    address_release(address, false);
    address = own(path);
    expect_owner(path, getpid(), true, "/store");
    address_release(address, true);
    scratch_destroy();
}

static void the_mode_is_independent_of_the_umask(void)
{
    scratch_create();
    mode_t before = umask(0);
    struct address *address = own(scratch_path("x"));
    umask(before);
    expect_mode(scratch_path("x"), S_IFSOCK);
    expect_mode(scratch_path(".x.lock"), S_IFREG);
    address_release(address, true);
    scratch_destroy();
}

static void a_second_owner_is_refused(void)
{
    char words[300];
    scratch_create();
    const char *path = scratch_path("x");
    struct address *address = own(path);
    snprintf(words, sizeof words,
             "%s is in use: process %d serves the run in /store there", path,
             (int)getpid());
    expect_refusal(path, EADDRINUSE, words);
    expect_served(address);
    address_release(address, true);
    scratch_destroy();
}

/* --- Many at once ------------------------------------------------------------
 */

enum { RIVALS = 16 };

/* What rivals wait for and tell: who owns, or whom they heard of. */
struct contest {
    const char *path;
    int start[2];
    int words[2];
    int end[2];
};

struct answer {
    int status;
    pid_t pid;
    char message[200];
};

static void await_end(const int pipe_ends[2])
{
    char byte;
    close(pipe_ends[1]);
    while (read(pipe_ends[0], &byte, 1) > 0)
        ;
}

static int compete(const struct contest *contest)
{
    struct drover_error why = { .message = "" };
    struct address *address = NULL;
    struct answer answer = { .pid = getpid() };
    await_end(contest->start);
    answer.status = address_own(contest->path, "/store", &address, &why);
    snprintf(answer.message, sizeof answer.message, "%.199s", why.message);
    if (write(contest->words[1], &answer, sizeof answer) != sizeof answer)
        return 1;
    await_end(contest->end);
    if (address != NULL)
        address_release(address, true);
    return 0;
}

static void start_rivals(struct contest *contest, pid_t rivals[RIVALS])
{
    ASSERT_INT(pipe2(contest->start, O_CLOEXEC), 0);
    ASSERT_INT(pipe2(contest->words, O_CLOEXEC), 0);
    ASSERT_INT(pipe2(contest->end, O_CLOEXEC), 0);
    fflush(NULL);
    for (size_t i = 0; i < RIVALS; i++) {
        rivals[i] = fork();
        ASSERT(rivals[i] >= 0);
        if (rivals[i] == 0)
            _exit(compete(contest));
    }
    close(contest->start[0]);
    close(contest->start[1]);
}

static void end_rivals(struct contest *contest, const pid_t rivals[RIVALS])
{
    close(contest->end[1]);
    close(contest->end[0]);
    close(contest->words[0]);
    close(contest->words[1]);
    for (size_t i = 0; i < RIVALS; i++) {
        int status = -1;
        ASSERT_INT(waitpid(rivals[i], &status, 0), rivals[i]);
        ASSERT_INT(status, 0);
    }
}

/* One has it, and all others name that one. */
static void judge(const struct contest *contest)
{
    struct answer answers[RIVALS];
    size_t winners = 0;
    char words[64] = "";
    for (size_t i = 0; i < RIVALS; i++)
        ASSERT_INT(read(contest->words[0], &answers[i], sizeof answers[i]),
                   sizeof answers[i]);
    for (size_t i = 0; i < RIVALS; i++) {
        if (answers[i].status == 0) {
            winners++;
            snprintf(words, sizeof words, "process %d serves",
                     (int)answers[i].pid);
        }
    }
    ASSERT_INT(winners, 1);
    for (size_t i = 0; i < RIVALS; i++) {
        if (answers[i].status == 0)
            continue;
        ASSERT_INT(answers[i].status, -EADDRINUSE);
        ASSERT_CONTAINS(answers[i].message, words);
    }
}

static void hold_contest(const char *path)
{
    struct contest contest = { .path = path };
    pid_t rivals[RIVALS];
    start_rivals(&contest, rivals);
    judge(&contest);
    end_rivals(&contest, rivals);
}

static void of_sixteen_at_once_one_becomes_the_owner(void)
{
    scratch_create();
    for (int i = 0; i < 10; i++) {
        hold_contest(scratch_path("x"));
        ASSERT_INT(scratch_count(scratch_path(".")), 0);
        /* With something of an earlier owner there. */
        address_release(own(scratch_path("x")), false);
        hold_contest(scratch_path("x"));
        ASSERT_INT(scratch_count(scratch_path(".")), 0);
    }
    scratch_destroy();
}

/* Own and forget, again and again: never are there two. */
static int own_often(const void *context)
{
    const char *path = ((const char *const *)context)[0];
    const char *token = ((const char *const *)context)[1];
    for (int i = 0; i < 300; i++) {
        struct address *address;
        int status = address_own(path, "/store", &address, NULL);
        if (status == -EADDRINUSE)
            continue;
        int file = open(token, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (status < 0 || file < 0)
            return 1;
        close(file);
        unlink(token);
        address_release(address, i % 2 == 0);
    }
    return 0;
}

static void while_the_lock_file_comes_and_goes_there_is_one_owner(void)
{
    enum { PROCESSES = 4 };
    pid_t pids[PROCESSES];
    scratch_create();
    const char *paths[] = { scratch_path("x"), scratch_path("token") };
    fflush(NULL);
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(own_often(paths));
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        ASSERT_INT(waitpid(pids[i], &status, 0), pids[i]);
        ASSERT_INT(status, 0);
    }
    scratch_destroy();
}

/* --- What is left of others --------------------------------------------------
 */

/* A process that owns PATH for as long as it is not killed. */
static pid_t start_owner(const char *path)
{
    char byte = 1;
    int ready[2];
    ASSERT_INT(pipe2(ready, O_CLOEXEC), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct address *address;
        byte = address_own(path, "/killed", &address, NULL) == 0 ? 0 : 1;
        while (write(ready[1], &byte, 1) == 1)
            pause();
        _exit(EXIT_FAILURE);
    }
    ASSERT_INT(read(ready[0], &byte, 1), 1);
    ASSERT_INT(byte, 0);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void kill_owner(pid_t pid)
{
    ASSERT_INT(kill(pid, SIGKILL), 0);
    ASSERT_INT(waitpid(pid, NULL, 0), pid);
}

static void who_was_killed_is_followed(void)
{
    scratch_create();
    const char *path = scratch_path("x");
    pid_t pid = start_owner(path);
    expect_owner(path, pid, true, "/killed");
    kill_owner(pid);
    expect_mode(path, S_IFSOCK);
    expect_owner(path, pid, false, "/killed");
    struct address *address = own(path);
    expect_served(address);
    address_release(address, true);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    scratch_destroy();
}

static void what_is_no_socket_is_not_touched(void)
{
    scratch_create();
    const char *path = scratch_path("x");
    scratch_make_file(path);
    expect_refusal(path, EEXIST, "is there, and is no socket");
    ASSERT_INT(unlink(path), 0);
    scratch_make_folder(path);
    expect_refusal(path, EEXIST, "is there, and is no socket");
    ASSERT_INT(rmdir(path), 0);
    ASSERT_INT(symlink("/no/such/file", path), 0);
    expect_refusal(path, EEXIST, "is there, and is no socket");
    ASSERT_INT(unlink(path), 0);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    scratch_destroy();
}

static void a_failure_leaves_the_word_of_the_one_before(void)
{
    scratch_create();
    const char *path = scratch_path("x");
    address_release(own(path), false);
    scratch_make_file(path);
    expect_refusal(path, EEXIST, "is there");
    expect_owner(path, getpid(), false, "/store");
    scratch_destroy();
}

static void a_socket_that_another_program_serves_is_not_touched(void)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    scratch_create();
    const char *path = scratch_path("x");
    strcpy(name.sun_path, path);
    int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_INT(bind(other, (struct sockaddr *)&name, sizeof name), 0);
    ASSERT_INT(listen(other, 1), 0);
    expect_refusal(path, EADDRINUSE, "somebody else listens there");
    expect_missing(scratch_path(".x.lock"));
    close(other);
    address_release(own(path), true);
    scratch_destroy();
}

/* --- What is not safe --------------------------------------------------------
 */

static void a_lock_file_that_is_not_ours_alone_is_refused(void)
{
    scratch_create();
    const char *path = scratch_path("x"), *lock = scratch_path(".x.lock");
    scratch_make_file(scratch_path("victim"));
    ASSERT_INT(symlink("victim", lock), 0);
    expect_refusal(path, ELOOP, "cannot open the lock file");
    ASSERT_INT(unlink(lock), 0);
    ASSERT_INT(link(scratch_path("victim"), lock), 0);
    expect_refusal(path, EPERM, "is not a file of yours alone");
    ASSERT_INT(unlink(lock), 0);
    ASSERT_INT(mkfifo(lock, 0600), 0);
    expect_refusal(path, EPERM, "is not a file of yours alone");
    ASSERT_INT(unlink(lock), 0);
    scratch_make_file(lock);
    ASSERT_INT(chmod(lock, 0620), 0);
    expect_refusal(path, EPERM, "is not a file of yours alone");
    scratch_destroy();
}

static void what_is_another_users_is_refused(void)
{
    if (geteuid() != 0)
        return;
    scratch_create();
    const char *path = scratch_path("x"), *lock = scratch_path(".x.lock");
    scratch_make_file(lock);
    ASSERT_INT(chown(lock, SCRATCH_NOBODY, SCRATCH_NOBODY), 0);
    expect_refusal(path, EPERM, "belongs to another user (65534)");
    ASSERT_INT(unlink(lock), 0);
    ASSERT_INT(mknod(path, S_IFSOCK | 0600, 0), 0);
    ASSERT_INT(chown(path, SCRATCH_NOBODY, SCRATCH_NOBODY), 0);
    expect_refusal(path, EPERM, "belongs to another user (65534)");
    scratch_destroy();
}

static void a_folder_that_others_may_write_is_refused(void)
{
    scratch_create();
    const char *path = scratch_path("folder/x");
    scratch_make_folder(scratch_path("folder"));
    ASSERT_INT(chmod(scratch_path("folder"), 0757), 0);
    expect_refusal(path, EPERM, "can be written by others");
    ASSERT_INT(chmod(scratch_path("folder"), 01777), 0);
    address_release(own(path), true);
    if (geteuid() == 0) {
        ASSERT_INT(chown(scratch_path("folder"), SCRATCH_NOBODY, 0), 0);
        expect_refusal(path, EPERM, "belongs to user 65534");
    }
    scratch_destroy();
}

/* --- Forks -------------------------------------------------------------------
 */

static void forks_that_abandon_it_do_not_keep_it(void)
{
    char byte = 0;
    int ready[2], end[2];
    ASSERT_INT(pipe2(ready, O_CLOEXEC), 0);
    ASSERT_INT(pipe2(end, O_CLOEXEC), 0);
    scratch_create();
    const char *path = scratch_path("x");
    struct address *address = own(path);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        address_abandon(address);
        ssize_t written = write(ready[1], "", 1);
        await_end(end);
        _exit(written == 1 ? 0 : 1);
    }
    ASSERT_INT(read(ready[0], &byte, 1), 1);
    expect_served(address);
    address_release(address, false);
    address = own(path);
    expect_served(address);
    address_release(address, true);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(end[i]);
    }
    int status = -1;
    ASSERT_INT(waitpid(child, &status, 0), child);
    ASSERT_INT(status, 0);
    scratch_destroy();
}

/* --- Losses ------------------------------------------------------------------
 */

static void a_socket_that_was_deleted_comes_back(void)
{
    scratch_create();
    struct address *address = own(scratch_path("x"));
    ASSERT_INT(address_restore(address, &err), 0);
    ASSERT_INT(unlink(scratch_path("x")), 0);
    ASSERT_INT(address_restore(address, &err), 1);
    expect_mode(scratch_path("x"), S_IFSOCK);
    expect_served(address);
    ASSERT_INT(address_restore(address, &err), 0);
    address_release(address, true);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    scratch_destroy();
}

static void a_socket_that_was_replaced_is_replaced(void)
{
    scratch_create();
    struct address *address = own(scratch_path("x"));
    ASSERT_INT(unlink(scratch_path("x")), 0);
    ASSERT_INT(mknod(scratch_path("x"), S_IFSOCK | 0600, 0), 0);
    ASSERT_INT(address_restore(address, &err), 1);
    expect_served(address);
    ASSERT_INT(unlink(scratch_path("x")), 0);
    scratch_make_file(scratch_path("x"));
    ASSERT_INT(address_restore(address, &err), -EEXIST);
    ASSERT_INT(unlink(scratch_path("x")), 0);
    ASSERT_INT(address_restore(address, &err), 1);
    expect_served(address);
    address_release(address, true);
    scratch_destroy();
}

static void a_lock_file_that_was_deleted_comes_back(void)
{
    scratch_create();
    struct address *address = own(scratch_path("x"));
    ASSERT_INT(unlink(scratch_path(".x.lock")), 0);
    /* In the meantime, who listens keeps others away. */
    expect_refusal(scratch_path("x"), EADDRINUSE, "somebody else listens");
    ASSERT_INT(address_restore(address, &err), 0);
    expect_owner(scratch_path("x"), getpid(), true, "/store");
    expect_refusal(scratch_path("x"), EADDRINUSE, "serves the run");
    address_release(address, true);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    scratch_destroy();
}

static void who_lost_everything_to_another_says_so(void)
{
    scratch_create();
    struct address *loser = own(scratch_path("x"));
    ASSERT_INT(unlink(scratch_path("x")), 0);
    ASSERT_INT(unlink(scratch_path(".x.lock")), 0);
    struct address *winner = own(scratch_path("x"));
    ASSERT_INT(address_restore(loser, &err), -EADDRINUSE);
    address_release(loser, true);
    expect_served(winner);
    ASSERT_INT(address_restore(winner, &err), 0);
    address_release(winner, true);
    scratch_destroy();
}

static void our_own_folder_comes_back(void)
{
    char *path = NULL;
    scratch_create();
    setenv("XDG_RUNTIME_DIR", scratch_path("."), 1);
    ASSERT_INT(address_choose("job", &path, &err), 0);
    struct address *address = own(path);
    ASSERT_INT(unlink(path), 0);
    ASSERT_INT(unlink(scratch_path("drover/.job.socket.lock")), 0);
    ASSERT_INT(rmdir(scratch_path("drover")), 0);
    ASSERT_INT(address_restore(address, &err), 1);
    expect_served(address);
    expect_owner(path, getpid(), true, "/store");
    address_release(address, true);
    free(path);
    scratch_destroy();
}

static void no_other_folder_comes_back(void)
{
    scratch_create();
    scratch_make_folder(scratch_path("folder"));
    struct address *address = own(scratch_path("folder/x"));
    ASSERT_INT(unlink(scratch_path("folder/x")), 0);
    ASSERT_INT(unlink(scratch_path("folder/.x.lock")), 0);
    ASSERT_INT(rmdir(scratch_path("folder")), 0);
    ASSERT_INT(address_restore(address, &err), -ENOENT);
    ASSERT_CONTAINS(err.message, "there is no folder for");
    scratch_make_folder(scratch_path("folder"));
    ASSERT_INT(address_restore(address, &err), 1);
    expect_served(address);
    address_release(address, true);
    scratch_destroy();
}

/* --- Want of descriptors -----------------------------------------------------
 */

static void without_descriptors_connections_are_turned_away(void)
{
    char byte;
    struct rlimit before, limit;
    scratch_create();
    struct address *address = own(scratch_path("x"));
    int client = address_connect(scratch_path("x"), 0, &err);
    ASSERT(client >= 0);
    ASSERT_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    int next = dup(client); /* the lowest that is free */
    close(next);
    limit.rlim_cur = (rlim_t)next;
    ASSERT_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
    int status = address_accept(address);
    int again = address_accept(address);
    ASSERT_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    /* Valgrind's accept(2) takes it, and throws it away. */
    ASSERT(status == -EMFILE || status == -EAGAIN);
    ASSERT_INT(again, -EAGAIN);
    ASSERT_INT(recv(client, &byte, 1, MSG_DONTWAIT), 0);
    close(client);
    expect_served(address);
    address_release(address, true);
    scratch_destroy();
}

UNIT_CASES(CASE(an_owner_is_reached_and_leaves_word),
           CASE(who_forgets_leaves_nothing), CASE(the_next_owner_takes_over),
           CASE(the_mode_is_independent_of_the_umask),
           CASE(a_second_owner_is_refused),
           CASE(of_sixteen_at_once_one_becomes_the_owner),
           CASE(while_the_lock_file_comes_and_goes_there_is_one_owner),
           CASE(who_was_killed_is_followed),
           CASE(what_is_no_socket_is_not_touched),
           CASE(a_failure_leaves_the_word_of_the_one_before),
           CASE(a_socket_that_another_program_serves_is_not_touched),
           CASE(a_lock_file_that_is_not_ours_alone_is_refused),
           CASE(what_is_another_users_is_refused),
           CASE(a_folder_that_others_may_write_is_refused),
           CASE(forks_that_abandon_it_do_not_keep_it),
           CASE(a_socket_that_was_deleted_comes_back),
           CASE(a_socket_that_was_replaced_is_replaced),
           CASE(a_lock_file_that_was_deleted_comes_back),
           CASE(who_lost_everything_to_another_says_so),
           CASE(our_own_folder_comes_back), CASE(no_other_folder_comes_back),
           CASE(without_descriptors_connections_are_turned_away))
