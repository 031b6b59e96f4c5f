#include "cli/carry_out.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "background/address.h"
#include "background/daemon.h"
#include "background/logout.h"
#include "base/descriptor.h"
#include "cli/record.h"
#include "cli/report.h"
#include "cli/status.h"
#include "process/cores.h"
#include "run/run.h"

enum {
    DESCRIPTORS_PER_SLOT = 8, /* control, slate, pipe, two workers, and spare */
    DESCRIPTORS_OF_HOST = 32,
};

struct carry_out_setting carry_out_defaults(void)
{
    return (struct carry_out_setting){ .log_level = DROVER_LOG_INFO,
                                       .json_flags = DROVER_JSON_NAN_NULL };
}

const char *carry_out_set_workers(void *context, const char *value)
{
    struct carry_out_setting *setting = context;
    char *end;
    errno = 0;
    unsigned long workers = strtoul(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || value[0] == '-' ||
        workers < 1 || workers > JOB_LIMIT_WORKERS)
        return "expected a number of 1 to 1024";
    setting->workers = (unsigned)workers;
    return NULL;
}

const char *carry_out_set_log_level(void *context, const char *value)
{
    static const char *const names[] = { "error", "warning", "info", "debug" };
    struct carry_out_setting *setting = context;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(value, names[i]) == 0) {
            setting->log_level = i;
            return NULL;
        }
    return "expected error, warning, info or debug";
}

const char *carry_out_set_format(void *context, const char *value)
{
    struct carry_out_setting *setting = context;
    return options_format(value, &setting->plain);
}

const char *carry_out_set_nan(void *context, const char *value)
{
    struct carry_out_setting *setting = context;
    return options_nan(value, &setting->json_flags);
}

const char *carry_out_set_no_store(void *context, const char *value)
{
    struct carry_out_setting *setting = context;
    (void)value;
    setting->no_store = true;
    return NULL;
}

static unsigned choose_workers(const struct session *session,
                               const struct carry_out_setting *setting)
{
    if (setting->workers > 0)
        return setting->workers;
    if (session->job->workers > 0)
        return session->job->workers;
    if (session->config.workers > 0)
        return session->config.workers;
    unsigned cores = cores_available();
    return cores < JOB_LIMIT_WORKERS ? cores : JOB_LIMIT_WORKERS;
}

/* Slots need descriptors; better to be refused now than in the middle. */
static int check_descriptors(unsigned workers)
{
    size_t most = descriptor_raise_limit();
    size_t wanted =
        (size_t)workers * DESCRIPTORS_PER_SLOT + DESCRIPTORS_OF_HOST;
    if (wanted <= most)
        return STATUS_OK;
    say("%u workers need %zu open files, this process may have %zu; raise that "
        "(ulimit -n) or use fewer workers",
        workers, wanted, most);
    return STATUS_INTERNAL;
}

static void mask_signals(int how)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(how, &signals, NULL);
}

static int judge(const struct run_summary *summary)
{
    if (summary->output_error != 0) {
        say("cannot write to standard output: %s",
            strerror(summary->output_error));
        return STATUS_IO;
    }
    /* The reader has what it wanted, as a writer killed by SIGPIPE would. */
    if (summary->output_closed)
        return STATUS_SIGNAL + SIGPIPE;
    if (summary->signal == SIGTERM || summary->signal == SIGHUP)
        return STATUS_SIGNAL + summary->signal;
    if (summary->cancelled)
        return STATUS_CANCELLED;
    return summary->failed + summary->stages_unbegun > 0 ? STATUS_CALLS_FAILED
                                                         : STATUS_OK;
}

/* --- Beginning ---------------------------------------------------------------
 */

/* A run as it is carried out: what it is called with, and what it needs while
 * it lasts. */
struct carrying {
    struct session *session;
    const struct carry_out_setting *setting;
    struct store *store;
    char *address;
    bool resumed;
    struct notes notes;
    struct report *report;
    bool told;
    const char *files[JOB_LIMIT_PLUGINS];
    const char *names[JOB_LIMIT_PLUGINS];
    char *build_ids[JOB_LIMIT_PLUGINS];
    struct keeper_material plugins;
};

static void warn_of_logout(void)
{
    if (logout_ends_us(""))
        say("this system ends the run when you log out (KillUserProcesses, see "
            "logind.conf(5)); what is started with \"systemd-run --user "
            "--scope\" stays, after \"loginctl enable-linger\"");
}

/* The run is being served: leave the terminal and those who wait for that. */
static int leave(void *context, struct drover_error *err)
{
    struct carrying *carrying = context;
    int log = store_open_log(carrying->store, err);
    if (log < 0)
        return log;
    warn_of_logout();
    int status =
        daemon_ready(carrying->setting->daemon, carrying->address, log, err);
    close(log);
    /* What went to the terminal goes to the log from now on. */
    notes_clear(&carrying->notes);
    notes_init(&carrying->notes, STDERR_FILENO);
    return status;
}

/* Nothing is in the way any more: a run that is carried on is RUNNING again,
 * and not before, for whoever asks. In the foreground it has no address any
 * more. */
static int go_on(void *context, struct drover_error *err)
{
    const struct carrying *carrying = context;
    bool background = carrying->address != NULL;
    if (!carrying->resumed)
        return 0;
    char *before = strdup(store_run(carrying->store)->address);
    int status = store_reopen_run(
        carrying->store, background ? carrying->address : "", background, err);
    if (status == 0 && !background && before != NULL && before[0] != '\0') {
        address_forget(before, store_folder(carrying->store));
        say("run %s goes on here, and is not reached at %s any more",
            store_name(carrying->store), before);
    }
    free(before);
    return status;
}

static int begin_in_background(void *context, struct drover_error *err)
{
    int status = go_on(context, err);
    return status < 0 ? status : leave(context, err);
}

static int open_store(struct carrying *carrying, unsigned workers)
{
    const struct carry_out_setting *setting = carrying->setting;
    const struct job *job = carrying->session->job;
    const struct record_setting record = {
        .address =
            setting->address == NULL ? job->background : setting->address,
        .background = true,
        .workers = workers,
    };
    static const struct record_setting foreground = { .background = false };
    carrying->store = setting->store;
    carrying->resumed = setting->store != NULL;
    if (carrying->resumed)
        return STATUS_OK;
    if (!setting->no_store && !job->store_off)
        return record_create(carrying->session,
                             setting->daemon == NULL ? &foreground : &record,
                             &carrying->store);
    if (setting->daemon == NULL)
        return STATUS_OK;
    say("a run in the background needs a store, to be collected from: leave "
        "out \"store: none\"");
    return STATUS_BAD_FILE;
}

/* Collectors come to the address of a run in the background. */
static int keep_address(struct carrying *carrying)
{
    if (carrying->setting->daemon == NULL)
        return STATUS_OK;
    carrying->address = strdup(store_run(carrying->store)->address);
    return carrying->address == NULL ? STATUS_INTERNAL : STATUS_OK;
}

static int begin(struct carrying *carrying, unsigned workers)
{
    struct session *session = carrying->session;
    notes_init(&carrying->notes, STDERR_FILENO);
    carrying->report = report_create(session->job, carrying->setting->log_level,
                                     &carrying->notes);
    if (carrying->report == NULL) {
        say("out of memory");
        return STATUS_INTERNAL;
    }
    int status = open_store(carrying, workers);
    if (status == STATUS_OK)
        status = keep_address(carrying);
    if (status != STATUS_OK)
        return status;
    carrying->plugins = (struct keeper_material){
        .files = carrying->files,
        .names = carrying->names,
        .count = session->job->plugin_count,
        .seed = session->job->seed,
        .folder = carrying->store == NULL
                      ? NULL
                      : store_run(carrying->store)->directory,
        .held = carrying->store == NULL
                    ? -1
                    : store_claim_descriptor(carrying->store),
    };
    for (size_t i = 0; i < carrying->plugins.count; i++) {
        carrying->files[i] = session->files[i];
        carrying->names[i] = session->job->plugins[i].name;
        carrying->build_ids[i] = record_choose_build_id(
            session, carrying->resumed ? carrying->store : NULL, i);
        if (carrying->build_ids[i] == NULL)
            return STATUS_INTERNAL;
    }
    return STATUS_OK;
}

static void end(struct carrying *carrying)
{
    for (size_t i = 0; i < JOB_LIMIT_PLUGINS; i++)
        free(carrying->build_ids[i]);
    free(carrying->address);
    store_close(carrying->store);
    report_destroy(carrying->report);
    notes_clear(&carrying->notes);
}

/* A new run that has not begun leaves nothing behind. */
static void discard_store(struct carrying *carrying)
{
    if (carrying->store == NULL || carrying->resumed)
        return;
    record_discard(carrying->store);
    carrying->store = NULL;
}

/* What was not done, or failed, may be done yet. */
static void say_how_to_go_on(const struct carrying *carrying,
                             const struct run_summary *summary)
{
    if (carrying->store == NULL || notes_is_closed(&carrying->notes))
        return;
    const char *name = store_name(carrying->store);
    if (summary->cancelled)
        say("carry on what is left with: drover resume %s", name);
    else if (summary->failed > 0)
        say("run again what failed with: drover resume --failed %s", name);
}

/* How it went, for people. */
static void tell_end(void *context, const struct run_summary *summary)
{
    struct carrying *carrying = context;
    carrying->told = true;
    if (summary->output_closed)
        return;
    report_print(carrying->report, summary);
    say_how_to_go_on(carrying, summary);
}

/* --- Carrying out ------------------------------------------------------------
 */

static int run(struct carrying *carrying, unsigned workers)
{
    const struct carry_out_setting *setting = carrying->setting;
    struct run_setting run = {
        .job = carrying->session->job,
        .plan = carrying->session->plan,
        .material = &carrying->plugins,
        .workers = workers,
        .first = &carrying->session->slot,
        .output = STDOUT_FILENO,
        .notes = &carrying->notes,
        .json_flags = setting->json_flags,
        .plain = setting->plain,
        .store = carrying->store,
        .build_ids = (const char *const *)carrying->build_ids,
        .resumed = carrying->resumed,
        .retry_failed = setting->retry_failed,
        .address = carrying->address,
        .linger_ms = carrying->session->job->linger_ms,
        .folder = carrying->plugins.folder,
        .observer = report_observer(carrying->report),
    };
    struct run_summary summary;
    struct drover_error err;
    run.observer.begun = setting->daemon == NULL ? go_on : begin_in_background;
    run.observer.begun_context = carrying;
    if (setting->daemon != NULL)
        run.observer.waits = tell_end;
    mask_signals(SIG_BLOCK);
    int status = run_job(&run, &summary, &err);
    /* Nobody is to wait for a report that is not read. */
    mask_signals(SIG_UNBLOCK);
    if (!summary.begun)
        discard_store(carrying);
    if (status < 0) {
        say("%s", err.message);
        return (int)(summary.begun ? status_of_errno(-status)
                                   : status_of_making(-status));
    }
    if (!carrying->told)
        tell_end(carrying, &summary);
    return judge(&summary);
}

int carry_out(struct session *session, const struct carry_out_setting *setting)
{
    struct carrying carrying = { .session = session, .setting = setting };
    unsigned workers = choose_workers(session, setting);
    int status = check_descriptors(workers);
    if (status == STATUS_OK)
        status = begin(&carrying, workers);
    if (status == STATUS_OK)
        status = run(&carrying, workers);
    end(&carrying);
    return status;
}
