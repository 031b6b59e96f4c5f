#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/foresee.h"
#include "cli/record.h"
#include "cli/status.h"

/* What the options say. against: a run; NULL: the one that the operand names,
 * if it names one. */
struct setting {
    const char *against;
    bool failed;
    unsigned json_flags;
};

static const char *set_against(void *context, const char *value)
{
    struct setting *setting = context;
    setting->against = value;
    return value[0] == '\0' ? "expected a run or an address" : NULL;
}

static const char *set_failed(void *context, const char *value)
{
    struct setting *setting = context;
    (void)value;
    setting->failed = true;
    return NULL;
}

static const char *set_nan(void *context, const char *value)
{
    struct setting *setting = context;
    return options_nan(value, &setting->json_flags);
}

static const struct option_row options[] = {
    { 0, "against", "RUN|ADDRESS", "what of it is done in this run",
      set_against },
    { 0, "failed", NULL, "as if calls that failed were to run again",
      set_failed },
    { 0, "nan", "null|text", "how JSON shows NaN and infinities (default null)",
      set_nan },
    { .name = NULL },
};

/* Whoever means a job file is not to be told of runs alone. */
static bool is_neither(const char *operand)
{
    struct stat found;
    char *folder = NULL;
    bool neither = stat(operand, &found) < 0 && errno == ENOENT &&
                   store_find(operand, &folder, NULL) == -ENOENT;
    free(folder);
    return neither;
}

/* Sockets and stores' folders are no job files. */
static bool is_job_file(const char *operand)
{
    struct stat found;
    return strcmp(operand, "-") == 0 ||
           (stat(operand, &found) == 0 && !S_ISSOCK(found.st_mode) &&
            !S_ISDIR(found.st_mode));
}

static int print(const struct setting *setting, const struct session *session,
                 struct store *store, const char *folder)
{
    const struct foresee_setting foreseen = {
        .session = session,
        .store = store,
        .folder = folder,
        .failed = setting->failed,
        .json_flags = setting->json_flags,
    };
    return foresee(&foreseen);
}

static int plan_file(const struct setting *setting, const char *path)
{
    struct store *store = NULL;
    struct session session;
    int status = setting->against == NULL
                     ? STATUS_OK
                     : record_open(setting->against, &store);
    if (status != STATUS_OK)
        return status;
    status = session_open(&session, path);
    if (status == STATUS_OK)
        status = print(setting, &session, store, NULL);
    session_close(&session);
    store_close(store);
    return status;
}

/* Relative paths mean what they meant when the run was begun. */
static int enter(const char *directory)
{
    if (chdir(directory) == 0)
        return STATUS_OK;
    say("cannot enter %s, where the run was begun: %s", directory,
        strerror(errno));
    return (int)status_of_errno(errno);
}

/* The job of a run, as it was then. */
static int plan_recorded(const struct setting *setting, struct store *store)
{
    const struct store_run *run = store_run(store);
    struct store *against = store;
    struct session session;
    int status = setting->against == NULL
                     ? STATUS_OK
                     : record_open(setting->against, &against);
    if (status == STATUS_OK)
        status = enter(run->directory);
    if (status != STATUS_OK)
        return status;
    status =
        session_open_recorded(&session, run->text, run->text_size, run->file);
    if (status == STATUS_OK)
        status = print(setting, &session, against, run->directory);
    session_close(&session);
    if (against != store)
        store_close(against);
    return status;
}

static int plan_run(const struct setting *setting, const char *reference)
{
    struct store *store;
    int status = record_open(reference, &store);
    if (status != STATUS_OK)
        return status;
    status = plan_recorded(setting, store);
    store_close(store);
    return status;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct setting setting = { .json_flags = DROVER_JSON_NAN_NULL };
    int first = options_parse(command, argc, argv, &setting);
    if (first < 0)
        return -1 - first;
    const char *operand =
        options_operand(command, argc, argv, first, "job file or run");
    if (operand == NULL)
        return STATUS_USAGE;
    if (is_job_file(operand))
        return plan_file(&setting, operand);
    if (is_neither(operand)) {
        say("there is neither a job file %s nor a run of that name or at that "
            "address",
            operand);
        return STATUS_NO_FILE;
    }
    return plan_run(&setting, operand);
}

const struct command command_plan = {
    .name = "plan",
    .operands = "JOB|RUN|ADDRESS",
    .summary = "Show the calls that a job would make, and why",
    .options = options,
    .run = run,
};
