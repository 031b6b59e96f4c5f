#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/text.h"
#include "cli/carry_out.h"
#include "cli/commands.h"
#include "cli/status.h"

/* What the options say; options of carry_out.h set the first part.
 *
 * seed  as in a job */
struct call_setting {
    struct carry_out_setting carry_out;
    long long seed;
};

static const char *set_seed(void *context, const char *value)
{
    struct call_setting *setting = context;
    char *end;
    errno = 0;
    long long seed = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || seed < 0)
        return "expected an int of 0 to 9223372036854775807";
    setting->seed = seed;
    return NULL;
}

static const struct option_row options[] = {
    CARRY_OUT_OPTIONS,
    { 0, "seed", "N", "what random numbers are made from (default 0)",
      set_seed },
    { .name = NULL },
};

/* TEXT as a YAML scalar in single quotes. */
static int append_scalar(struct buffer *out, const char *text, size_t size)
{
    int status = buffer_append_text(out, "'");
    for (size_t i = 0; status == 0 && i < size; i++)
        status = text[i] == '\'' ? buffer_append_text(out, "''")
                                 : buffer_append(out, &text[i], 1);
    return status == 0 ? buffer_append_text(out, "'") : status;
}

/* A dollar would begin a substitution, of which a single call has none. */
static int append_value(struct buffer *out, const char *value)
{
    int status = 0;
    for (; status == 0 && *value != '\0'; value++) {
        status = buffer_append(out, value, 1);
        if (status == 0 && *value == '$')
            status = buffer_append(out, value, 1);
    }
    return status;
}

/* What the job calls the plugin: its own name, where that can be one. */
static void choose_name(const char *locator, size_t size, char *name,
                        size_t name_size)
{
    const char *slash = memrchr(locator, '/', size);
    const char *base = slash == NULL ? locator : slash + 1;
    snprintf(name, name_size, "%.*s", (int)(locator + size - base), base);
    char *suffix = strstr(name, ".so");
    if (suffix != NULL)
        *suffix = '\0';
    if (!text_is_name(name, false))
        snprintf(name, name_size, "plugin");
}

/* The job that makes this one call. */
static int write_job(struct buffer *out, long long seed, const char *task,
                     int argc, char **argv)
{
    size_t plugin_size = (size_t)(strrchr(task, '.') - task);
    char name[64];
    choose_name(task, plugin_size, name, sizeof name);
    int status = buffer_append_format(
        out, "version: 1\nseed: %lld\nplugins: {%s: ", seed, name);
    if (status == 0)
        status = append_scalar(out, task, plugin_size);
    if (status == 0)
        status = buffer_append_format(
            out, "}\nstages:\n  call:\n    task: '%s.%s'\n    with:\n", name,
            task + plugin_size + 1);
    for (int i = 0; status == 0 && i < argc; i++) {
        size_t size = strcspn(argv[i], "=");
        status = buffer_append_text(out, "      ");
        if (status == 0)
            status = append_scalar(out, argv[i], size);
        if (status == 0)
            status = buffer_append_text(out, ": ");
        if (status == 0)
            status = append_value(out, argv[i] + size + 1);
        if (status == 0)
            status = buffer_append_text(out, "\n");
    }
    if (status == 0 && argc == 0)
        status = buffer_append_text(out, "      {}\n");
    return status;
}

static bool is_there(const char *path, size_t size, const char *ending)
{
    char file[PATH_MAX];
    int length = snprintf(file, sizeof file, "%.*s%s", (int)size, path, ending);
    return length < PATH_MAX && access(file, F_OK) == 0;
}

/* A path that lacks its task, or the end of the file's name, is a slip for
 * which there is a hint. */
static int check_path(const struct command *command, const char *path)
{
    const char *task = strrchr(path, '.');
    size_t size = (size_t)(task - path);
    if (strchr(path, '/') == NULL || is_there(path, size, ""))
        return STATUS_OK;
    if (is_there(path, strlen(path), ""))
        return options_complain(
            command, "\"%s\" is a plugin; add which task, as in %s.TASK", path,
            path);
    if (is_there(path, size, ".so"))
        return options_complain(
            command, "no file \"%.*s\" (did you mean \"%.*s.so%s\"?)",
            (int)size, path, (int)size, path, task);
    return STATUS_OK;
}

static int check_operands(const struct command *command, int argc, char **argv)
{
    if (argc < 1)
        return options_complain(command, "call takes PLUGIN.TASK");
    const char *dot = strrchr(argv[0], '.');
    if (dot == NULL || dot == argv[0] || strchr(dot, '/') != NULL ||
        strpbrk(argv[0], "\n'") != NULL)
        return options_complain(command, "\"%s\" is not PLUGIN.TASK", argv[0]);
    for (int i = 1; i < argc; i++)
        if (strchr(argv[i], '=') == NULL || strchr(argv[i], '\n') != NULL)
            return options_complain(
                command, "\"%s\" is not NAME=VALUE on one line", argv[i]);
    return check_path(command, argv[0]);
}

static int call_task(const struct command *command, int argc, char **argv)
{
    struct call_setting setting = { .carry_out = carry_out_defaults() };
    int first = options_parse(command, argc, argv, &setting);
    if (first < 0)
        return -1 - first;
    argc -= first;
    argv += first;
    int status = check_operands(command, argc, argv);
    if (status != STATUS_OK)
        return status;
    struct buffer job = BUFFER_INIT(1024 * 1024);
    if (write_job(&job, setting.seed, argv[0], argc - 1, argv + 1) < 0) {
        buffer_clear(&job);
        return options_complain(command, "the arguments are too long");
    }
    struct session session;
    setting.carry_out.workers = 1;
    setting.carry_out.no_store = true;
    status = session_open_text(&session, (char *)buffer_bytes(&job),
                               buffer_size(&job), "stage call: ");
    if (status == STATUS_OK)
        status = carry_out(&session, &setting.carry_out);
    session_close(&session);
    buffer_clear(&job);
    return status;
}

const struct command command_call = {
    .name = "call",
    .operands = "PLUGIN.TASK [NAME=VALUE...]",
    .summary = "Call one task; values are written as in a job file",
    .options = options,
    .run = call_task,
};
