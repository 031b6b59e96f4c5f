#include "cli/purge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/reach.h"
#include "cli/status.h"
#include "cli/verdict.h"
#include "store/store.h"

/* What the options say. older_ms: so long ago runs must have ended; -1: it does
 * not matter. */
struct setting {
    int64_t older_ms;
    bool uncollected;
    bool dry_run;
};

static const char *set_older(void *context, const char *value)
{
    struct setting *setting = context;
    return options_duration(value, &setting->older_ms);
}

static const char *set_uncollected(void *context, const char *value)
{
    struct setting *setting = context;
    (void)value;
    setting->uncollected = true;
    return NULL;
}

static const char *set_dry_run(void *context, const char *value)
{
    struct setting *setting = context;
    (void)value;
    setting->dry_run = true;
    return NULL;
}

static const struct option_row options[] = {
    { 0, "older", "DURATION", "only runs that ended so long ago, as in 7d",
      set_older },
    { 0, "uncollected", NULL,
      "also with results left to collect, and killed ones", set_uncollected },
    { 'n', "dry-run", NULL, "only say what would be removed", set_dry_run },
    { .name = NULL },
};

/* --- Deciding ----------------------------------------------------------------
 */

/* Why the store stays, although its time may be over; NULL: it need not. */
static const char *find_objection(const struct setting *setting,
                                  const struct verdict *verdict)
{
    static char text[sizeof(struct drover_error) + 64];
    if (verdict->open)
        return verdict->error.message;
    if (verdict->age_ms < setting->older_ms)
        return "it has not been over for so long";
    if (setting->uncollected)
        return NULL;
    if (verdict->unreadable) {
        snprintf(text, sizeof text, "%s; --uncollected removes it",
                 verdict->error.message);
        return text;
    }
    if (verdict->killed && verdict->resumable)
        return "it was killed, and \"drover resume\" can carry it on; "
               "--uncollected removes it";
    if (verdict->killed)
        return "it was killed; --uncollected removes it";
    snprintf(text, sizeof text,
             "it has %" PRIu64 " results that nobody has collected; "
             "--uncollected removes it",
             verdict->left);
    return verdict->left > 0 ? text : NULL;
}

static int remove_store(const struct setting *setting, const char *folder)
{
    struct drover_error err;
    const char *name = strrchr(folder, '/') + 1;
    if (setting->dry_run) {
        printf("%s: would be removed\n", name);
        return STATUS_OK;
    }
    if (verdict_carry_out(folder, &err) < 0)
        return reach_complain(name, &err);
    printf("%s: removed\n", name);
    return STATUS_OK;
}

/* --- All of them, or some ----------------------------------------------------
 */

struct touring {
    const struct setting *setting;
    int result;
};

/* Without --older only those that are to be removed anyway. */
static int visit(void *context, const char *folder)
{
    struct touring *touring = context;
    struct verdict verdict = verdict_of(folder);
    bool wanted = touring->setting->older_ms >= 0 &&
                  find_objection(touring->setting, &verdict) == NULL;
    int status = verdict.expired || wanted
                     ? remove_store(touring->setting, folder)
                     : STATUS_OK;
    touring->result = touring->result > status ? touring->result : status;
    return 0;
}

static int purge_all(const struct setting *setting)
{
    struct touring touring = { setting, STATUS_OK };
    struct drover_error err;
    int status = store_visit(visit, &touring, &err);
    if (status == 0)
        return touring.result;
    say("%s", err.message);
    return (int)status_of_errno(-status);
}

static int purge_one(const struct setting *setting, const char *text)
{
    struct drover_error err;
    char *folder;
    if (store_find(text, &folder, &err) < 0)
        return reach_complain(text, &err);
    struct verdict verdict = verdict_of(folder);
    const char *objection = find_objection(setting, &verdict);
    int status;
    if (verdict.expired || objection == NULL) {
        status = remove_store(setting, folder);
    } else {
        say("%s is not removed: %s", text, objection);
        status = verdict.open ? STATUS_BUSY : STATUS_CALLS_FAILED;
    }
    free(folder);
    return status;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct setting setting = { .older_ms = -1 };
    int result = STATUS_OK;
    int first = options_parse(command, argc, argv, &setting);
    if (first < 0)
        return -1 - first;
    if (first == argc)
        return purge_all(&setting);
    if (options_operands(command, argc, argv, first, "run") == 0)
        return STATUS_USAGE;
    for (int i = first; i < argc; i++) {
        int status = purge_one(&setting, argv[i]);
        result = result > status ? result : status;
    }
    return result;
}

const struct command command_purge = {
    .name = "purge",
    .operands = "[RUN...]",
    .summary = "Remove the stores of runs that are over",
    .options = options,
    .run = run,
};
