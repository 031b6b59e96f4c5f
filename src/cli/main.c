#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/descriptor.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/status.h"
#include "run/keeper.h"

static const struct command *const commands[] = {
    &command_run,  &command_start,  &command_collect,  &command_status,
    &command_wait, &command_attach, &command_logs,     &command_cancel,
    &command_list, &command_resume, &command_plan,     &command_purge,
    &command_call, &command_check,  &command_describe,
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void print_help(void)
{
    puts("Usage: drover COMMAND [OPTION...] ...\n"
         "Run native code in parallel: the calls of a YAML job, in worker\n"
         "processes, by tasks that plugins provide.\n\nCommands:");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    puts("\ndrover COMMAND --help tells what a command takes, drover(1) the "
         "rest.\ndrover --version prints the version.");
}

static const char *command_name(const void *context, size_t i)
{
    (void)context;
    return commands[i]->name;
}

static int complain_unknown(const char *name)
{
    const char *near = text_nearest(name, command_name, NULL, COMMAND_COUNT);
    if (name[0] == '-')
        say("no option %s in front of a command (see drover --help)", name);
    else if (near != NULL)
        say("no command \"%s\" (did you mean \"%s\"?)", name, near);
    else
        say("no command \"%s\" (see drover --help)", name);
    return STATUS_USAGE;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int help_with(const char *name)
{
    const struct command *command = find_command(name);
    if (command == NULL)
        return complain_unknown(name);
    options_help(command);
    return STATUS_OK;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        say("which command? (see drover --help)");
        return STATUS_USAGE;
    }
    const char *name = argv[1];
    bool help = strcmp(name, "help") == 0;
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
        (help && argc == 2)) {
        print_help();
        return STATUS_OK;
    }
    if (help)
        return help_with(argv[2]);
    if (strcmp(name, "--version") == 0) {
        puts("drover " PACKAGE_VERSION);
        return STATUS_OK;
    }
    const struct command *command = find_command(name);
    return command == NULL ? complain_unknown(name)
                           : command->run(command, argc - 1, argv + 1);
}

/* Nothing of how we were started may change what we do: signals inherited as
 * ignored or blocked would lose exit statuses and interrupts. */
static void take_control_of_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
}

/* What was printed must have got out, or somebody will act on half of it. */
static int close_output(int status)
{
    bool failed = fflush(stdout) != 0 || ferror(stdout) != 0;
    if (!failed || status != STATUS_OK)
        return status;
    say("cannot write to standard output: %s", strerror(errno));
    return STATUS_IO;
}

int main(int argc, char **argv)
{
    if (argc > 0 && strcmp(argv[0], KEEPER_ROLE) == 0)
        return keeper_main();
    if (descriptor_open_standard() < 0)
        return STATUS_INTERNAL;
    take_control_of_signals();
    return close_output(dispatch(argc, argv));
}
