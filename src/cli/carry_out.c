#include "cli/carry_out.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
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
    if (strcmp(value, "json") != 0 && strcmp(value, "text") != 0)
        return "expected json or text";
    setting->plain = strcmp(value, "text") == 0;
    return NULL;
}

const char *carry_out_set_nan(void *context, const char *value)
{
    struct carry_out_setting *setting = context;
    if (strcmp(value, "null") == 0)
        setting->json_flags = DROVER_JSON_NAN_NULL;
    else if (strcmp(value, "text") == 0)
        setting->json_flags = DROVER_JSON_NAN_TEXT;
    else
        return "expected null or text";
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

int carry_out(struct session *session, const struct carry_out_setting *setting)
{
    unsigned workers = choose_workers(session, setting);
    int status = check_descriptors(workers);
    if (status != STATUS_OK)
        return status;
    struct notes notes;
    notes_init(&notes, STDERR_FILENO);
    struct report *report =
        report_create(session->job, setting->log_level, &notes);
    if (report == NULL) {
        say("out of memory");
        return STATUS_INTERNAL;
    }
    mask_signals(SIG_BLOCK);
    const char *files[JOB_LIMIT_PLUGINS], *names[JOB_LIMIT_PLUGINS];
    const struct keeper_material plugins = { files, names,
                                             session->job->plugin_count,
                                             session->job->seed, NULL };
    for (size_t i = 0; i < plugins.count; i++) {
        files[i] = session->files[i];
        names[i] = session->job->plugins[i].name;
    }
    struct run_setting run = {
        .job = session->job,
        .plan = session->plan,
        .material = &plugins,
        .workers = workers,
        .first = &session->slot,
        .output = STDOUT_FILENO,
        .notes = &notes,
        .json_flags = setting->json_flags,
        .plain = setting->plain,
        .observer = report_observer(report),
    };
    struct run_summary summary;
    struct drover_error err;
    int run_status = run_job(&run, &summary, &err);
    /* Nobody is to wait for a report that is not read. */
    mask_signals(SIG_UNBLOCK);
    if (run_status < 0) {
        say("%s", err.message);
        status = STATUS_INTERNAL;
    } else {
        if (!summary.output_closed)
            report_print(report, &summary);
        status = judge(&summary);
    }
    report_destroy(report);
    notes_clear(&notes);
    return status;
}
