/* This program starts itself: as a keeper it is one. */
#include "run/keeper_slot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/slot.h"
#include "own_folder.h"
#include "run/keeper.h"
#include "run/keeper_link.h"
#include "unit.h"

/* Open SLOT with a keeper of no plugins in FOLDER. */
static int open_in(const char *folder, struct slot *slot,
                   struct drover_error *err)
{
    static struct keeper_material material;
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
    char actual[4096], folder[sizeof own_folder];
    own_folder_enter();
    strcpy(folder, own_folder);
    ASSERT_INT(chdir("/"), 0);
    ASSERT_INT(open_in(folder, &slot, NULL), 0);
    read_folder(&slot, actual);
    slot_close(&slot);
    ASSERT_TEXT(actual, folder);
    ASSERT_INT(open_in(NULL, &slot, NULL), 0);
    read_folder(&slot, actual);
    slot_close(&slot);
    ASSERT_TEXT(actual, "/");
    ASSERT_INT(chdir(folder), 0);
    OWN_FOLDER_LEAVE(NULL);
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

int main(int argc, char **argv)
{
    static const struct unit_case cases[] = {
        CASE(a_keeper_runs_in_the_folder_of_its_material),
        CASE(a_folder_that_has_vanished_is_an_error_that_names_it),
    };
    if (strcmp(argv[0], KEEPER_ROLE) == 0)
        return keeper_main();
    return unit_run(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
