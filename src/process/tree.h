/* The processes below this one. A subreaper inherits whatever its descendants
 * leave behind, so killing its children again and again reaches all of them,
 * whatever sessions they moved to. */
#ifndef PROCESS_TREE_H
#define PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <drover/error.h>

/* The children of this process, for a process with one thread.
 *
 * children  /proc/self/task/TID/children
 * before    whether it was a subreaper already */
struct tree {
    int children;
    int before;
};

/* Make this process the one that inherits orphaned descendants, until TREE is
 * closed. Those that it has inherited stay its children. */
int tree_open(struct tree *tree, struct drover_error *err);
void tree_close(struct tree *tree);

/* Write down the children, those that ended but were not reaped included, as
 * many as there is room for: CHILDREN may be NULL when ROOM is 0. Returns how
 * many there are. */
size_t tree_list(const struct tree *tree, pid_t *children, size_t room);

/* Kill all children but those of the list, and whatever then becomes a child,
 * and reap them; waits until they are gone. Those that have become another
 * user's, whom we may not kill, are left. Returns how many were killed. */
size_t tree_kill(const struct tree *tree, const pid_t *spared,
                 size_t spared_count);

#endif
