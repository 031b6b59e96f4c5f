/* This program starts itself: as "child" it says where it runs. */
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"

static int be_the_child(void)
{
    char folder[4096];
    return getcwd(folder, sizeof folder) != NULL && puts(folder) >= 0 ? 0 : 1;
}

/* Start the child in FOLDER; what it says is put into SAID. */
static int start(const char *folder, char said[4096], struct drover_error *err)
{
    const char *const argv[] = { "child", NULL };
    int ends[2];
    pid_t pid;
    ASSERT_INT(pipe2(ends, O_CLOEXEC), 0);
    const int descriptors[] = { ends[0], ends[1] };
    const struct spawn_request request = {
        .argv = argv, .folder = folder, .descriptors = descriptors, .count = 2
    };
    int status = spawn_self(&request, &pid, err);
    close(ends[1]);
    if (status == 0) {
        int ended = spawn_reap(pid, clock_now_ms() + 60 * 1000);
        ASSERT(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
        ssize_t size = read(ends[0], said, 4095);
        ASSERT(size > 0);
        said[size - 1] = '\0';
    }
    close(ends[0]);
    return status;
}

static void without_a_folder_it_runs_in_this_one(void)
{
    char said[4096], here[4096];
    ASSERT(getcwd(here, sizeof here) != NULL);
    ASSERT_INT(start(NULL, said, NULL), 0);
    ASSERT_TEXT(said, here);
}

static void with_one_it_runs_there_and_we_stay_here(void)
{
    char said[4096], here[4096], after[4096];
    char folder[] = "/tmp/drover-spawn-XXXXXX";
    ASSERT(getcwd(here, sizeof here) != NULL);
    ASSERT(mkdtemp(folder) != NULL);
    int status = start(folder, said, NULL);
    rmdir(folder);
    ASSERT_INT(status, 0);
    ASSERT_TEXT(said, folder);
    ASSERT(getcwd(after, sizeof after) != NULL);
    ASSERT_TEXT(after, here);
}

static void a_folder_that_is_gone_is_named(void)
{
    char said[4096];
    struct drover_error err;
    ASSERT_INT(start("/no/such/folder", said, &err), -ENOENT);
    ASSERT_TEXT(err.message, "cannot start a child process in the folder "
                             "\"/no/such/folder\": No such file or directory");
    ASSERT_INT(start("/dev/null", said, &err), -ENOTDIR);
}

int main(int argc, char **argv)
{
    static const struct unit_case cases[] = {
        CASE(without_a_folder_it_runs_in_this_one),
        CASE(with_one_it_runs_there_and_we_stay_here),
        CASE(a_folder_that_is_gone_is_named),
    };
    if (strcmp(argv[0], "child") == 0)
        return be_the_child();
    return unit_run(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
