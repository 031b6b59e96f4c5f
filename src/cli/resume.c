#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "background/link.h"
#include "base/clock.h"
#include "cli/background.h"
#include "cli/carry_out.h"
#include "cli/commands.h"
#include "cli/reach.h"
#include "cli/record.h"
#include "cli/stand.h"
#include "cli/status.h"
#include "store/store.h"

/* What the options say, and which run is meant. */
struct resuming {
    struct carry_out_setting carry_out; /* the first: its options set it */
    bool foreground;
    bool accept_new_plugin;
    const char *reference;
};

static const char *set_failed(void *context, const char *value)
{
    struct resuming *resuming = context;
    (void)value;
    resuming->carry_out.retry_failed = true;
    return NULL;
}

static const char *set_accept(void *context, const char *value)
{
    struct resuming *resuming = context;
    (void)value;
    resuming->accept_new_plugin = true;
    return NULL;
}

static const char *set_foreground(void *context, const char *value)
{
    struct resuming *resuming = context;
    (void)value;
    resuming->foreground = true;
    return NULL;
}

static const struct option_row options[] = {
    { 0, "failed", NULL, "also run again the calls that failed", set_failed },
    { 0, "accept-new-plugin", NULL,
      "go on with plugins that have changed since", set_accept },
    { 0, "foreground", NULL,
      "print the results of a run that was in the background", set_foreground },
    { 'w', "workers", "N", "how many calls may run at once",
      carry_out_set_workers },
    CARRY_OUT_OPTIONS,
    { .name = NULL },
};

/* Relative paths mean what they meant when the run was begun. */
static int enter_directory(const struct store_run *run)
{
    if (chdir(run->directory) == 0)
        return STATUS_OK;
    say("cannot enter %s, where the run was begun: %s", run->directory,
        strerror(errno));
    return (int)status_of_errno(errno);
}

static int carry_on(void *context, struct daemon *daemon)
{
    struct resuming *resuming = context;
    struct carry_out_setting *setting = &resuming->carry_out;
    struct session session = { .job = NULL };
    int status = record_take_up(resuming->reference, &setting->store);
    if (status != STATUS_OK)
        return status;
    const struct store_run *run = store_run(setting->store);
    if (run->text_size == 0) {
        say("%s is a call of a C program, which alone can make it again; what "
            "it has given can be collected",
            store_name(setting->store));
        store_close(setting->store);
        return STATUS_BAD_FILE;
    }
    setting->daemon = daemon;
    if (setting->workers == 0)
        setting->workers = (unsigned)run->workers;
    status = enter_directory(run);
    bool opened = status == STATUS_OK;
    if (opened)
        status = session_open_recorded(&session, run->text, run->text_size,
                                       run->file);
    if (status == STATUS_OK)
        status = record_check_plugins(&session, setting->store,
                                      resuming->accept_new_plugin);
    if (status == STATUS_OK)
        status = carry_out(&session, setting);
    else
        store_close(setting->store);
    if (opened)
        session_close(&session);
    return status;
}

/* Whether the run was in the background, without opening its store: that is for
 * the process that carries it on. */
static int look_at(const char *reference, bool *background)
{
    char *folder = NULL;
    struct drover_error err;
    int status = store_find(reference, &folder, &err);
    if (status < 0) {
        say("%s", err.message);
        return reach_exit_status(-status);
    }
    char *address = store_read_address(folder);
    *background = address != NULL && address[0] != '\0';
    free(address);
    free(folder);
    return STATUS_OK;
}

/* A process that only waits for collectors of a run that has ended is told that
 * there is more to do. Whatever goes wrong with that, the store will say. */
static void dismiss(const char *text)
{
    struct reference reference;
    struct link link;
    struct drover_value standing;
    int64_t deadline_ms = clock_now_ms() + REACH_PATIENCE_MS;
    if (reference_find(text, &reference, NULL) < 0)
        return;
    if (link_reach(&link, &reference, deadline_ms, NULL) == 0) {
        if (link_ask(&link, false, deadline_ms, &standing, NULL) == 0 &&
            stand_read(standing).ended.data != NULL &&
            link_cancel(&link, deadline_ms, &standing, NULL) == 0)
            while (reference.folder != NULL &&
                   store_owner(reference.folder) > 0 &&
                   clock_now_ms() < deadline_ms)
                clock_pause_ms(10);
        link_close(&link);
    }
    reference_clear(&reference);
}

static int resume(const struct command *command, int argc, char **argv)
{
    struct resuming resuming = { .carry_out = carry_out_defaults() };
    bool background = false;
    int first = options_parse(command, argc, argv, &resuming);
    if (first < 0)
        return -1 - first;
    resuming.reference =
        options_operand(command, argc, argv, first, "run or address");
    if (resuming.reference == NULL)
        return STATUS_USAGE;
    int status = look_at(resuming.reference, &background);
    if (status != STATUS_OK)
        return status;
    if (background)
        dismiss(resuming.reference);
    return background && !resuming.foreground
               ? background_run(carry_on, &resuming)
               : carry_on(&resuming, NULL);
}

const struct command command_resume = {
    .name = "resume",
    .operands = "RUN|ADDRESS",
    .summary = "Carry on a run that was killed or cancelled",
    .options = options,
    .run = resume,
};
