#include <stdio.h>

#include "cli/commands.h"
#include "cli/reach.h"
#include "cli/stand.h"
#include "cli/status.h"
#include "value/json.h"

static const char *set_json(void *context, const char *value)
{
    bool *json = context;
    (void)value;
    *json = true;
    return NULL;
}

static const struct option_row options[] = {
    { 0, "json", NULL, "one JSON object for each, on a line", set_json },
    { .name = NULL },
};

static int find_standing(const char *text, struct buffer *standing,
                         struct drover_error *err)
{
    struct reference reference;
    int status = reference_find(text, &reference, err);
    if (status < 0)
        return status;
    status = reach_standing(&reference, REACH_PATIENCE_MS, standing, err);
    reference_clear(&reference);
    return status;
}

static int put(struct buffer *out, struct drover_value standing, bool json)
{
    if (!json) {
        struct stand stand = stand_read(standing);
        return stand_put_lines(out, &stand);
    }
    int status = value_print_json(out, standing, DROVER_JSON_NAN_NULL);
    return status == 0 ? buffer_append_text(out, "\n") : status;
}

/* parted  from what was shown before, by an empty line */
static int show(const char *text, bool json, bool parted)
{
    struct buffer standing = BUFFER_INIT(SIZE_MAX);
    struct buffer out = BUFFER_INIT(SIZE_MAX);
    struct drover_error err;
    int result = STATUS_OK;
    if (find_standing(text, &standing, &err) < 0)
        result = reach_complain(text, &err);
    else if (put(&out,
                 (struct drover_value){ buffer_bytes(&standing),
                                        buffer_size(&standing) },
                 json) < 0)
        result = STATUS_INTERNAL;
    if (result == STATUS_OK && parted && !json)
        putchar('\n');
    if (result == STATUS_OK)
        fwrite(buffer_bytes(&out), 1, buffer_size(&out), stdout);
    buffer_clear(&standing);
    buffer_clear(&out);
    return result;
}

static int run(const struct command *command, int argc, char **argv)
{
    bool json = false;
    int result = STATUS_OK;
    int first = options_parse(command, argc, argv, &json);
    if (first < 0)
        return -1 - first;
    if (options_operands(command, argc, argv, first, "address") == 0)
        return STATUS_USAGE;
    bool shown = false;
    for (int i = first; i < argc; i++) {
        int status = show(argv[i], json, shown);
        shown = shown || status == STATUS_OK;
        result = result > status ? result : status;
    }
    return result;
}

const struct command command_status = {
    .name = "status",
    .operands = "ADDRESS...",
    .summary = "Say how runs stand, in the background or ended",
    .options = options,
    .run = run,
};
