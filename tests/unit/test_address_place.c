/* Where addresses are: paths made absolute, and folders of our own. Cases with
 * other users need root, and end early without. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background/address.h"
#include "background/address_place.h"
#include "scratch.h"
#include "unit.h"

static struct drover_error err;

/* --- Resolving ---------------------------------------------------------------
 */

static void expect_resolved(const char *path, const char *expected)
{
    char *resolved = NULL;
    ASSERT_INT(address_resolve(path, &resolved, &err), 0);
    ASSERT_TEXT(resolved, expected);
    free(resolved);
}

static void expect_unresolved(const char *path, int code)
{
    char untouched;
    char *resolved = &untouched;
    ASSERT_INT(address_resolve(path, &resolved, &err), -code);
    ASSERT_INT(err.code, code);
    ASSERT(resolved == &untouched);
}

static void a_path_is_made_absolute(void)
{
    scratch_create();
    scratch_make_folder(scratch_path("a"));
    char *before = getcwd(NULL, 0);
    ASSERT_INT(chdir(scratch_path("a")), 0);
    expect_resolved("x.socket", scratch_path("a/x.socket"));
    expect_resolved("./x.socket", scratch_path("a/x.socket"));
    expect_resolved("../x.socket", scratch_path("x.socket"));
    expect_resolved("/x.socket", "/x.socket");
    expect_resolved("//x", "/x");
    expect_resolved("/tmp/../tmp/./x", "/tmp/x");
    ASSERT_INT(chdir(before), 0);
    free(before);
    scratch_destroy();
}

static void a_folder_has_one_path_only(void)
{
    scratch_create();
    scratch_make_folder(scratch_path("real"));
    ASSERT_INT(symlink("real", scratch_path("alias")), 0);
    expect_resolved(scratch_path("alias/x"), scratch_path("real/x"));
    /* The socket itself is not followed. */
    ASSERT_INT(symlink("y", scratch_path("real/x")), 0);
    expect_resolved(scratch_path("alias/x"), scratch_path("real/x"));
    scratch_destroy();
}

static void what_can_be_no_address_is_refused(void)
{
    char name[300] = "/tmp/";
    char deep[5000] = "/";
    expect_unresolved("", EINVAL);
    expect_unresolved("/", EINVAL);
    expect_unresolved("/tmp/", EINVAL);
    expect_unresolved(".", EINVAL);
    expect_unresolved("/tmp/..", EINVAL);
    expect_unresolved("/no/such/folder/x", ENOENT);
    expect_unresolved("/dev/null/x", ENOTDIR);
    memset(name + 5, 'n', 250);
    expect_unresolved(name, ENAMETOOLONG);
    while (strlen(deep) < 4090)
        strcat(deep, "./");
    strcat(deep, "x");
    expect_unresolved(deep, ENAMETOOLONG);
}

/* --- Choosing ----------------------------------------------------------------
 */

static void expect_chosen(const char *expected)
{
    char *chosen = NULL;
    ASSERT_INT(address_choose("job-1", &chosen, &err), 0);
    ASSERT_TEXT(chosen, expected);
    free(chosen);
}

static void expect_no_choice(int code, const char *why)
{
    char *chosen = NULL;
    ASSERT_INT(address_choose("job-1", &chosen, &err), -code);
    ASSERT_CONTAINS(err.message, why);
    ASSERT(chosen == NULL);
}

static void an_address_is_chosen_in_the_runtime_folder(void)
{
    struct stat folder;
    scratch_create();
    setenv("XDG_RUNTIME_DIR", scratch_path("."), 1);
    expect_chosen(scratch_path("drover/job-1.socket"));
    ASSERT_INT(stat(scratch_path("drover"), &folder), 0);
    ASSERT_INT(folder.st_mode & 0777, 0700);
    expect_chosen(scratch_path("drover/job-1.socket"));
    scratch_destroy();
}

static void without_a_runtime_folder_it_is_chosen_in_tmp(void)
{
    char expected[64];
    snprintf(expected, sizeof expected, "/tmp/drover-%u/job-1.socket",
             (unsigned)geteuid());
    unsetenv("XDG_RUNTIME_DIR");
    expect_chosen(expected);
    setenv("XDG_RUNTIME_DIR", "", 1);
    expect_chosen(expected);
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    expect_chosen(expected);
    setenv("XDG_RUNTIME_DIR", "/no/such/folder", 1);
    expect_chosen(expected);
}

static void the_runtime_folder_of_another_user_is_not_taken(void)
{
    char expected[64];
    if (geteuid() != 0)
        return;
    snprintf(expected, sizeof expected, "/tmp/drover-%u/job-1.socket",
             (unsigned)geteuid());
    scratch_create();
    ASSERT_INT(chown(scratch_path("."), SCRATCH_NOBODY, SCRATCH_NOBODY), 0);
    setenv("XDG_RUNTIME_DIR", scratch_path("."), 1);
    expect_chosen(expected);
    ASSERT_INT(access(scratch_path("drover"), F_OK), -1);
    scratch_destroy();
}

static void a_folder_that_is_not_ours_alone_is_refused(void)
{
    scratch_create();
    setenv("XDG_RUNTIME_DIR", scratch_path("."), 1);
    scratch_make_folder(scratch_path("drover"));
    ASSERT_INT(chmod(scratch_path("drover"), 0750), 0);
    expect_no_choice(EPERM, "is open to others; change that with chmod go-rwx");
    ASSERT_INT(rmdir(scratch_path("drover")), 0);
    scratch_make_folder(scratch_path("elsewhere"));
    ASSERT_INT(symlink("elsewhere", scratch_path("drover")), 0);
    expect_no_choice(EPERM, "is no folder of yours");
    if (geteuid() == 0) {
        ASSERT_INT(unlink(scratch_path("drover")), 0);
        scratch_make_folder(scratch_path("drover"));
        ASSERT_INT(chown(scratch_path("drover"), SCRATCH_NOBODY, 0), 0);
        expect_no_choice(EPERM, "is no folder of yours");
    }
    scratch_destroy();
}

/* --- Places ------------------------------------------------------------------
 */

static void a_place_is_a_folder_and_a_name(void)
{
    struct address_place place;
    ASSERT_INT(address_place_open("/tmp/x.socket", &place, &err), 0);
    ASSERT_TEXT(place.name, "x.socket");
    ASSERT_TEXT(place.folder_path, "/tmp");
    address_place_close(&place);
    ASSERT_INT(address_place_open("/x", &place, &err), 0);
    ASSERT_TEXT(place.folder_path, "/");
    address_place_close(&place);
    ASSERT_INT(address_place_open("x", &place, &err), -EINVAL);
    ASSERT_INT(address_place_open("/no/such/folder/x", &place, &err), -ENOENT);
}

static void only_our_own_folder_is_made_again(void)
{
    scratch_create();
    setenv("XDG_RUNTIME_DIR", scratch_path("."), 1);
    ASSERT_INT(address_place_make(scratch_path("other/x"), &err), 0);
    ASSERT_INT(scratch_count(scratch_path(".")), 0);
    ASSERT_INT(address_place_make(scratch_path("drover/x"), &err), 0);
    ASSERT_INT(access(scratch_path("drover"), F_OK), 0);
    scratch_destroy();
}

UNIT_CASES(CASE(a_path_is_made_absolute), CASE(a_folder_has_one_path_only),
           CASE(what_can_be_no_address_is_refused),
           CASE(an_address_is_chosen_in_the_runtime_folder),
           CASE(without_a_runtime_folder_it_is_chosen_in_tmp),
           CASE(the_runtime_folder_of_another_user_is_not_taken),
           CASE(a_folder_that_is_not_ours_alone_is_refused),
           CASE(a_place_is_a_folder_and_a_name),
           CASE(only_our_own_folder_is_made_again))
