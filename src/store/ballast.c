#include "store/ballast.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

static void name_ballast(const char *folder, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/ballast", folder);
}

/* Bytes that no file system can make small. */
static void fill(uint64_t *words, size_t count)
{
    uint64_t state = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < count; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        words[i] = state;
    }
}

static int write_bytes(int file)
{
    uint64_t words[BALLAST_BYTES / 8 / 8];
    fill(words, sizeof words / sizeof words[0]);
    for (size_t written = 0; written < BALLAST_BYTES; written += sizeof words) {
        ssize_t size = write(file, words, sizeof words);
        if (size < 0)
            return -errno;
        if ((size_t)size < sizeof words)
            return -ENOSPC;
    }
    return 0;
}

int ballast_create(const char *folder)
{
    char path[PATH_MAX];
    struct stat there;
    name_ballast(folder, path);
    if (lstat(path, &there) == 0 && there.st_size == BALLAST_BYTES)
        return 0;
    int file =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return -errno;
    int status = write_bytes(file);
    descriptor_close(&file);
    if (status < 0)
        unlink(path);
    return status;
}

bool ballast_free_some(const char *folder)
{
    char path[PATH_MAX];
    struct stat there;
    name_ballast(folder, path);
    return lstat(path, &there) == 0 && there.st_size > BALLAST_END_BYTES &&
           truncate(path, BALLAST_END_BYTES) == 0;
}

bool ballast_free(const char *folder)
{
    char path[PATH_MAX];
    name_ballast(folder, path);
    return unlink(path) == 0;
}
