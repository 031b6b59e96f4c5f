/* Command-line options: each is described once, in a table that drives both
 * parsing and the help text. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An option.
 *
 * letter    its short form, or 0
 * name      its long form, without dashes
 * argument  the name of what it takes, or NULL
 * help      one line
 * set       takes it over into CONTEXT; VALUE is NULL without an argument.
 *           Returns NULL, or what is wrong with the value, to follow the words
 *           `option --name: ` */
struct option_row {
    char letter;
    const char *name;
    const char *argument;
    const char *help;
    const char *(*set)(void *context, const char *value);
};

/* A command of drover.
 *
 * operands  as the usage line shows them
 * summary   one line
 * options   ended by a row without a name
 * run       gets what is left of the command line; returns the exit status */
struct command {
    const char *name;
    const char *operands;
    const char *summary;
    const struct option_row *options;
    int (*run)(const struct command *command, int argc, char **argv);
};

/* Parse the options of COMMAND in ARGV (argv[0] is its name) into CONTEXT.
 * Prints what is wrong, or the help that was asked for.
 *
 * Returns the index of the first operand; negative: end with the exit status
 * -1 - result. */
int options_parse(const struct command *command, int argc, char **argv,
                  void *context);

/* Print the help of COMMAND to standard output. */
void options_help(const struct command *command);

/* The one operand of COMMAND, a NAME ("job file"), behind the options that
 * options_parse() took. Returns NULL, having complained, when there is none or
 * more than one, or when it is empty. */
const char *options_operand(const struct command *command, int argc,
                            char **argv, int first, const char *name);

/* Check the operands of COMMAND, one or more NAMEs ("address"), behind the
 * options that options_parse() took. Returns how many there are; 0, having
 * complained, when there is none, or one that is empty. */
size_t options_operands(const struct command *command, int argc, char **argv,
                        int first, const char *name);

/* Read the value of an option that is a duration: see job/duration.h. Returns
 * NULL, or what is wrong with it. */
const char *options_duration(const char *value, int64_t *out_ms);

/* The value of an option --format: whether texts are printed as they are.
 * Returns NULL, or what is wrong with it. */
const char *options_format(const char *value, bool *plain);

/* Read the value of an option --nan into *FLAGS, of enum drover_json_flags.
 * Returns likewise. */
const char *options_nan(const char *value, unsigned *flags);

/* Say that the command line is wrong, and where help is. Returns
 * STATUS_USAGE. */
int options_complain(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Print a message to standard error: "drover: " in front, a newline behind. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
