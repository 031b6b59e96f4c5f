#include "process/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

enum { CHILDREN_MAX = 64 }; /* looked at in one round */

int tree_open(struct tree *tree, struct drover_error *err)
{
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        return error_set(err, errno, "cannot become a subreaper: %s",
                         strerror(errno));
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    tree->children = open(path, O_RDONLY | O_CLOEXEC);
    if (tree->children < 0)
        return error_set(err, errno, "cannot open %s: %s", path,
                         strerror(errno));
    return 0;
}

void tree_close(struct tree *tree)
{
    descriptor_close(&tree->children);
}

static bool is_spared(pid_t pid, const pid_t *spared, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (spared[i] == pid)
            return true;
    return false;
}

/* The children to kill, up to CHILDREN_MAX. */
static size_t find_victims(const struct tree *tree, const pid_t *spared,
                           size_t spared_count, pid_t *victims)
{
    char text[CHILDREN_MAX * 8 + 1];
    ssize_t size = pread(tree->children, text, sizeof text - 1, 0);
    if (size <= 0)
        return 0;
    text[size] = '\0';
    size_t count = 0;
    char *next = text, *end;
    while (count < CHILDREN_MAX) {
        long pid = strtol(next, &end, 10);
        if (end == next || *end != ' ') /* the last one may be cut */
            break;
        if (!is_spared((pid_t)pid, spared, spared_count))
            victims[count++] = (pid_t)pid;
        next = end;
    }
    return count;
}

/* Kill those that we may kill, which move to the front: one that has become
 * another user's would be waited for for ever. Returns how many these are. */
static size_t kill_all(pid_t *victims, size_t count)
{
    size_t killed = 0;
    for (size_t i = 0; i < count; i++)
        if (kill(victims[i], SIGKILL) == 0)
            victims[killed++] = victims[i];
    return killed;
}

size_t tree_kill(const struct tree *tree, const pid_t *spared,
                 size_t spared_count)
{
    pid_t victims[CHILDREN_MAX];
    size_t killed = 0;
    for (;;) {
        size_t count = find_victims(tree, spared, spared_count, victims);
        if (count == 0)
            return killed;
        count = kill_all(victims, count);
        if (count == 0)
            return killed;
        for (size_t i = 0; i < count; i++)
            while (waitpid(victims[i], NULL, 0) < 0 && errno == EINTR)
                ;
        killed += count;
    }
}
