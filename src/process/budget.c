/* The cores are the bytes of a file in memory, and taking one is locking its
 * byte: the kernel gives back what a process that dies has locked. */
#include "process/budget.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

enum { CORES_MAX = 1024 };

/* The locks are the process's, so it has to know itself which it has. */
static int file = -1;
static int core_count;
static bool taken[CORES_MAX];

void budget_open(unsigned cores)
{
    int made;
    if (file >= 0)
        return;
    made = memfd_create("drover-budget", MFD_CLOEXEC);
    if (made < 0 || descriptor_move_up(&made) < 0)
        return;
    if (cores > CORES_MAX)
        cores = CORES_MAX;
    /* One is the caller's own. */
    if (ftruncate(made, (off_t)cores - 1) < 0)
        descriptor_close(&made);
    else
        budget_adopt(made);
}

void budget_adopt(int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) < 0 || status.st_size > CORES_MAX)
        return;
    file = descriptor;
    core_count = (int)status.st_size;
}

int budget_descriptor(void)
{
    return file;
}

static bool lock(int core, short type)
{
    struct flock range = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = core, .l_len = 1
    };
    return fcntl(file, F_SETLK, &range) == 0;
}

int budget_take(void)
{
    for (int core = 0; core < core_count; core++)
        if (!taken[core] && lock(core, F_WRLCK)) {
            taken[core] = true;
            return core;
        }
    return -1;
}

void budget_give(int core)
{
    if (core < 0)
        return;
    taken[core] = false;
    lock(core, F_UNLCK);
}

void budget_forget(void)
{
    memset(taken, 0, sizeof taken);
}
