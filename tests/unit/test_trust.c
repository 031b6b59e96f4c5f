/* Whose files are trusted to hold code. Cases with other owners need root, and
 * end early without. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/trust.h"
#include "unit.h"

enum { SOMEBODY = 65533 };

/* /tmp/.../folder/file: /tmp is sticky. */
static char root[64], folder[96], file[128];

static void create(void)
{
    strcpy(root, "/tmp/drover-trust-XXXXXX");
    ASSERT(mkdtemp(root) != NULL);
    snprintf(folder, sizeof folder, "%s/folder", root);
    snprintf(file, sizeof file, "%s/file.so", folder);
    ASSERT_INT(mkdir(folder, 0755), 0);
    int descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ASSERT(descriptor >= 0);
    close(descriptor);
}

static void clean(void)
{
    unlink(file);
    rmdir(folder);
    ASSERT_INT(rmdir(root), 0);
}

static void expect_refusal(const char *path, const char *what)
{
    struct drover_error err;
    char words[256];
    snprintf(words, sizeof words, "%s %s", path, what);
    ASSERT_INT(trust_check_file(file, &err), -EPERM);
    ASSERT_TEXT(err.message, words);
}

static void what_only_we_can_write_is_trusted(void)
{
    create();
    ASSERT_INT(trust_check_file(file, NULL), 0);
    ASSERT_INT(chmod(file, 0755), 0);
    ASSERT_INT(chmod(folder, 0700), 0);
    ASSERT_INT(trust_check_file(file, NULL), 0);
    clean();
}

static void a_file_that_others_may_write_is_not_trusted(void)
{
    create();
    ASSERT_INT(chmod(file, 0646), 0);
    expect_refusal(file, "can be written by others; change that with "
                         "chmod go-w");
    /* A sticky bit protects what is in a folder, not a file. */
    ASSERT_INT(chmod(file, 01646), 0);
    expect_refusal(file, "can be written by others; change that with "
                         "chmod go-w");
    clean();
}

static void a_folder_that_others_may_write_is_not_trusted(void)
{
    create();
    ASSERT_INT(chmod(folder, 0757), 0);
    expect_refusal(folder, "can be written by others; change that with "
                           "chmod go-w");
    ASSERT_INT(chmod(folder, 0755), 0);
    ASSERT_INT(chmod(root, 0777), 0);
    expect_refusal(root, "can be written by others; change that with "
                         "chmod go-w");
    clean();
}

static void a_sticky_folder_is_safe_for_what_is_ours(void)
{
    create();
    ASSERT_INT(chmod(folder, 01777), 0);
    ASSERT_INT(trust_check_file(file, NULL), 0);
    clean();
}

static void a_link_is_judged_by_what_it_leads_to(void)
{
    char link[128];
    create();
    snprintf(link, sizeof link, "%s/link.so", root);
    ASSERT_INT(symlink(file, link), 0);
    ASSERT_INT(trust_check_file(link, NULL), 0);
    ASSERT_INT(chmod(file, 0646), 0);
    struct drover_error err;
    ASSERT_INT(trust_check_file(link, &err), -EPERM);
    ASSERT_CONTAINS(err.message, file);
    unlink(link);
    clean();
}

static void what_cannot_be_looked_at_is_told(void)
{
    struct drover_error err;
    ASSERT_INT(trust_check_file("/no/such/file.so", &err), -ENOENT);
    ASSERT_TEXT(err.message,
                "cannot open /no/such/file.so: No such file or directory");
}

static void what_belongs_to_somebody_else_is_not_trusted(void)
{
    if (geteuid() != 0)
        return;
    create();
    ASSERT_INT(chown(file, SOMEBODY, 0), 0);
    expect_refusal(file, "belongs to user 65533, who is neither root nor you");
    ASSERT_INT(chown(file, 0, 0), 0);
    ASSERT_INT(chown(folder, SOMEBODY, 0), 0);
    expect_refusal(folder,
                   "belongs to user 65533, who is neither root nor you");
    /* Not even a sticky one: its owner may take out what he likes. */
    ASSERT_INT(chmod(folder, 01755), 0);
    expect_refusal(folder,
                   "belongs to user 65533, who is neither root nor you");
    clean();
}

static void a_group_that_is_not_ours_alone_must_not_write(void)
{
    if (geteuid() != 0)
        return;
    create();
    ASSERT_INT(chown(file, 0, SOMEBODY), 0);
    ASSERT_INT(chmod(file, 0664), 0);
    expect_refusal(file, "can be written by others; change that with "
                         "chmod g-w");
    ASSERT_INT(chown(file, 0, 0), 0);
    ASSERT_INT(trust_check_file(file, NULL), 0);
    clean();
}

UNIT_CASES(CASE(what_only_we_can_write_is_trusted),
           CASE(a_file_that_others_may_write_is_not_trusted),
           CASE(a_folder_that_others_may_write_is_not_trusted),
           CASE(a_sticky_folder_is_safe_for_what_is_ours),
           CASE(a_link_is_judged_by_what_it_leads_to),
           CASE(what_cannot_be_looked_at_is_told),
           CASE(what_belongs_to_somebody_else_is_not_trusted),
           CASE(a_group_that_is_not_ours_alone_must_not_write))
