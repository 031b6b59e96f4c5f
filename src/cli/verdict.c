#include "cli/verdict.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "background/address.h"
#include "store/store.h"

enum { MS = 1000, NS_PER_MS = 1000 * 1000 };

static int64_t to_ms(struct timespec time)
{
    return (int64_t)time.tv_sec * MS + time.tv_nsec / NS_PER_MS;
}

static int64_t since(int64_t ms)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return to_ms(now) - ms;
}

/* Since the record was last written to. */
static int64_t age_of_file(const char *folder)
{
    char path[PATH_MAX];
    struct stat file;
    snprintf(path, sizeof path, "%s/run.db", folder);
    return stat(path, &file) < 0 ? 0 : since(to_ms(file.st_mtim));
}

static void judge(struct verdict *verdict, const struct store *store)
{
    struct store_summary summary;
    int64_t keep_ms = store_run(store)->keep_ms;
    store_summarize(store, &summary);
    verdict->killed = summary.state == STORE_RUNNING;
    verdict->resumable = store_run(store)->text_size > 0;
    verdict->left = summary.items - summary.acknowledged;
    if (verdict->killed)
        return;
    verdict->age_ms = since(summary.ended_ms);
    verdict->expired = keep_ms >= 0 && verdict->age_ms >= keep_ms;
}

struct verdict verdict_of(const char *folder)
{
    struct verdict verdict = { .age_ms = age_of_file(folder) };
    struct store *store;
    int status = store_open(folder, &store, &verdict.error);
    verdict.open = status == -EBUSY;
    verdict.unreadable = status < 0 && !verdict.open;
    if (status == 0) {
        judge(&verdict, store);
        store_close(store);
    }
    return verdict;
}

/* The file beside the socket says where results are that are no more. */
static void forget_address(const char *path, const char *folder)
{
    struct address_owner owner;
    struct address *address;
    if (address_look(path, &owner, NULL) < 0)
        return;
    if (!owner.alive && owner.store != NULL &&
        strcmp(owner.store, folder) == 0 &&
        address_own(path, folder, &address, NULL) == 0)
        address_release(address, true);
    free(owner.store);
}

int verdict_carry_out(const char *folder, struct drover_error *err)
{
    char *path = store_read_address(folder);
    int status = store_remove(folder, err);
    if (status == 0 && path != NULL && path[0] != '\0')
        forget_address(path, folder);
    free(path);
    return status;
}
