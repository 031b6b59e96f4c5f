/* Running a command to its end. */
#ifndef SHELL_COMMAND_H
#define SHELL_COMMAND_H

#include "shell/capture.h"

/* status  the exit status; 128 + n when signal n ended it
 * signal  that signal, else 0 */
struct command {
    int status;
    int signal;
    struct capture output;
    struct capture errors;
};

#define COMMAND_INIT                                                           \
    {                                                                          \
        .output = CAPTURE_INIT, .errors = CAPTURE_INIT                         \
    }

/* Run ARGV, found on PATH, and wait for it; not for processes that it leaves
 * behind, even when they keep its streams open.
 *
 * input  its standard input; NULL: /dev/null
 *
 * COMMAND is from COMMAND_INIT and must be cleared, whatever comes back: 0, or
 * the negative errno of what failed, most often of posix_spawnp(3). */
int command_run(struct command *command, char *const argv[], const char *input);
void command_clear(struct command *command);

#endif
