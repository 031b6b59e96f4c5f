/* Connecting to addresses: slow owners, none, wrong ones, long paths. Cases
 * with other users need root, and end early without. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "addresses.h"
#include "background/address_lock.h"
#include "background/address_place.h"
#include "base/clock.h"
#include "scratch.h"
#include "tasks.h"
#include "unit.h"

static struct drover_error err;

static void expect_no_connection(const char *path, int code, const char *why)
{
    ASSERT_INT(address_connect(path, clock_now_ms() + SOON_MS, &err), -code);
    ASSERT_CONTAINS(err.message, why);
}

/* --- Nobody ------------------------------------------------------------------
 */

static void without_an_owner_it_is_told_at_once(void)
{
    scratch_create();
    const char *path = scratch_path("x");
    expect_no_connection(path, ENOENT, "there is no run at");
    address_release(own_address(path), false);
    expect_no_connection(path, ECONNREFUSED, "nobody serves");
    ASSERT_INT(unlink(scratch_path(".x.lock")), 0);
    ASSERT_INT(mknod(path, S_IFSOCK | 0600, 0), 0);
    expect_no_connection(path, ECONNREFUSED, "nobody serves");
    expect_no_connection("/no/such/folder/x", ENOENT, "there is no folder");
    expect_no_connection("x", EINVAL, "is not absolute");
    scratch_destroy();
}

static void what_is_no_socket_is_refused(void)
{
    scratch_create();
    scratch_make_file(scratch_path("x"));
    expect_no_connection(scratch_path("x"), ENOTSOCK, "is no socket");
    struct address *address = own_address(scratch_path("y"));
    ASSERT_INT(symlink("y", scratch_path("z")), 0);
    expect_no_connection(scratch_path("z"), ENOTSOCK, "is no socket");
    address_release(address, true);
    scratch_destroy();
}

/* --- Slow owners -------------------------------------------------------------
 */

static void who_has_the_lock_is_waited_for(void)
{
    struct address_place place;
    scratch_create();
    const char *path = scratch_path("x");
    ASSERT_INT(address_place_open(path, &place, &err), 0);
    int lock = address_lock_acquire(&place, &err);
    ASSERT(lock >= 0);
    ASSERT_INT(address_connect(path, clock_now_ms() + 20, &err), -ETIMEDOUT);
    ASSERT_CONTAINS(err.message, "is too slow to answer");
    ASSERT_INT(address_connect(path, 0, &err), -ETIMEDOUT);
    /* As it is of one who was killed. */
    ASSERT_INT(mknod(path, S_IFSOCK | 0600, 0), 0);
    ASSERT_INT(address_connect(path, clock_now_ms() + 20, &err), -ETIMEDOUT);
    address_lock_give_up(&place, &lock);
    address_place_close(&place);
    expect_no_connection(path, ECONNREFUSED, "nobody serves");
    scratch_destroy();
}

static void *connect_patiently(void *path)
{
    int socket = address_connect(path, clock_now_ms() + SOON_MS, NULL);
    int status = socket < 0 ? socket : 0;
    if (socket >= 0)
        close(socket);
    return status == 0 ? path : NULL;
}

static void a_beginner_is_reached_as_soon_as_it_listens(void)
{
    pthread_t thread;
    void *result = NULL;
    struct address_place place;
    scratch_create();
    char path[PATH_MAX];
    strcpy(path, scratch_path("x"));
    ASSERT_INT(address_place_open(path, &place, &err), 0);
    int lock = address_lock_acquire(&place, &err);
    ASSERT(lock >= 0);
    ASSERT_INT(pthread_create(&thread, NULL, connect_patiently, path), 0);
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    strcpy(name.sun_path, path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_INT(bind(listener, (struct sockaddr *)&name, sizeof name), 0);
    ASSERT_INT(listen(listener, 1), 0);
    ASSERT_INT(pthread_join(thread, &result), 0);
    ASSERT(result == path);
    close(listener);
    close(lock);
    address_place_close(&place);
    scratch_destroy();
}

static void in_a_full_line_one_waits(void)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int clients[2];
    scratch_create();
    const char *path = scratch_path("x");
    strcpy(name.sun_path, path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_INT(bind(listener, (struct sockaddr *)&name, sizeof name), 0);
    ASSERT_INT(listen(listener, 0), 0);
    clients[0] = address_connect(path, 0, &err);
    ASSERT(clients[0] >= 0);
    ASSERT_INT(address_connect(path, clock_now_ms() + 20, &err), -ETIMEDOUT);
    close(accept(listener, NULL, NULL));
    clients[1] = address_connect(path, 0, &err);
    ASSERT(clients[1] >= 0);
    close(clients[0]);
    close(clients[1]);
    close(listener);
    scratch_destroy();
}

/* --- Other users -------------------------------------------------------------
 */

static int connect_as_another(const void *path)
{
    int socket = address_connect(path, clock_now_ms() + SOON_MS, NULL);
    return socket >= 0 ? 0 : -socket;
}

static void other_users_are_refused(void)
{
    if (geteuid() != 0)
        return;
    scratch_create();
    ASSERT_INT(chmod(scratch_path("."), 0755), 0);
    struct address *address = own_address(scratch_path("x"));
    int status =
        scratch_run_as(SCRATCH_NOBODY, connect_as_another, scratch_path("x"));
    ASSERT_INT(status, EACCES);
    ASSERT_INT(address_accept(address), -EAGAIN);
    /* Even when the mode lets them in. */
    ASSERT_INT(chmod(scratch_path("x"), 0666), 0);
    status =
        scratch_run_as(SCRATCH_NOBODY, connect_as_another, scratch_path("x"));
    ASSERT_INT(status, 0);
    ASSERT_INT(address_accept(address), -EPERM);
    ASSERT_INT(address_accept(address), -EAGAIN);
    expect_served_address(address);
    address_release(address, true);
    scratch_destroy();
}

static int own_as_another(const void *path)
{
    struct address *address;
    int status = address_own(path, "/store", &address, NULL);
    if (status == 0)
        address_abandon(address);
    return -status;
}

/* Of a socket, who listens is asked, not only whose the file is. */
static int listen_as_another(const void *listener)
{
    return listen(*(const int *)listener, 1) == 0 ? 0 : errno;
}

static void servers_of_other_users_are_refused(void)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    if (geteuid() != 0)
        return;
    scratch_create();
    ASSERT_INT(chown(scratch_path("."), SCRATCH_NOBODY, SCRATCH_NOBODY), 0);
    ASSERT_INT(
        scratch_run_as(SCRATCH_NOBODY, own_as_another, scratch_path("x")), 0);
    expect_no_connection(scratch_path("x"), EPERM,
                         "belongs to another user (65534)");
    strcpy(name.sun_path, scratch_path("y"));
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_INT(bind(listener, (struct sockaddr *)&name, sizeof name), 0);
    ASSERT_INT(scratch_run_as(SCRATCH_NOBODY, listen_as_another, &listener), 0);
    expect_no_connection(scratch_path("y"), EPERM,
                         "belongs to another user (65534)");
    close(listener);
    scratch_destroy();
}

/* --- Long paths --------------------------------------------------------------
 */

/* A folder whose path has about SIZE bytes, below the scratch folder. */
static void make_long_folder(char folder[PATH_MAX], size_t size)
{
    strcpy(folder, scratch_path("."));
    while (strlen(folder) < size) {
        strcat(folder, "/a-long-name-of-a-folder-that-is-in-others");
        scratch_make_folder(folder);
    }
}

static void expect_usable(const char *folder, size_t name_size)
{
    char path[PATH_MAX];
    size_t size = strlen(folder);
    memcpy(path, folder, size);
    path[size] = '/';
    memset(path + size + 1, 'n', name_size);
    path[size + 1 + name_size] = '\0';
    struct address *address = own_address(path);
    expect_served_address(address);
    struct stat socket;
    ASSERT_INT(lstat(path, &socket), 0);
    ASSERT_INT(socket.st_mode, S_IFSOCK | 0600);
    ASSERT_INT(scratch_count(folder), 2); /* and the lock file */
    ASSERT_INT(unlink(path), 0);
    ASSERT_INT(address_restore(address, &err), 1);
    expect_served_address(address);
    address_release(address, true);
    ASSERT_INT(scratch_count(folder), 0);
}

static void paths_may_be_long(void)
{
    static const size_t names[] = { 1, 60, 80, 90, 100, 108, 200, 249 };
    char folder[PATH_MAX];
    for (size_t length = 60; length <= 3600; length *= 4) {
        scratch_create();
        make_long_folder(folder, length);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            expect_usable(folder, names[i]);
        scratch_destroy();
    }
}

static void paths_around_the_limit_of_a_sockets_name_work(void)
{
    char folder[PATH_MAX];
    scratch_create();
    make_long_folder(folder, 60);
    for (size_t size = 100; size < 116; size++)
        expect_usable(folder, size - strlen(folder) - 1);
    scratch_destroy();
}

static void names_of_250_bytes_are_refused(void)
{
    char path[300] = "/tmp/";
    struct address *address;
    memset(path + 5, 'n', 250);
    ASSERT_INT(address_own(path, "/store", &address, &err), -ENAMETOOLONG);
    expect_no_connection(path, ENAMETOOLONG, "has at most 249 bytes");
}

/* --- What lock files say -----------------------------------------------------
 */

static void write_lock(const char *text, size_t size)
{
    int file = open(scratch_path(".x.lock"), O_WRONLY | O_TRUNC | O_CLOEXEC);
    ASSERT(file >= 0);
    ASSERT_INT(write(file, text, size), size);
    close(file);
}

static void a_lock_file_that_makes_no_sense_says_nothing(void)
{
    static const char *const texts[] = {
        "",
        "4711",
        "4711 /store",
        " /store\n",
        "0 /store\n",
        "-1 /store\n",
        "4711 store\n",
        "4711  /store\n",
        "\n",
        "99999999999999999999 /store\n",
    };
    struct address_owner owner;
    scratch_create();
    scratch_make_file(scratch_path(".x.lock"));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_lock(texts[i], strlen(texts[i]));
        ASSERT_INT(address_look(scratch_path("x"), &owner, &err), 0);
        ASSERT_INT(owner.pid, 0);
        ASSERT(!owner.alive);
        ASSERT_TEXT(owner.store, "");
        free(owner.store);
    }
    write_lock("4711 /st\0re\n", 12);
    ASSERT_INT(address_look(scratch_path("x"), &owner, &err), 0);
    ASSERT_INT(owner.pid, 0);
    free(owner.store);
    write_lock("4711 /a store\nin two lines\n", 27);
    ASSERT_INT(address_look(scratch_path("x"), &owner, &err), 0);
    ASSERT_INT(owner.pid, 4711);
    ASSERT_TEXT(owner.store, "/a store\nin two lines");
    free(owner.store);
    scratch_destroy();
}

UNIT_CASES(CASE(without_an_owner_it_is_told_at_once),
           CASE(what_is_no_socket_is_refused),
           CASE(who_has_the_lock_is_waited_for),
           CASE(a_beginner_is_reached_as_soon_as_it_listens),
           CASE(in_a_full_line_one_waits), CASE(other_users_are_refused),
           CASE(servers_of_other_users_are_refused), CASE(paths_may_be_long),
           CASE(paths_around_the_limit_of_a_sockets_name_work),
           CASE(names_of_250_bytes_are_refused),
           CASE(a_lock_file_that_makes_no_sense_says_nothing))
