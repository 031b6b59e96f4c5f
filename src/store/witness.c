#include "store/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "store/folder.h"
#include "store/state.h"

static const char NAME[] = "commits";

/* Always as long, so that one takes the place of another. */
enum { TEXT_BYTES = 21 };

static void write_text(uint64_t commits, char text[TEXT_BYTES + 1])
{
    snprintf(text, TEXT_BYTES + 1, "%020" PRIu64 "\n", commits);
}

int witness_create(const char *folder, struct drover_error *err)
{
    char text[TEXT_BYTES + 1];
    write_text(0, text);
    return folder_write_file(folder, NAME, text, err);
}

static int open_file(struct store *store, struct drover_error *err)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", store->folder, NAME) >= PATH_MAX)
        return error_set(err, ENAMETOOLONG, "the path of store %s is too long",
                         store->folder);
    store->witness = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    int status = store->witness < 0 ? -errno : 0;
    if (status == 0)
        status = descriptor_move_up(&store->witness);
    if (status == -ENOENT)
        return store_fail_damaged(store, "its file \"commits\" is missing",
                                  err);
    return status < 0 ? error_set(err, -status, "cannot open %s: %s", path,
                                  strerror(-status))
                      : 0;
}

/* Returns whether the file says a number. */
static bool read_commits(int file, uint64_t *commits)
{
    char text[TEXT_BYTES + 1];
    char *end;
    if (pread(file, text, sizeof text, 0) != TEXT_BYTES ||
        text[TEXT_BYTES - 1] != '\n')
        return false;
    text[TEXT_BYTES - 1] = '\0';
    errno = 0;
    *commits = strtoull(text, &end, 10);
    return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

int witness_open(struct store *store, struct drover_error *err)
{
    uint64_t commits;
    char why[128];
    int status = open_file(store, err);
    if (status < 0)
        return status;
    if (!read_commits(store->witness, &commits))
        return store_fail_damaged(store, "its file \"commits\" makes no sense",
                                  err);
    if (commits <= store->committed.commits)
        return 0;
    snprintf(why, sizeof why,
             "its log lacks the last %" PRIu64 " of %" PRIu64 " commits",
             commits - store->committed.commits, commits);
    return store_fail_damaged(store, why, err);
}

void witness_note(const struct store *store)
{
    char text[TEXT_BYTES + 1];
    write_text(store->committed.commits, text);
    (void)!pwrite(store->witness, text, TEXT_BYTES, 0);
}
