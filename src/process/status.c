#include "process/status.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_BYTES = 8192 };

static int read_text(char text[TEXT_BYTES])
{
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    ssize_t size = read(file, text, TEXT_BYTES - 1);
    int code = errno;
    close(file);
    if (size < 0)
        return -code;
    text[size] = '\0';
    return 0;
}

/* The number behind "\nNAME:" in TEXT, or 0. */
static uint64_t field(const char *text, const char *name, int base)
{
    const char *found = strstr(text, name);
    return found == NULL ? 0 : strtoull(found + strlen(name), NULL, base);
}

unsigned status_thread_count(void)
{
    char text[TEXT_BYTES];
    return read_text(text) < 0 ? 0 : (unsigned)field(text, "\nThreads:", 10);
}

static unsigned count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;
    if (folder == NULL)
        return 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

int status_read(struct status *status)
{
    char text[TEXT_BYTES];
    struct stat folder;
    int result = read_text(text);
    if (result < 0)
        return result;
    if (stat(".", &folder) < 0)
        return -errno;
    *status = (struct status){
        .umask = (unsigned)field(text, "\nUmask:", 8),
        .threads = (unsigned)field(text, "\nThreads:", 10),
        .descriptors = count_descriptors(),
        .blocked = field(text, "\nSigBlk:", 16),
        .ignored = field(text, "\nSigIgn:", 16),
        .folder = { folder.st_dev, folder.st_ino },
    };
    return 0;
}

const char *status_difference(const struct status *before,
                              const struct status *now)
{
    if (memcmp(before->folder, now->folder, sizeof now->folder) != 0)
        return "the working folder";
    if (before->umask != now->umask)
        return "the umask";
    if (before->threads != now->threads)
        return "the number of threads";
    if (before->descriptors != now->descriptors)
        return "the open descriptors";
    if (before->blocked != now->blocked)
        return "the blocked signals";
    if (before->ignored != now->ignored)
        return "the ignored signals";
    return NULL;
}
