#include <errno.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/failures.h"
#include "cli/reach.h"
#include "cli/stand.h"
#include "cli/status.h"
#include "value/json.h"

struct setting {
    bool json;
    bool failures;
};

static const char *set_json(void *context, const char *value)
{
    struct setting *setting = context;
    (void)value;
    setting->json = true;
    return NULL;
}

static const char *set_failures(void *context, const char *value)
{
    struct setting *setting = context;
    (void)value;
    setting->failures = true;
    return NULL;
}

static const struct option_row options[] = {
    { 0, "failures", NULL, "also tell of each call that did not succeed",
      set_failures },
    { 0, "json", NULL, "one JSON object for each, on a line", set_json },
    { .name = NULL },
};

/* A run, and how it stands. */
struct shown {
    const char *text;
    struct reference reference;
    struct buffer standing;
};

static struct drover_value standing_of(const struct shown *shown)
{
    return (struct drover_value){ buffer_bytes(&shown->standing),
                                  buffer_size(&shown->standing) };
}

static int find(struct shown *shown, struct drover_error *err)
{
    int status = reference_find(shown->text, &shown->reference, err);
    if (status < 0)
        return status;
    return reach_standing(&shown->reference, REACH_PATIENCE_MS,
                          &shown->standing, err);
}

/* --- Failures ----------------------------------------------------------------
 */

/* Where they can be read while a process has the store. */
static void point_to_failures(const struct shown *shown, const char *text)
{
    struct stand stand = stand_read(standing_of(shown));
    if (stand_is(&stand, "busy"))
        puts("failures cannot be told while a process has its store open");
    else if (shown->reference.path == NULL)
        puts("failures are told where it runs, at its end");
    else
        printf("failures are in its log%s: drover logs %s\n",
               stand.ended.data == NULL ? " at its end" : "", text);
}

static int open_store(const struct shown *shown, struct store **store,
                      struct drover_error *err)
{
    struct stand stand = stand_read(standing_of(shown));
    if (stand.pid > 0)
        return -EBUSY;
    return reach_store(shown->reference.folder, store, err);
}

static int show_failures(const struct shown *shown, bool json)
{
    struct store *store = NULL;
    struct drover_error err;
    int status = open_store(shown, &store, &err);
    if (status == 0)
        status = json ? failures_print_json(store, &err)
                      : failures_print(store, &err);
    else if (status == -EBUSY) {
        status = 0;
        if (json)
            fputs("null", stdout);
        else
            point_to_failures(shown, shown->text);
    }
    store_close(store);
    return status == 0 ? STATUS_OK : reach_complain(shown->text, &err);
}

/* --- Showing -----------------------------------------------------------------
 */

static int show_lines(const struct shown *shown, bool failures)
{
    struct buffer out = BUFFER_INIT(SIZE_MAX);
    struct stand stand = stand_read(standing_of(shown));
    int status = stand_put_lines(&out, &stand);
    if (status == 0)
        fwrite(buffer_bytes(&out), 1, buffer_size(&out), stdout);
    buffer_clear(&out);
    if (status < 0)
        return STATUS_INTERNAL;
    return failures ? show_failures(shown, false) : STATUS_OK;
}

static int show_json(const struct shown *shown, bool failures)
{
    struct buffer out = BUFFER_INIT(SIZE_MAX);
    int status =
        value_print_json(&out, standing_of(shown), DROVER_JSON_NAN_NULL);
    int result = status == 0 ? STATUS_OK : STATUS_INTERNAL;
    /* Without its brace: what follows may be more than is to be held. */
    if (status == 0)
        fwrite(buffer_bytes(&out), 1, buffer_size(&out) - 1, stdout);
    buffer_clear(&out);
    if (status == 0 && failures) {
        fputs(",\"failures\":", stdout);
        result = show_failures(shown, true);
    }
    if (status == 0)
        puts(result == STATUS_OK ? "}" : "");
    return result;
}

/* parted  from what was shown before, by an empty line; set when something was
 *         shown */
static int show(const char *text, const struct setting *setting, bool *parted)
{
    struct shown shown = { .text = text, .standing = BUFFER_INIT(SIZE_MAX) };
    struct drover_error err;
    int result;
    if (find(&shown, &err) < 0) {
        result = reach_complain(text, &err);
    } else {
        if (*parted && !setting->json)
            putchar('\n');
        *parted = true;
        result = setting->json ? show_json(&shown, setting->failures)
                               : show_lines(&shown, setting->failures);
    }
    reference_clear(&shown.reference);
    buffer_clear(&shown.standing);
    return result;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct setting setting = { .json = false };
    int result = STATUS_OK;
    int first = options_parse(command, argc, argv, &setting);
    if (first < 0)
        return -1 - first;
    if (options_operands(command, argc, argv, first, "address") == 0)
        return STATUS_USAGE;
    bool shown = false;
    for (int i = first; i < argc; i++) {
        int status = show(argv[i], &setting, &shown);
        result = result > status ? result : status;
    }
    return result;
}

const struct command command_status = {
    .name = "status",
    .operands = "RUN|ADDRESS...",
    .summary = "Say how runs stand, in the background or ended",
    .options = options,
    .run = run,
};
