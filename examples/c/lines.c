#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_MS = 50, SECONDS_MAX = 1000000 };

/* --- A process for each file -------------------------------------------------
 */

/* Send the lines that are complete. What there is of another one is read again
 * later. */
static int send_lines(struct drover_call *call, FILE *file, const char *path)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    off_t end = ftello(file);
    int status = 0;
    clearerr(file);
    while (status == 0 && (size = getline(&line, &capacity, file)) > 0 &&
           line[size - 1] == '\n') {
        status = drover_send_pack(call, "[s, y]", path, line, (size_t)size - 1);
        end = ftello(file);
    }
    if (status == 0 && (ferror(file) || fseeko(file, end, SEEK_SET) < 0))
        status = drover_fail(call, "%s: %s", path, strerror(errno));
    free(line);
    return status;
}

/* Send the lines of `file`, and those that it grows by, until the caller wants
 * no more. */
static int follow(struct drover_call *call)
{
    const char *path = drover_arg_text(call, "file");
    struct drover_value nothing;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return drover_fail(call, "%s: %s", path, strerror(errno));
    int status;
    do
        status = send_lines(call, file, path);
    while (status == 0 &&
           drover_receive(call, &nothing, LOOK_MS) == -ETIMEDOUT);
    fclose(file);
    return status;
}

/* --- A process for each pattern ----------------------------------------------
 */

/* Send on the line [file, line] of a follower if PATTERN is in it. */
static int match(struct drover_call *call, const char *pattern,
                 const struct drover_outcome *outcome)
{
    char why[512];
    const char *path;
    const void *line;
    size_t path_size, line_size;
    if (outcome->cause != DROVER_OK)
        return drover_fail(call, "%s",
                           drover_outcome_format(outcome, why, sizeof why));
    if (drover_value_unpack(outcome->value, NULL, "[S, y]", &path, &path_size,
                            &line, &line_size) < 0 ||
        memmem(line, line_size, pattern, strlen(pattern)) == NULL)
        return 0;
    return drover_send_pack(call, "[s, v]", pattern, outcome->value);
}

/* Follow all `files`, and send the lines that have `pattern` in them: a queue
 * inside a call of another one. */
static int watch(struct drover_call *call)
{
    struct drover_value files = drover_arg_value(call, "files");
    struct drover_exchange_options options = {
        .limit = (unsigned)drover_value_count(files), .continuous = true
    };
    struct drover_outcome outcome;
    struct drover_error err;
    struct drover_exchange *queue = drover_queue_create(&options, &err);
    if (queue == NULL)
        return drover_fail(call, "%s", err.message);
    drover_exchange_start_each(queue, follow, NULL, "file", files);

    int next, status = 0;
    while (status == 0 &&
           (next = drover_exchange_next(queue, &outcome, -1, &err)) > 0)
        status = match(call, drover_arg_text(call, "pattern"), &outcome);
    if (status == 0 && next < 0)
        status = drover_fail(call, "%s", err.message);
    drover_exchange_destroy(queue);
    return status;
}

/* --- The program
 * --------------------------------------------------------------
 */

struct arguments {
    char **patterns;
    unsigned pattern_count;
    char **files;
    int *quiet_ms;
};

static bool parse_seconds(const char *text, int *out_ms)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' ||
        !(seconds >= 0.001 && seconds < SECONDS_MAX))
        return false;
    *out_ms = (int)(seconds * 1000);
    return true;
}

/* The patterns move to the front of ARGV. */
static bool parse(int argc, char **argv, struct arguments *arguments)
{
    int option;
    arguments->patterns = argv;
    while ((option = getopt(argc, argv,
                            arguments->quiet_ms == NULL ? "e:" : "e:t:")) > 0) {
        if (option == 'e')
            argv[arguments->pattern_count++] = optarg;
        else if (option != 't' || !parse_seconds(optarg, arguments->quiet_ms))
            return false;
    }
    arguments->files = argv + optind;
    return arguments->pattern_count > 0 && *arguments->files != NULL;
}

/* Start a call for each pattern, with all files. */
static void start_watching(struct drover_exchange *queue,
                           const struct arguments *arguments,
                           struct drover_value files)
{
    struct drover_managed managed = drover_manage(queue, watch, NULL);
    for (unsigned n = 0; n < arguments->pattern_count; n++)
        drover_managed_call(&managed, "{s: s, s: v}", "pattern",
                            arguments->patterns[n], "files", files);
}

static struct drover_exchange *start_queue(const struct arguments *arguments,
                                           struct drover_error *err)
{
    struct drover_exchange_options options = { .limit =
                                                   arguments->pattern_count,
                                               .continuous = true };
    struct drover_builder *files = drover_builder_create();
    struct drover_exchange *queue = NULL;
    struct drover_value list;
    if (files == NULL) {
        *err = (struct drover_error){ ENOMEM, "out of memory" };
        return NULL;
    }
    drover_build_list_begin(files);
    for (char **file = arguments->files; *file != NULL; file++)
        drover_build_text(files, *file);
    drover_build_list_end(files);
    if (drover_builder_value(files, &list, err) == 0)
        queue = drover_queue_create(&options, err);
    if (queue != NULL)
        start_watching(queue, arguments, list);
    drover_builder_destroy(files);
    return queue;
}

struct drover_exchange *lines_watch(int argc, char **argv, int *quiet_ms)
{
    struct arguments arguments = { .quiet_ms = quiet_ms };
    struct drover_error err;
    if (!parse(argc, argv, &arguments)) {
        fprintf(stderr, "usage: %s%s -e PATTERN... FILE...\n",
                program_invocation_short_name,
                quiet_ms == NULL ? "" : " [-t SECONDS]");
        return NULL;
    }
    struct drover_exchange *queue = start_queue(&arguments, &err);
    if (queue == NULL)
        fprintf(stderr, "%s\n", err.message);
    return queue;
}

void lines_print(const struct drover_outcome *outcome)
{
    char why[1024];
    const char *pattern, *path;
    const void *line;
    size_t pattern_size, path_size, line_size;
    if (outcome->cause != DROVER_OK)
        fprintf(stderr, "%s\n",
                drover_outcome_format(outcome, why, sizeof why));
    if (drover_value_unpack(outcome->value, NULL, "[S, [S, y]]", &pattern,
                            &pattern_size, &path, &path_size, &line,
                            &line_size) < 0)
        return;
    printf("%.*s: %.*s: ", (int)pattern_size, pattern, (int)path_size, path);
    fwrite(line, 1, line_size, stdout);
    putchar('\n');
    fflush(stdout);
}

int lines_end(struct drover_exchange *queue, int status,
              const struct drover_error *err)
{
    if (status < 0)
        fprintf(stderr, "%s\n", err->message);
    drover_exchange_destroy(queue);
    return EXIT_FAILURE;
}
