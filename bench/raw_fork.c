/* fork and waitpid with two children alive, nothing else: what a forked call
 * cannot be quicker than. With names of shared objects as further arguments
 * these are loaded first, for forking costs more the more is mapped.
 *
 *     raw_fork COUNT [OBJECT...]
 *
 * Prints how many children a second. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 10000;
    for (int i = 2; i < argc; i++)
        if (dlopen(argv[i], RTLD_NOW | RTLD_GLOBAL) == NULL) {
            fprintf(stderr, "raw_fork: %s\n", dlerror());
            return EXIT_FAILURE;
        }
    double begin_s = now_s();
    long alive = 0;
    for (long i = 0; i < count; i++) {
        if (alive == 2) {
            waitpid(-1, NULL, 0);
            alive--;
        }
        pid_t pid = fork();
        if (pid == 0)
            _exit(EXIT_SUCCESS);
        if (pid < 0) {
            perror("raw_fork: fork");
            return EXIT_FAILURE;
        }
        alive++;
    }
    while (waitpid(-1, NULL, 0) > 0)
        ;
    printf("%.0f\n", (double)count / (now_s() - begin_s));
    return EXIT_SUCCESS;
}
