#include "own_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

char own_folder[32];
static int folder_before = -1;

void own_folder_enter(void)
{
    strcpy(own_folder, "/tmp/drover-unit-XXXXXX");
    folder_before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ASSERT(mkdtemp(own_folder) != NULL);
    ASSERT_INT(chdir(own_folder), 0);
}

void own_folder_leave(const char *const *names)
{
    for (; *names != NULL; names++)
        ASSERT_INT(unlink(*names), 0);
    ASSERT_INT(fchdir(folder_before), 0);
    close(folder_before);
    ASSERT_INT(rmdir(own_folder), 0);
}

void own_folder_write(const char *name, const char *bytes, size_t size)
{
    FILE *file = fopen(name, "we");
    ASSERT(file != NULL);
    ASSERT_INT(fwrite(bytes, 1, size, file), size);
    ASSERT_INT(fclose(file), 0);
}
