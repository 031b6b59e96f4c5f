/* The commands of drover: a row here and a file of its own make a command. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/options.h"

extern const struct command command_run;
extern const struct command command_start;
extern const struct command command_resume;
extern const struct command command_call;
extern const struct command command_check;
extern const struct command command_describe;
extern const struct command command_collect;
extern const struct command command_status;
extern const struct command command_wait;
extern const struct command command_cancel;
extern const struct command command_logs;
extern const struct command command_attach;
extern const struct command command_list;
extern const struct command command_plan;
extern const struct command command_purge;

#endif
