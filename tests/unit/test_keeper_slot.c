/* This program starts itself: as a keeper it is one. */
#include "run/keeper_slot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "dispatch/slot.h"
#include "run/keeper.h"
#include "run/keeper_link.h"
#include "scratch.h"
#include "store/lock.h"
#include "unit.h"

static struct keeper_material material;

/* Open SLOT with a keeper of no plugins in FOLDER. */
static int open_in(const char *folder, struct slot *slot,
                   struct drover_error *err)
{
    struct declaration *declarations[1];
    size_t refused;
    material = (struct keeper_material){ .folder = folder };
    slot_init(slot, &keeper_slot_maker, &material);
    return keeper_slot_load(slot, declarations, &refused, err);
}

static void read_folder(const struct slot *slot, char folder[4096])
{
    const struct keeper_link *link = slot->made;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/cwd", (int)link->pid);
    ssize_t size = readlink(path, folder, 4095);
    ASSERT(size > 0);
    folder[size] = '\0';
}

static void a_keeper_runs_in_the_folder_of_its_material(void)
{
    struct slot slot;
    char actual[4096], folder[PATH_MAX];
    scratch_enter();
    strcpy(folder, scratch_folder());
    ASSERT_INT(chdir("/"), 0);
    ASSERT_INT(open_in(folder, &slot, NULL), 0);
    read_folder(&slot, actual);
    slot_close(&slot);
    ASSERT_TEXT(actual, folder);
    ASSERT_INT(open_in(NULL, &slot, NULL), 0);
    read_folder(&slot, actual);
    slot_close(&slot);
    ASSERT_TEXT(actual, "/");
    scratch_leave();
}

static void a_folder_that_has_vanished_is_an_error_that_names_it(void)
{
    struct slot slot;
    struct drover_error err;
    ASSERT_INT(open_in("/no/such/folder", &slot, &err), -ENOENT);
    ASSERT_TEXT(err.message,
                "cannot start a drover-keeper process in the folder "
                "\"/no/such/folder\": No such file or directory");
}

/* --- What is held -----------------------------------------------------------
 */

/* A file, and another open file description of it that has it locked. */
static int make_locked(int *file)
{
    char path[64];
    *file = memfd_create("locked", MFD_CLOEXEC);
    ASSERT(*file >= 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", *file);
    int locked = open(path, O_RDWR | O_CLOEXEC);
    ASSERT_INT(lock_whole(locked), 0);
    ASSERT_INT(lock_whole(*file), -EBUSY);
    return locked;
}

/* Wait for an event of TYPE. */
static void await(struct slot *slot, enum slot_event_type type)
{
    const struct keeper_link *link = slot->made;
    struct slot_event event;
    int told;
    while ((told = slot_next_event(slot, &event)) == 0) {
        if (link->control.socket >= 0)
            channel_wait(&link->control, -1);
        else
            clock_pause_ms(1); /* for what a dead keeper has left */
        slot_fill(slot);
    }
    ASSERT_INT(told, 1);
    ASSERT_INT(event.type, type);
}

static void a_lock_is_held_as_long_as_the_keeper_lives(void)
{
    struct slot slot;
    int file, locked = make_locked(&file);
    ASSERT_INT(open_in(NULL, &slot, NULL), 0);
    ASSERT_INT(keeper_slot_hold(&slot, locked, NULL), 0);
    descriptor_close(&locked);
    ASSERT_INT(lock_whole(file), -EBUSY);
    keeper_slot_kill(&slot);
    slot_close(&slot);
    ASSERT_INT(lock_whole(file), 0);
    descriptor_close(&file);
}

static void a_keeper_that_is_opened_later_holds_the_lock_of_its_material(void)
{
    struct slot slot;
    int file, locked = make_locked(&file);
    material = (struct keeper_material){ .held = locked };
    slot_init(&slot, &keeper_slot_maker, &material);
    ASSERT_INT(slot_open(&slot, NULL), 0);
    descriptor_close(&locked);
    await(&slot, SLOT_READY);
    ASSERT_INT(lock_whole(file), -EBUSY);
    slot_close(&slot);
    ASSERT_INT(lock_whole(file), 0);
    descriptor_close(&file);
}

static void a_keeper_that_is_to_hold_nothing_ends(void)
{
    struct slot slot;
    ASSERT_INT(open_in(NULL, &slot, NULL), 0);
    struct keeper_link *link = slot.made;
    const struct message hold = { .type = MESSAGE_HOLD };
    ASSERT_INT(channel_send(&link->control, &hold, -1), 0);
    await(&slot, SLOT_DEAD);
    slot_close(&slot);
}

static void a_dead_keeper_that_is_to_hold_something_is_noticed_as_ever(void)
{
    struct slot slot;
    int file, locked = make_locked(&file);
    ASSERT_INT(open_in(NULL, &slot, NULL), 0);
    const struct keeper_link *link = slot.made;
    keeper_slot_kill(&slot);
    ASSERT_INT(channel_wait(&link->control, -1), 0);
    ASSERT_INT(keeper_slot_hold(&slot, locked, NULL), 0);
    await(&slot, SLOT_DEAD);
    slot_close(&slot);
    descriptor_close(&locked);
    descriptor_close(&file);
}

/* --- Deaths -----------------------------------------------------------------
 */

static void a_death_is_told_when_workers_are_gone_too(void)
{
    struct slot slot;
    ASSERT_INT(open_in(NULL, &slot, NULL), 0);
    ASSERT_INT(slot_start_worker(&slot, false, 2), 0);
    await(&slot, SLOT_BORN);
    pid_t worker = slot.current.pid;
    ASSERT_INT(kill(worker, 0), 0);
    keeper_slot_kill(&slot);
    await(&slot, SLOT_DEAD);
    ASSERT(kill(worker, 0) < 0 && errno == ESRCH);
    slot_close(&slot);
}

int main(int argc, char **argv)
{
    static const struct unit_case cases[] = {
        CASE(a_keeper_runs_in_the_folder_of_its_material),
        CASE(a_folder_that_has_vanished_is_an_error_that_names_it),
        CASE(a_lock_is_held_as_long_as_the_keeper_lives),
        CASE(a_keeper_that_is_opened_later_holds_the_lock_of_its_material),
        CASE(a_keeper_that_is_to_hold_nothing_ends),
        CASE(a_dead_keeper_that_is_to_hold_something_is_noticed_as_ever),
        CASE(a_death_is_told_when_workers_are_gone_too),
    };
    if (strcmp(argv[0], KEEPER_ROLE) == 0)
        return keeper_main();
    return unit_run(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
