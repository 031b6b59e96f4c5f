/* An address that was lost, or a part of it, while it is owned. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addresses.h"
#include "scratch.h"
#include "unit.h"

static struct drover_error err;

static void a_socket_that_was_deleted_comes_back(void)
{
    scratch_create();
    struct address *address = own_address(scratch_path("x"));
    ASSERT_INT(address_restore(address, &err), 0);
    ASSERT_INT(unlink(scratch_path("x")), 0);
    ASSERT_INT(address_restore(address, &err), 1);
    expect_mode(scratch_path("x"), S_IFSOCK);
    expect_served_address(address);
    ASSERT_INT(address_restore(address, &err), 0);
    address_release(address, true);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    scratch_destroy();
}

static void a_socket_that_was_replaced_is_replaced(void)
{
    scratch_create();
    struct address *address = own_address(scratch_path("x"));
    ASSERT_INT(unlink(scratch_path("x")), 0);
    ASSERT_INT(mknod(scratch_path("x"), S_IFSOCK | 0600, 0), 0);
    ASSERT_INT(address_restore(address, &err), 1);
    expect_served_address(address);
    ASSERT_INT(unlink(scratch_path("x")), 0);
    scratch_make_file(scratch_path("x"));
    ASSERT_INT(address_restore(address, &err), -EEXIST);
    ASSERT_INT(unlink(scratch_path("x")), 0);
    ASSERT_INT(address_restore(address, &err), 1);
    expect_served_address(address);
    address_release(address, true);
    scratch_destroy();
}

static void a_lock_file_that_was_deleted_comes_back(void)
{
    scratch_create();
    struct address *address = own_address(scratch_path("x"));
    ASSERT_INT(unlink(scratch_path(".x.lock")), 0);
    /* In the meantime, who listens keeps others away. */
    expect_refused_address(scratch_path("x"), EADDRINUSE,
                           "somebody else listens");
    ASSERT_INT(address_restore(address, &err), 0);
    expect_address_owner(scratch_path("x"), getpid(), true, "/store");
    expect_refused_address(scratch_path("x"), EADDRINUSE, "serves the run");
    address_release(address, true);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    scratch_destroy();
}

static void who_lost_everything_to_another_says_so(void)
{
    scratch_create();
    struct address *loser = own_address(scratch_path("x"));
    ASSERT_INT(unlink(scratch_path("x")), 0);
    ASSERT_INT(unlink(scratch_path(".x.lock")), 0);
    struct address *winner = own_address(scratch_path("x"));
    ASSERT_INT(address_restore(loser, &err), -EADDRINUSE);
    address_release(loser, true);
    expect_served_address(winner);
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
    struct address *address = own_address(path);
    ASSERT_INT(unlink(path), 0);
    ASSERT_INT(unlink(scratch_path("drover/.job.socket.lock")), 0);
    ASSERT_INT(rmdir(scratch_path("drover")), 0);
    ASSERT_INT(address_restore(address, &err), 1);
    expect_served_address(address);
    expect_address_owner(path, getpid(), true, "/store");
    address_release(address, true);
    free(path);
    scratch_destroy();
}

static void no_other_folder_comes_back(void)
{
    scratch_create();
    scratch_make_folder(scratch_path("folder"));
    struct address *address = own_address(scratch_path("folder/x"));
    ASSERT_INT(unlink(scratch_path("folder/x")), 0);
    ASSERT_INT(unlink(scratch_path("folder/.x.lock")), 0);
    ASSERT_INT(rmdir(scratch_path("folder")), 0);
    ASSERT_INT(address_restore(address, &err), -ENOENT);
    ASSERT_CONTAINS(err.message, "there is no folder for");
    scratch_make_folder(scratch_path("folder"));
    ASSERT_INT(address_restore(address, &err), 1);
    expect_served_address(address);
    address_release(address, true);
    scratch_destroy();
}

/* A socket with a long name has a short one for a moment, the same for every
 * owner: so what a killed one left of that is taken away. */
static void a_name_that_was_meant_to_be_short_lived_does_not_stay(void)
{
    struct stat lock;
    char name[201], lock_name[256], temporary[64];
    scratch_create();
    memset(name, 'n', 200);
    name[200] = '\0';
    struct address *address = own_address(scratch_path(name));
    snprintf(lock_name, sizeof lock_name, ".%s.lock", name);
    ASSERT_INT(stat(scratch_path(lock_name), &lock), 0);
    snprintf(temporary, sizeof temporary, ".%llu.new",
             (unsigned long long)lock.st_ino);
    scratch_make_file(scratch_path(temporary));
    ASSERT_INT(unlink(scratch_path(name)), 0);
    ASSERT_INT(address_restore(address, &err), 1);
    expect_served_address(address);
    expect_missing(scratch_path(temporary));
    address_release(address, true);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    scratch_destroy();
}

UNIT_CASES(CASE(a_name_that_was_meant_to_be_short_lived_does_not_stay),
           CASE(a_socket_that_was_deleted_comes_back),
           CASE(a_socket_that_was_replaced_is_replaced),
           CASE(a_lock_file_that_was_deleted_comes_back),
           CASE(who_lost_everything_to_another_says_so),
           CASE(our_own_folder_comes_back), CASE(no_other_folder_comes_back))
