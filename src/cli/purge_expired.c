#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "cli/purge.h"
#include "cli/verdict.h"
#include "store/shelf.h"
#include "store/store.h"

enum { LOOKS_AT_ONCE = 8, PAUSE_SECONDS = 60 * 60 };

/* Where we are in a tour of all stores.
 *
 * file   among the stores: the name of the one that was looked at last; empty
 *        between two tours, and then changed when the last one ended
 * after  what it says
 * found  we have come past that one */
struct tour {
    int file;
    char after[STORE_NAME_BYTES];
    bool found;
    unsigned looks;
};

/* Returns whether there is something to do. */
static bool begin(struct tour *tour)
{
    char path[PATH_MAX];
    char *shelf;
    struct stat file;
    *tour = (struct tour){ .file = -1 };
    if (shelf_get(false, &shelf, NULL) < 0)
        return false;
    int length = snprintf(path, sizeof path, "%s/.purge", shelf);
    free(shelf);
    if (length < PATH_MAX)
        tour->file =
            open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (tour->file < 0 || fstat(tour->file, &file) < 0)
        return false;
    ssize_t got = pread(tour->file, tour->after, sizeof tour->after - 1, 0);
    tour->found = got <= 0;
    return got > 0 || time(NULL) - file.st_mtime >= PAUSE_SECONDS;
}

static const char *name_of(const char *folder)
{
    return strrchr(folder, '/') + 1;
}

/* Returns 1 when that was enough for now. */
static int look(void *context, const char *folder)
{
    struct tour *tour = context;
    if (!tour->found) {
        tour->found = strcmp(name_of(folder), tour->after) == 0;
        return 0;
    }
    struct verdict verdict = verdict_of(folder);
    if (verdict.expired)
        verdict_carry_out(folder, NULL);
    snprintf(tour->after, sizeof tour->after, "%s", name_of(folder));
    return ++tour->looks == LOOKS_AT_ONCE;
}

/* Writing makes the file new, also when there is nothing in it. */
static void note(const struct tour *tour, bool finished)
{
    size_t size = finished ? 0 : strlen(tour->after);
    if (ftruncate(tour->file, (off_t)size) == 0 &&
        pwrite(tour->file, tour->after, size, 0) >= 0)
        futimens(tour->file, NULL);
}

void purge_expired(void)
{
    struct tour tour;
    if (begin(&tour))
        note(&tour, store_visit(look, &tour, NULL) != 1);
    descriptor_close(&tour.file);
}
