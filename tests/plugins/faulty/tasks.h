/* The tasks of the plugin `faulty`, by theme. */
#ifndef FAULTY_TASKS_H
#define FAULTY_TASKS_H

#include <drover/plugin.h>

/* ends.c: calls that do not return as they should. */
int end_badly(struct drover_call *call);
int hang(struct drover_call *call);
int kill_keeper(struct drover_call *call);
int close_all(struct drover_call *call);
int scribble(struct drover_call *call);

/* prints.c: calls that print and log. */
int print_lines(struct drover_call *call);
int print_garbage(struct drover_call *call);
int write_log(struct drover_call *call);

/* results.c: results of many kinds. */
int echo(struct drover_call *call);
int big(struct drover_call *call);
int late(struct drover_call *call);
int many(struct drover_call *call);
int drip(struct drover_call *call);
int undeclared(struct drover_call *call);

/* traces.c: calls that leave something behind, or wait for something. */
int change_process(struct drover_call *call);
int tell_process(struct drover_call *call);
int leave(struct drover_call *call);
int meet(struct drover_call *call);

/* Print a line and wait until there is such a file. */
void wait_for_file(const char *path);

#endif
