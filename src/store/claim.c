/* Whoever runs calls of a run has a claim on them: a lock apart from that of
 * the store, for it is held by more processes, and longer. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "store/lock.h"
#include "store/state.h"

enum { LOOK_MS = 10, OTHERS_MAX = 8 };

/* --- Who has it ------------------------------------------------------------
 *
 * The kernel does not tell whose such a lock is. */

static bool has_open(long pid, const struct stat *file)
{
    char path[64];
    struct stat other;
    bool found = false;
    snprintf(path, sizeof path, "/proc/%ld/fd", pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    const struct dirent *entry;
    while (!found && (entry = readdir(folder)) != NULL)
        found = fstatat(dirfd(folder), entry->d_name, &other, 0) == 0 &&
                other.st_dev == file->st_dev && other.st_ino == file->st_ino;
    closedir(folder);
    return found;
}

/* Which others have the file open: the first of them in OTHERS, OTHERS_MAX at
 * most. Returns how many there are. */
static size_t find_others(int file, long others[OTHERS_MAX])
{
    struct stat there;
    size_t count = 0;
    DIR *processes = opendir("/proc");
    if (processes == NULL)
        return 0;
    const struct dirent *entry;
    while (fstat(file, &there) == 0 && (entry = readdir(processes)) != NULL) {
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid <= 0 || pid == getpid() || !has_open(pid, &there))
            continue;
        if (count < OTHERS_MAX)
            others[count] = pid;
        count++;
    }
    closedir(processes);
    return count;
}

/* As kill(1) takes them: "process 7", "processes 7 8 9 and 2 more". */
static void describe_others(int file, char *text, size_t size)
{
    long others[OTHERS_MAX];
    size_t count = find_others(file, others);
    size_t named = count < OTHERS_MAX ? count : OTHERS_MAX;
    if (count == 0) {
        snprintf(text, size, "processes that cannot be seen");
        return;
    }
    int used = snprintf(text, size, "process%s", count == 1 ? "" : "es");
    for (size_t i = 0; i < named; i++)
        used += snprintf(text + used, size - (size_t)used, " %ld", others[i]);
    if (count > named)
        snprintf(text + used, size - (size_t)used, " and %zu more",
                 count - named);
}

/* --- Taking it -------------------------------------------------------------
 */

static int refuse(const struct store *store, int file, struct drover_error *err)
{
    char others[160];
    describe_others(file, others, sizeof others);
    return error_set(err, EBUSY,
                     "calls that were under way when run %s was killed have "
                     "not ended: %s; end what is left, or try again later",
                     store->name, others);
}

static int await_lock(int file, int64_t patience_ms)
{
    int64_t until_ms = clock_now_ms() + patience_ms;
    int status;
    while ((status = lock_whole(file)) == -EBUSY && clock_now_ms() < until_ms)
        clock_pause_ms(LOOK_MS);
    return status;
}

int store_claim_calls(struct store *store, int64_t patience_ms,
                      struct drover_error *err)
{
    if (store->claim >= 0)
        return 0;
    int file = lock_open(store->folder, "calls", O_RDWR | O_CREAT);
    if (file < 0)
        return error_set(err, -file, "cannot open %s/calls: %s", store->folder,
                         strerror(-file));
    int status = await_lock(file, patience_ms);
    if (status == -EBUSY)
        status = refuse(store, file, err);
    else if (status < 0)
        status = error_set(err, -status, "cannot lock %s/calls: %s",
                           store->folder, strerror(-status));
    if (status == 0)
        store->claim = file;
    else
        descriptor_close(&file);
    return status;
}

int store_claim_descriptor(const struct store *store)
{
    return store->claim;
}
