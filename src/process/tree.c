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
    tree->before = 0; /* valgrind does not see that prctl writes it */
    if (prctl(PR_GET_CHILD_SUBREAPER, &tree->before, 0, 0, 0) < 0 ||
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        return error_set(err, errno, "cannot become a subreaper: %s",
                         strerror(errno));
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    tree->children = open(path, O_RDONLY | O_CLOEXEC);
    if (tree->children >= 0)
        return 0;
    int code = errno;
    prctl(PR_SET_CHILD_SUBREAPER, tree->before, 0, 0, 0);
    return error_set(err, code, "cannot open %s: %s", path, strerror(code));
}

void tree_close(struct tree *tree)
{
    prctl(PR_SET_CHILD_SUBREAPER, tree->before, 0, 0, 0);
    descriptor_close(&tree->children);
}

/* --- The list ---------------------------------------------------------------
 *
 * Between two of our waits it only grows, at its end, so it can be read in
 * pieces. */

struct walk {
    int children;
    off_t position;
    ssize_t size;
    ssize_t used;
    char text[512];
};

/* Returns the next byte, or -1 at the end. */
static int next_byte(struct walk *walk)
{
    if (walk->used == walk->size) {
        walk->size = pread(walk->children, walk->text, sizeof walk->text,
                           walk->position);
        walk->used = 0;
        if (walk->size <= 0)
            return -1;
        walk->position += walk->size;
    }
    return walk->text[walk->used++];
}

/* Returns the next child, or 0. Each number is followed by a space. */
static pid_t next_child(struct walk *walk)
{
    pid_t pid = 0;
    int byte;
    while ((byte = next_byte(walk)) >= '0')
        pid = pid * 10 + (byte - '0');
    return byte < 0 ? 0 : pid;
}

size_t tree_list(const struct tree *tree, pid_t *children, size_t room)
{
    struct walk walk = { .children = tree->children };
    size_t count = 0;
    for (pid_t pid; (pid = next_child(&walk)) > 0; count++)
        if (count < room)
            children[count] = pid;
    return count;
}

/* --- Killing ---------------------------------------------------------------
 */

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
    struct walk walk = { .children = tree->children };
    size_t count = 0;
    pid_t pid;
    while (count < CHILDREN_MAX && (pid = next_child(&walk)) > 0)
        if (!is_spared(pid, spared, spared_count))
            victims[count++] = pid;
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
