#include "shell/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

static int write_all(int descriptor, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t written = write(descriptor, text, left);
        if (written < 0 && errno != EINTR)
            return -errno;
        if (written > 0) {
            text += written;
            left -= (size_t)written;
        }
    }
    return 0;
}

/* A memory file, not a pipe: a command that does not read its input must
 * neither block us nor end us with SIGPIPE. */
static int open_input(const char *input)
{
    if (input == NULL) {
        int empty = open("/dev/null", O_RDONLY | O_CLOEXEC);
        return empty < 0 ? -errno : empty;
    }
    int file = memfd_create("input", MFD_CLOEXEC);
    if (file < 0)
        return -errno;
    int result = write_all(file, input);
    if (result == 0 && lseek(file, 0, SEEK_SET) < 0)
        result = -errno;
    if (result < 0) {
        close(file);
        return result;
    }
    return file;
}

/* The command starts with default signals, whatever the worker has set. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int code = posix_spawnattr_setsigdefault(attributes, &all);
    if (code == 0)
        code = posix_spawnattr_setsigmask(attributes, &none);
    if (code == 0)
        code = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF |
                                                        POSIX_SPAWN_SETSIGMASK);
    return code;
}

static int set_streams(posix_spawn_file_actions_t *actions, int input,
                       const struct command *command)
{
    int code = posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(
            actions, command->output.writing, STDOUT_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(
            actions, command->errors.writing, STDERR_FILENO);
    return code;
}

static int spawn(pid_t *pid, char *const argv[], int input,
                 const struct command *command)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return -code;
    code = posix_spawnattr_init(&attributes);
    if (code == 0) {
        code = set_signals(&attributes);
        if (code == 0)
            code = set_streams(&actions, input, command);
        if (code == 0)
            code = posix_spawnp(pid, argv[0], &actions, &attributes, argv,
                                environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return -code;
}

/* Read both streams until the process of PIDFD has ended. */
static int read_streams(struct command *command, int pidfd)
{
    struct capture *captures[] = { &command->output, &command->errors };
    struct pollfd watched[] = {
        { .fd = command->output.reading, .events = POLLIN },
        { .fd = command->errors.reading, .events = POLLIN },
        { .fd = pidfd, .events = POLLIN },
    };
    while (watched[2].revents == 0) {
        if (poll(watched, 3, -1) < 0) {
            if (errno != EINTR)
                return -errno;
            continue;
        }
        for (size_t i = 0; i < 2; i++)
            if (watched[i].revents != 0 && !capture_read(captures[i]))
                watched[i].fd = -1;
    }
    /* Its last words are still in the pipes. A process left behind may write
     * on and on: what is too much anyway need not be read. */
    for (size_t i = 0; i < 2; i++)
        while (!captures[i]->cut && capture_read(captures[i]))
            ;
    return 0;
}

static int reap(struct command *command, pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    if (WIFSIGNALED(status)) {
        command->signal = WTERMSIG(status);
        command->status = 128 + command->signal;
    } else {
        command->status = WEXITSTATUS(status);
    }
    return 0;
}

static int attend(struct command *command, pid_t pid)
{
    int pidfd = pidfd_open(pid, 0);
    int result = pidfd < 0 ? -errno : read_streams(command, pidfd);
    if (pidfd >= 0)
        close(pidfd);
    if (result < 0)
        kill(pid, SIGKILL);
    int reaped = reap(command, pid);
    return result < 0 ? result : reaped;
}

int command_run(struct command *command, char *const argv[], const char *input)
{
    int result = capture_open(&command->output);
    if (result == 0)
        result = capture_open(&command->errors);
    if (result < 0)
        return result;
    int stdin_file = open_input(input);
    if (stdin_file < 0)
        return stdin_file;
    pid_t pid = -1;
    result = spawn(&pid, argv, stdin_file, command);
    close(stdin_file);
    capture_close_writing(&command->output);
    capture_close_writing(&command->errors);
    return result < 0 ? result : attend(command, pid);
}

void command_clear(struct command *command)
{
    capture_clear(&command->output);
    capture_clear(&command->errors);
}
