/* A system that ends what is in the background with the session is recognized
 * by its files. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "background/logout.h"
#include "scratch.h"
#include "unit.h"

static const char in_session[] =
    "0::/user.slice/user-1000.slice/session-3.scope\n";

static void write_file(const char *folder, const char *name, const char *text)
{
    char command[256];
    snprintf(command, sizeof command, "mkdir -p '%s'", scratch_path(folder));
    ASSERT_INT(system(command), 0);
    snprintf(command, sizeof command, "%s/%s", folder, name);
    FILE *file = fopen(scratch_path(command), "w");
    ASSERT(file != NULL && fputs(text, file) >= 0);
    fclose(file);
}

static void begin(const char *cgroup)
{
    scratch_create();
    write_file("proc/self", "cgroup", cgroup);
}

static const char *user(void)
{
    const struct passwd *us = getpwuid(geteuid());
    return us == NULL ? "" : us->pw_name;
}

static bool ends_us(void)
{
    return logout_ends_us(scratch_path(""));
}

/* With KillUserProcesses, for us too, and then MORE. */
static bool ends_us_with(const char *more)
{
    char text[512];
    snprintf(text, sizeof text,
             "[Login]\n#KillUserProcesses=no\n KillUserProcesses = Yes\n"
             "KillExcludeUsers=\n%s",
             more);
    write_file("etc/systemd", "logind.conf", text);
    return ends_us();
}

static void a_system_that_says_nothing_ends_nothing(void)
{
    begin(in_session);
    ASSERT(!ends_us());
    scratch_destroy();
}

static void a_session_is_ended_where_the_system_says_so(void)
{
    begin(in_session);
    ASSERT(ends_us_with(""));
    ASSERT(!ends_us_with("KillUserProcesses=0\n"));
    scratch_destroy();
}

static void what_is_in_no_session_stays(void)
{
    static const char *const groups[] = {
        "",
        "0::/\n",
        "0::/system.slice/cron.service\n",
        "0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
        "run-session-1.scope\n",
    };
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        begin(groups[i]);
        ASSERT(!ends_us_with(""));
        scratch_destroy();
    }
}

static void a_later_file_has_the_last_word(void)
{
    begin(in_session);
    ASSERT(ends_us_with(""));
    write_file("usr/lib/systemd/logind.conf.d", "a.conf",
               "KillUserProcesses=no\n");
    ASSERT(!ends_us());
    write_file("etc/systemd/logind.conf.d", "a.conf", "KillUserProcesses=on\n");
    ASSERT(ends_us());
    write_file("etc/systemd/logind.conf.d", "b.txt", "KillUserProcesses=no\n");
    ASSERT(ends_us());
    scratch_destroy();
}

static void some_users_are_left_alone(void)
{
    char more[256];
    begin(in_session);
    snprintf(more, sizeof more, "KillExcludeUsers=nobody %s\n", user());
    ASSERT(!ends_us_with(more));
    ASSERT(!ends_us_with("KillOnlyUsers=nobody1 nobody2\n"));
    snprintf(more, sizeof more, "KillOnlyUsers=nobody1 %s\n", user());
    ASSERT(ends_us_with(more));
    scratch_destroy();
}

static void root_is_left_alone_unless_it_is_said(void)
{
    begin(in_session);
    write_file("etc/systemd", "logind.conf", "KillUserProcesses=yes\n");
    ASSERT_INT(ends_us(), strcmp(user(), "root") != 0);
    scratch_destroy();
}

UNIT_CASES(CASE(a_system_that_says_nothing_ends_nothing),
           CASE(a_session_is_ended_where_the_system_says_so),
           CASE(what_is_in_no_session_stays),
           CASE(a_later_file_has_the_last_word),
           CASE(some_users_are_left_alone),
           CASE(root_is_left_alone_unless_it_is_said))
