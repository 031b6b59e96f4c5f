#include "nest.h"

#include <dirent.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background/address.h"
#include "base/clock.h"
#include "tasks.h"
#include "unit.h"

/* "": we are in none. */
static char folder[64];

const char *nest_folder(void)
{
    return folder;
}

pid_t nest_owner(const char *name)
{
    char path[512];
    struct address_owner owner;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (address_look(path, &owner, NULL) < 0)
        return 0;
    free(owner.store);
    return owner.alive ? owner.pid : 0;
}

static bool waits_in_vain(const char *name)
{
    int64_t deadline_ms = clock_now_ms() + SOON_MS;
    while (nest_owner(name) != 0 && clock_now_ms() < deadline_ms)
        sched_yield();
    return nest_owner(name) != 0;
}

void nest_expect_gone(const char *name)
{
    ASSERT(!waits_in_vain(name));
}

void nest_kill(const char *name)
{
    ASSERT(nest_owner(name) > 0);
    ASSERT_INT(kill(nest_owner(name), SIGKILL), 0);
    nest_expect_gone(name);
}

int nest_count_stores(void)
{
    DIR *shelf = opendir("state/drover");
    struct dirent *entry;
    int count = 0;
    while (shelf != NULL && (entry = readdir(shelf)) != NULL)
        count += entry->d_name[0] != '.';
    if (shelf != NULL)
        closedir(shelf);
    return count;
}

/* Lock files are called `.NAME.lock`. */
static void end_owner(const char *lock)
{
    char name[256];
    size_t size = strlen(lock);
    if (size <= 6 || lock[0] != '.' || strcmp(lock + size - 5, ".lock") != 0)
        return;
    snprintf(name, sizeof name, "%.*s", (int)(size - 6), lock + 1);
    pid_t owner = nest_owner(name);
    if (owner <= 0 || owner == getpid())
        return;
    kill(owner, SIGKILL);
    (void)waits_in_vain(name);
}

static void end_owners(void)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL)
        end_owner(entry->d_name);
    if (entries != NULL)
        closedir(entries);
}

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void tear_down(void)
{
    enum { DESCRIPTORS = 8 };
    if (folder[0] == '\0')
        return;
    end_owners();
    (void)!chdir("/");
    nftw(folder, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    folder[0] = '\0';
}

void nest_enter(void)
{
    static pid_t registered;
    char path[128];
    tear_down();
    if (registered != getpid())
        atexit(tear_down);
    registered = getpid();
    strcpy(folder, "/tmp/drover-nest-XXXXXX");
    ASSERT(mkdtemp(folder) != NULL);
    ASSERT_INT(chdir(folder), 0);
    snprintf(path, sizeof path, "%s/state", folder);
    ASSERT_INT(setenv("XDG_STATE_HOME", path, 1), 0);
    snprintf(path, sizeof path, "%s/runtime", folder);
    ASSERT_INT(mkdir(path, S_IRWXU), 0);
    ASSERT_INT(setenv("XDG_RUNTIME_DIR", path, 1), 0);
}

void nest_leave(void)
{
    tear_down();
}
