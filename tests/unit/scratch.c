#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static char folder[64];
static int folder_before = -1; /* scratch_leave() goes back to it */

void scratch_create(void)
{
    strcpy(folder, "/tmp/drover-unit-XXXXXX");
    ASSERT(mkdtemp(folder) != NULL);
}

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void scratch_destroy(void)
{
    ASSERT_INT(nftw(folder, remove_one, 4, FTW_DEPTH | FTW_PHYS), 0);
}

void scratch_enter(void)
{
    scratch_create();
    folder_before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ASSERT_INT(chdir(folder), 0);
}

void scratch_leave(void)
{
    ASSERT_INT(fchdir(folder_before), 0);
    close(folder_before);
    scratch_destroy();
}

const char *scratch_folder(void)
{
    return folder;
}

const char *scratch_path(const char *name)
{
    static char paths[8][PATH_MAX];
    static size_t next;
    char *path = paths[next++ % 8];
    ASSERT(snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX);
    return path;
}

void scratch_make_file(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ASSERT(file >= 0);
    close(file);
}

void scratch_make_folder(const char *path)
{
    ASSERT_INT(mkdir(path, 0700), 0);
}

void scratch_write(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "we");
    ASSERT(file != NULL);
    ASSERT_INT(fwrite(bytes, 1, size, file), size);
    ASSERT_INT(fclose(file), 0);
}

size_t scratch_count(const char *path)
{
    size_t count = 0;
    DIR *entries = opendir(path);
    ASSERT(entries != NULL);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            count++;
    closedir(entries);
    return count;
}

int scratch_run_as(uid_t user, int (*function)(const void *context),
                   const void *context)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    ASSERT(pid >= 0);
    if (pid == 0) {
        if (user != geteuid() && (setgid(user) < 0 || setuid(user) < 0))
            _exit(255);
        _exit(function(context));
    }
    ASSERT_INT(waitpid(pid, &status, 0), pid);
    ASSERT(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int scratch_run(int (*function)(const void *context), const void *context)
{
    return scratch_run_as(geteuid(), function, context);
}
