/* Running commands: what has no plugin of its own can still be a task. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <drover/plugin.h>

#include "shell/command.h"

/* Returns 0 or what drover_fail() returned. */
static int check_words(struct drover_call *call, struct drover_value words)
{
    if (drover_value_count(words) == 0)
        return drover_fail(call, "command: the list is empty");
    struct drover_iterator each = drover_iterate(words);
    struct drover_value word;
    for (size_t i = 0; drover_next(&each, &word); i++) {
        const char *text = "";
        size_t size = 0;
        if (drover_value_get_text(word, &text, &size) < 0 ||
            memchr(text, '\0', size) != NULL)
            return drover_fail(call,
                               "command: word %zu is no text without NUL "
                               "characters",
                               i);
    }
    return 0;
}

/* Copy the checked list WORDS to an argument vector, which the caller frees:
 * one block that holds the pointers and behind them the texts. Returns NULL
 * when there is no memory. */
static char **copy_words(struct drover_value words)
{
    size_t count = drover_value_count(words);
    char **argv = malloc((count + 1) * sizeof(char *) + words.size + count);
    if (argv == NULL)
        return NULL;
    char *end = (char *)(argv + count + 1);
    struct drover_iterator each = drover_iterate(words);
    struct drover_value word;
    for (size_t i = 0; drover_next(&each, &word); i++) {
        const char *text = "";
        size_t size = 0;
        drover_value_get_text(word, &text, &size);
        argv[i] = memcpy(end, text, size);
        argv[i][size] = '\0';
        end += size + 1;
    }
    argv[count] = NULL;
    return argv;
}

/* The last line of TEXT that is not empty; *SIZE bytes of it. */
static const char *last_line(const char *text, size_t *size)
{
    size_t end = *size;
    while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == ' '))
        end--;
    size_t start = end;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    *size = end - start;
    return text + start;
}

/* Fail because NAME ended badly, and say why in its own words. */
static int fail_status(struct drover_call *call, const char *name,
                       const struct command *command, const char *errors,
                       size_t size)
{
    const char *how = command->signal != 0 ? "signal" : "status";
    int number = command->signal != 0 ? command->signal : command->status;
    const char *line = last_line(errors, &size);
    if (size == 0)
        return drover_fail(call, "%s ended with %s %d", name, how, number);
    return drover_fail(call, "%s ended with %s %d: %.*s", name, how, number,
                       (int)size, line);
}

static int return_command(struct drover_call *call, const char *name,
                          const struct command *command)
{
    size_t output_size = 0, errors_size = 0;
    char *output = capture_text(&command->output, &output_size);
    char *errors = capture_text(&command->errors, &errors_size);
    int result;
    if (output == NULL || errors == NULL) {
        result = drover_fail(call, "no memory for the output of %s", name);
    } else if (command->status != 0 && drover_arg_bool(call, "check")) {
        result = fail_status(call, name, command, errors, errors_size);
    } else {
        struct drover_builder *out = drover_call_builder(call);
        drover_build_map_begin(out);
        drover_build_pack(out, "s: i", "status", command->status);
        if (command->signal != 0)
            drover_build_pack(out, "s: i", "signal", command->signal);
        drover_build_pack(out, "s: S, s: S", "output", output, output_size,
                          "errors", errors, errors_size);
        if (command->output.cut || command->errors.cut)
            drover_build_pack(out, "s: b", "cut", true);
        drover_build_map_end(out);
        result = drover_return_built(call);
    }
    free(output);
    free(errors);
    return result;
}

static int run(struct drover_call *call)
{
    struct drover_value words = drover_arg_value(call, "command");
    int result = check_words(call, words);
    if (result != 0)
        return result;
    char **argv = copy_words(words);
    if (argv == NULL)
        return drover_fail(call, "no memory for the command");
    const char *input = NULL;
    if (drover_arg_given(call, "input"))
        input = drover_arg_text(call, "input");
    struct command command = COMMAND_INIT;
    int code = command_run(&command, argv, input);
    if (code == 0)
        result = return_command(call, argv[0], &command);
    else if (code == -ENOENT)
        result = drover_fail(call, "%s: command not found", argv[0]);
    else
        result = drover_fail(call, "%s: %s", argv[0], strerror(-code));
    command_clear(&command);
    free(argv);
    return result;
}

/* Neither idempotent, for nobody knows what a command does, nor reusable: it
 * may leave processes behind, which end with its worker. */
static const struct drover_task tasks[] = {
    {
        .name = "run",
        .run = run,
        .summary = "Run a command and give its status and its output",
        .params = DROVER_PARAMS(
            { .name = "command",
              .type = DROVER_LIST,
              .items = DROVER_TEXT,
              .doc = "the program, found on PATH, and its arguments; no shell "
                     "reads them" },
            { .name = "input",
              .type = DROVER_TEXT,
              .optional = true,
              .doc = "its standard input; nothing unless given" },
            { .name = "check",
              .type = DROVER_BOOL,
              .fallback = "false",
              .doc = "whether a status other than 0 fails the call" }),
        .result = { .type = DROVER_MAP,
                    .doc = "status (128 + n for signal n); signal, if one "
                           "ended it; output and errors, up to 1 MiB each; "
                           "cut: true, if there was more" },
    },
};

DROVER_PLUGIN("shell", "1.0", "Running commands", tasks);
