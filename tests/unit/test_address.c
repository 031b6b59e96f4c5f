/* Owning an address: one process at a time, whatever is left of others. Cases
 * with other users need root, and end early without. */
#include "background/address.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "addresses.h"
#include "scratch.h"
#include "unit.h"

static struct drover_error err;

/* --- One owner ---------------------------------------------------------------
 */

static void an_owner_is_reached_and_leaves_word(void)
{
    scratch_create();
    const char *path = scratch_path("x");
    struct address *address = own_address(path);
    expect_served_address(address);
    expect_address_owner(path, getpid(), true, "/store");
    expect_mode(path, S_IFSOCK);
    expect_mode(scratch_path(".x.lock"), S_IFREG);
    address_release(address, false);
    expect_missing(path);
    expect_address_owner(path, getpid(), false, "/store");
    scratch_destroy();
}

static void who_forgets_leaves_nothing(void)
{
    struct address_owner owner;
    scratch_create();
    const char *path = scratch_path("x");
    address_release(own_address(path), true);
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
    expect_address_owner(path, getpid(), true, store);
    address_release(address, false);
    address = own_address(path);
    expect_address_owner(path, getpid(), true, "/store");
    address_release(address, true);
    scratch_destroy();
}

static void the_mode_is_independent_of_the_umask(void)
{
    scratch_create();
    mode_t before = umask(0);
    struct address *address = own_address(scratch_path("x"));
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
    struct address *address = own_address(path);
    snprintf(words, sizeof words,
             "%s is in use: process %d serves the run in /store there", path,
             (int)getpid());
    expect_refused_address(path, EADDRINUSE, words);
    expect_served_address(address);
    address_release(address, true);
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
    expect_address_owner(path, pid, true, "/killed");
    kill_owner(pid);
    expect_mode(path, S_IFSOCK);
    expect_address_owner(path, pid, false, "/killed");
    struct address *address = own_address(path);
    expect_served_address(address);
    address_release(address, true);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    scratch_destroy();
}

static void what_is_no_socket_is_not_touched(void)
{
    scratch_create();
    const char *path = scratch_path("x");
    scratch_make_file(path);
    expect_refused_address(path, EEXIST, "is there, and is no socket");
    ASSERT_INT(unlink(path), 0);
    scratch_make_folder(path);
    expect_refused_address(path, EEXIST, "is there, and is no socket");
    ASSERT_INT(rmdir(path), 0);
    ASSERT_INT(symlink("/no/such/file", path), 0);
    expect_refused_address(path, EEXIST, "is there, and is no socket");
    ASSERT_INT(unlink(path), 0);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    scratch_destroy();
}

static void a_failure_leaves_the_word_of_the_one_before(void)
{
    scratch_create();
    const char *path = scratch_path("x");
    address_release(own_address(path), false);
    scratch_make_file(path);
    expect_refused_address(path, EEXIST, "is there");
    expect_address_owner(path, getpid(), false, "/store");
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
    expect_refused_address(path, EADDRINUSE, "somebody else listens there");
    expect_missing(scratch_path(".x.lock"));
    close(other);
    address_release(own_address(path), true);
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
    expect_refused_address(path, ELOOP, "cannot open the lock file");
    ASSERT_INT(unlink(lock), 0);
    ASSERT_INT(link(scratch_path("victim"), lock), 0);
    expect_refused_address(path, EPERM, "is not a file of yours alone");
    ASSERT_INT(unlink(lock), 0);
    ASSERT_INT(mkfifo(lock, 0600), 0);
    expect_refused_address(path, EPERM, "is not a file of yours alone");
    ASSERT_INT(unlink(lock), 0);
    scratch_make_file(lock);
    ASSERT_INT(chmod(lock, 0620), 0);
    expect_refused_address(path, EPERM, "is not a file of yours alone");
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
    expect_refused_address(path, EPERM, "belongs to another user (65534)");
    ASSERT_INT(unlink(lock), 0);
    ASSERT_INT(mknod(path, S_IFSOCK | 0600, 0), 0);
    ASSERT_INT(chown(path, SCRATCH_NOBODY, SCRATCH_NOBODY), 0);
    expect_refused_address(path, EPERM, "belongs to another user (65534)");
    scratch_destroy();
}

static void a_folder_that_others_may_write_is_refused(void)
{
    scratch_create();
    const char *path = scratch_path("folder/x");
    scratch_make_folder(scratch_path("folder"));
    ASSERT_INT(chmod(scratch_path("folder"), 0757), 0);
    expect_refused_address(path, EPERM, "can be written by others");
    ASSERT_INT(chmod(scratch_path("folder"), 01777), 0);
    address_release(own_address(path), true);
    if (geteuid() == 0) {
        ASSERT_INT(chown(scratch_path("folder"), SCRATCH_NOBODY, 0), 0);
        expect_refused_address(path, EPERM, "belongs to user 65534");
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
    struct address *address = own_address(path);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        address_abandon(address);
        ssize_t written = write(ready[1], "", 1);
        await_end_of_pipe(end);
        _exit(written == 1 ? 0 : 1);
    }
    ASSERT_INT(read(ready[0], &byte, 1), 1);
    expect_served_address(address);
    address_release(address, false);
    address = own_address(path);
    expect_served_address(address);
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

/* --- Want of descriptors -----------------------------------------------------
 */

static void without_descriptors_connections_are_turned_away(void)
{
    char byte;
    struct rlimit before, limit;
    scratch_create();
    struct address *address = own_address(scratch_path("x"));
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
    expect_served_address(address);
    address_release(address, true);
    scratch_destroy();
}

static void without_room_for_the_lock_file_nothing_is_left(void)
{
    struct rlimit before, limit;
    struct address *address = NULL;
    scratch_create();
    ASSERT_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 3; /* which are written */
    signal(SIGXFSZ, SIG_IGN);
    fflush(NULL);
    ASSERT_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int status = address_own(scratch_path("x"), "/store", &address, &err);
    ASSERT_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    ASSERT_INT(status, -ENOSPC);
    ASSERT_CONTAINS(err.message, "cannot write the lock file");
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    scratch_destroy();
}

UNIT_CASES(CASE(without_room_for_the_lock_file_nothing_is_left),
           CASE(an_owner_is_reached_and_leaves_word),
           CASE(who_forgets_leaves_nothing), CASE(the_next_owner_takes_over),
           CASE(the_mode_is_independent_of_the_umask),
           CASE(a_second_owner_is_refused), CASE(who_was_killed_is_followed),
           CASE(what_is_no_socket_is_not_touched),
           CASE(a_failure_leaves_the_word_of_the_one_before),
           CASE(a_socket_that_another_program_serves_is_not_touched),
           CASE(a_lock_file_that_is_not_ours_alone_is_refused),
           CASE(what_is_another_users_is_refused),
           CASE(a_folder_that_others_may_write_is_refused),
           CASE(forks_that_abandon_it_do_not_keep_it),
           CASE(without_descriptors_connections_are_turned_away))
