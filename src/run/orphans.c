/* [host] */
#include "run/orphans.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "process/tree.h"

enum { LOOK_MS = 5 };

/* Children are a matter of the whole process, and so is this.
 *
 * watchers  keepers, those that are to be started included
 * spared    children that are not to be killed, spared_count of them: those
 *           that were there before, and the keepers that live */
static struct {
    struct tree tree;
    size_t watchers;
    pid_t *spared;
    size_t spared_count;
} orphans;

/* --- Watching --------------------------------------------------------------
 */

static int spare_those_before(void)
{
    size_t count = tree_list(&orphans.tree, NULL, 0);
    if (count == 0)
        return 0;
    orphans.spared = calloc(count, sizeof *orphans.spared);
    if (orphans.spared == NULL)
        return -ENOMEM;
    orphans.spared_count = tree_list(&orphans.tree, orphans.spared, count);
    return 0;
}

static void leave_alone(void)
{
    tree_close(&orphans.tree);
    free(orphans.spared);
    orphans.spared = NULL;
    orphans.spared_count = 0;
}

static int begin(struct drover_error *err)
{
    int status = tree_open(&orphans.tree, err);
    if (status < 0)
        return status;
    status = spare_those_before();
    if (status < 0) {
        leave_alone();
        return error_no_memory(err);
    }
    return 0;
}

/* Each watcher may have one keeper more on the list. */
static int make_room(void)
{
    size_t room = orphans.spared_count + orphans.watchers + 1;
    pid_t *spared = reallocarray(orphans.spared, room, sizeof *spared);
    if (spared == NULL)
        return -ENOMEM;
    orphans.spared = spared;
    return 0;
}

int orphans_watch(struct drover_error *err)
{
    int status = orphans.watchers > 0 ? 0 : begin(err);
    if (status < 0)
        return status;
    if (make_room() < 0) {
        if (orphans.watchers == 0)
            leave_alone();
        return error_no_memory(err);
    }
    orphans.watchers++;
    return 0;
}

void orphans_unwatch(void)
{
    assert(orphans.watchers > 0);
    if (--orphans.watchers == 0)
        leave_alone();
}

void orphans_spare(pid_t keeper)
{
    orphans.spared[orphans.spared_count++] = keeper;
}

void orphans_forget(pid_t keeper)
{
    for (size_t i = 0; i < orphans.spared_count; i++)
        if (orphans.spared[i] == keeper) {
            orphans.spared[i] = orphans.spared[--orphans.spared_count];
            return;
        }
}

/* --- Killing ---------------------------------------------------------------
 */

static bool is_spared(pid_t child)
{
    for (size_t i = 0; i < orphans.spared_count; i++)
        if (orphans.spared[i] == child)
            return true;
    return getsid(child) == getsid(0);
}

enum fate { SPARED, REAPED, DYING };

static enum fate kill_one(pid_t child)
{
    if (is_spared(child))
        return SPARED;
    if (waitpid(child, NULL, WNOHANG) == child)
        return REAPED;
    return kill(child, SIGKILL) == 0 ? DYING : SPARED;
}

/* Returns one that is left, or 0; *REAPED_ANY is set when somebody was reaped,
 * whose children may have become ours. */
static pid_t kill_all(const pid_t *children, size_t count, bool *reaped_any)
{
    pid_t left = 0;
    for (size_t i = 0; i < count; i++) {
        enum fate fate = kill_one(children[i]);
        if (fate == DYING)
            left = children[i];
        *reaped_any |= fate == REAPED;
    }
    return left;
}

/* Nobody is left when a look at all children finds nobody to kill or reap. */
pid_t orphans_kill(void)
{
    pid_t left = 0;
    bool again = true;
    while (left == 0 && again) {
        size_t count = tree_list(&orphans.tree, NULL, 0);
        pid_t *children = calloc(count + 1, sizeof *children);
        if (children == NULL)
            return -ENOMEM;
        size_t listed = tree_list(&orphans.tree, children, count);
        again = listed > count;
        left = kill_all(children, again ? count : listed, &again);
        free(children);
    }
    return left;
}

void orphans_kill_until(int64_t deadline_ms)
{
    while (orphans_kill() != 0 && clock_now_ms() < deadline_ms)
        clock_pause_ms(LOOK_MS);
}
