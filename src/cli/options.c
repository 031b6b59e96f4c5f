#include "cli/options.h"

#include <drover/value.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/status.h"
#include "job/duration.h"

enum {
    OPTIONS_MAX = 24,
    HELP_COLUMN = 26,
    VALUE_OF_HELP = 1000, /* beyond any index and below any letter's clash */
};

void say(const char *format, ...)
{
    va_list arguments;
    fputs("drover: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

int options_complain(const struct command *command, const char *format, ...)
{
    va_list arguments;
    fputs("drover: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (see drover %s --help)\n", command->name);
    return STATUS_USAGE;
}

static void print_row(char letter, const char *name, const char *argument,
                      const char *help)
{
    char left[64];
    int used = letter != 0
                   ? snprintf(left, sizeof left, "  -%c, --%s", letter, name)
                   : snprintf(left, sizeof left, "      --%s", name);
    if (argument != NULL)
        snprintf(left + used, sizeof left - (size_t)used, " %s", argument);
    printf("%-*s %s\n", HELP_COLUMN, left, help);
}

void options_help(const struct command *command)
{
    printf("Usage: drover %s [OPTION...]%s%s\n%s.\n\nOptions:\n", command->name,
           command->operands[0] == '\0' ? "" : " ", command->operands,
           command->summary);
    for (const struct option_row *row = command->options; row->name; row++)
        print_row(row->letter, row->name, row->argument, row->help);
    print_row('h', "help", NULL, "print this help");
}

/* Tables for getopt_long: the value of an option is its row's index. */
static void fill_tables(const struct command *command, struct option *longs,
                        char *letters)
{
    size_t n = 0;
    *letters++ = ':';
    for (; n < OPTIONS_MAX && command->options[n].name != NULL; n++) {
        const struct option_row *row = &command->options[n];
        longs[n] = (struct option){ .name = row->name,
                                    .has_arg = row->argument != NULL,
                                    .val = VALUE_OF_HELP + 1 + (int)n };
        if (row->letter != 0)
            *letters++ = row->letter;
        if (row->letter != 0 && row->argument != NULL)
            *letters++ = ':';
    }
    longs[n++] = (struct option){ .name = "help", .val = VALUE_OF_HELP };
    longs[n] = (struct option){ 0 };
    *letters++ = 'h';
    *letters = '\0';
}

static const struct option_row *find_row(const struct command *command,
                                         int value)
{
    if (value > VALUE_OF_HELP)
        return &command->options[value - VALUE_OF_HELP - 1];
    for (const struct option_row *row = command->options; row->name; row++)
        if (row->letter != 0 && row->letter == value)
            return row;
    return NULL;
}

static const char *option_name(const void *context, size_t i)
{
    const struct option_row *rows = context;
    return rows[i].name;
}

static int complain_unknown(const struct command *command, const char *word)
{
    char name[64];
    size_t count = 0;
    while (command->options[count].name != NULL)
        count++;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    const char *near =
        strncmp(name, "--", 2) != 0
            ? NULL
            : text_nearest(name + 2, option_name, command->options, count);
    if (near != NULL)
        return options_complain(command, "no option %s (did you mean --%s?)",
                                name, near);
    return options_complain(command, "no option %s", name);
}

static int set_option(const struct command *command, int value,
                      const char *argument, void *context)
{
    const struct option_row *row = find_row(command, value);
    const char *wrong = row->set(context, argument);
    if (wrong == NULL)
        return STATUS_OK;
    return options_complain(command, "option --%s: %s", row->name, wrong);
}

int options_parse(const struct command *command, int argc, char **argv,
                  void *context)
{
    struct option longs[OPTIONS_MAX + 2];
    char letters[2 * OPTIONS_MAX + 4];
    fill_tables(command, longs, letters);
    int value, status = STATUS_OK;
    optind = 0; /* begin anew, whatever main has parsed */
    opterr = 0;
    while (status == STATUS_OK &&
           (value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (value == 'h' || value == VALUE_OF_HELP) {
            options_help(command);
            return -1 - STATUS_OK;
        }
        if (value == ':')
            status = options_complain(command, "option %s needs a value",
                                      argv[optind - 1]);
        else if (value == '?')
            status = complain_unknown(command, argv[optind - 1]);
        else
            status = set_option(command, value, optarg, context);
    }
    return status == STATUS_OK ? optind : -1 - status;
}

const char *options_operand(const struct command *command, int argc,
                            char **argv, int first, const char *name)
{
    if (argc - first == 1 && argv[first][0] != '\0')
        return argv[first];
    options_complain(command, "%s takes one %s%s", command->name, name,
                     argc - first == 1 ? ", not an empty name" : "");
    return NULL;
}

size_t options_operands(const struct command *command, int argc, char **argv,
                        int first, const char *name)
{
    bool empty = false;
    for (int i = first; i < argc; i++)
        empty = empty || argv[i][0] == '\0';
    if (argc > first && !empty)
        return (size_t)(argc - first);
    options_complain(command, "%s takes at least one %s%s", command->name, name,
                     empty ? ", and no empty name" : "");
    return 0;
}

const char *options_duration(const char *value, int64_t *out_ms)
{
    switch (duration_parse(value, out_ms)) {
    case 0:
        return NULL;
    case -EDOM:
        return "give it a unit, as in 90s or 7d";
    case -ERANGE:
        return "expected a duration of at most 10 years";
    default:
        return "expected a duration, as in 90s, 1h30m or 7d";
    }
}

const char *options_format(const char *value, bool *plain)
{
    if (strcmp(value, "json") != 0 && strcmp(value, "text") != 0)
        return "expected json or text";
    *plain = strcmp(value, "text") == 0;
    return NULL;
}

const char *options_nan(const char *value, unsigned *flags)
{
    if (strcmp(value, "null") != 0 && strcmp(value, "text") != 0)
        return "expected null or text";
    *flags = value[0] == 'n' ? DROVER_JSON_NAN_NULL : DROVER_JSON_NAN_TEXT;
    return NULL;
}
