#include "cli/start.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/background.h"
#include "cli/commands.h"
#include "cli/one_call.h"
#include "cli/status.h"
#include "job/expansion.h"
#include "job/file.h"

static const char *set_address(void *context, const char *value)
{
    struct carry_out_setting *setting = context;
    if (value[0] == '\0')
        return "expected the path of a socket";
    setting->address = value;
    return NULL;
}

static const struct option_row options[] = {
    { 0, "at", "ADDRESS", "where the run is reached: a socket's path",
      set_address },
    { 'w', "workers", "N", "how many calls may run at once",
      carry_out_set_workers },
    { 0, "log-level", "LEVEL",
      "log entries: error, warning, info (default), debug",
      carry_out_set_log_level },
    { .name = NULL },
};

/* --- One run -----------------------------------------------------------------
 */

struct starting {
    const char *file;
    const struct buffer *text;
    struct carry_out_setting setting;
};

/* Standard input stays behind, with the terminal. */
static int check_input(const char *file, const struct job *job)
{
    for (size_t i = 0; i < job->stage_count; i++)
        if (job_stage_reads_input(&job->stages[i])) {
            say("%s: stage %s: a run in the background has no standard input: "
                "give its lines in a file",
                file, job->stages[i].name);
            return STATUS_BAD_FILE;
        }
    return STATUS_OK;
}

static int go_on(void *context, struct daemon *daemon)
{
    struct starting *starting = context;
    struct session session;
    starting->setting.daemon = daemon;
    int status = session_open_recorded(
        &session, (const char *)buffer_bytes(starting->text),
        buffer_size(starting->text), starting->file);
    if (status == STATUS_OK)
        status = check_input(starting->file, session.job);
    if (status == STATUS_OK)
        status = carry_out(&session, &starting->setting);
    session_close(&session);
    return status;
}

static int start_run(const char *file, const struct buffer *text,
                     const struct carry_out_setting *setting)
{
    struct starting starting = { file, text, *setting };
    return background_run(go_on, &starting);
}

/* --- A run for each call -----------------------------------------------------
 */

/* Whether the job's calls are runs of their own. What is wrong with it is said
 * by who runs it. */
static bool has_calls_of_their_own(const char *file, const struct buffer *text)
{
    struct problems problems;
    struct job *job = NULL;
    bool has = false;
    if (problems_init(&problems, file) < 0)
        return false;
    job_parse(file, (const char *)buffer_bytes(text), buffer_size(text), &job,
              &problems);
    for (size_t i = 0; job != NULL && i < job->stage_count; i++)
        has = has || job->stages[i].background != NULL;
    job_destroy(job);
    problems_clear(&problems);
    return has;
}

/* The job of one call, ended by NUL. */
static int write_call(const struct session *session, size_t stage,
                      struct drover_value args, const char *address,
                      struct buffer *out, struct drover_error *err)
{
    int status = one_call_write(out, session->job, stage, args, address);
    if (status == 0)
        status = buffer_append(out, "", 1);
    return status == 0 ? 0 : error_no_memory(err);
}

/* The jobs of all calls of STAGE, one after the other. */
static int write_calls(const struct session *session, size_t stage,
                       struct buffer *out, struct drover_error *err)
{
    struct expansion *expansion = NULL;
    const struct expansion_input nothing = { .results = NULL };
    struct buffer args = BUFFER_INIT(NODE_LIMIT_FILE_BYTES);
    int status =
        expansion_open(session->plan, stage, &nothing, &expansion, err);
    while (status == 0 &&
           (status = expansion_next(expansion, &args, err)) > 0) {
        struct drover_value value = { buffer_bytes(&args), buffer_size(&args) };
        char *address = NULL;
        status = expansion_address(expansion, &address, err);
        if (status == 0)
            status = write_call(session, stage, value, address, out, err);
        free(address);
        buffer_reset(&args);
    }
    expansion_close(expansion);
    buffer_clear(&args);
    return status;
}

static int write_all_calls(const char *file, const struct buffer *text,
                           struct buffer *out)
{
    struct session session;
    struct drover_error err;
    int status = session_open_recorded(
        &session, (const char *)buffer_bytes(text), buffer_size(text), file);
    for (size_t i = 0; status == STATUS_OK && i < session.job->stage_count; i++)
        if (write_calls(&session, i, out, &err) < 0) {
            say("%s", err.message);
            status = STATUS_BAD_FILE;
        }
    session_close(&session);
    return status;
}

/* One that cannot be started keeps no other one from it. */
static int start_calls(const char *file, const struct buffer *text,
                       const struct carry_out_setting *setting)
{
    struct buffer calls = BUFFER_INIT(SIZE_MAX);
    int result = write_all_calls(file, text, &calls);
    while (result != STATUS_BAD_FILE && buffer_size(&calls) > 0) {
        struct buffer call = BUFFER_INIT(NODE_LIMIT_FILE_BYTES + 1);
        const char *job = (const char *)buffer_bytes(&calls);
        int status = buffer_append_text(&call, job) < 0
                         ? STATUS_INTERNAL
                         : start_run(file, &call, setting);
        result = result == STATUS_OK ? status : result;
        buffer_clear(&call);
        buffer_consume(&calls, strlen(job) + 1);
    }
    buffer_clear(&calls);
    return result;
}

int start_job(const char *file, const struct buffer *text,
              const struct carry_out_setting *setting)
{
    if (!has_calls_of_their_own(file, text))
        return start_run(file, text, setting);
    if (setting->address == NULL)
        return start_calls(file, text, setting);
    say("%s: its calls have addresses of their own; leave out --at", file);
    return STATUS_USAGE;
}

/* --- The command -------------------------------------------------------------
 */

static int start(const struct command *command, int argc, char **argv)
{
    struct carry_out_setting setting = carry_out_defaults();
    int first = options_parse(command, argc, argv, &setting);
    if (first < 0)
        return -1 - first;
    const char *operand =
        options_operand(command, argc, argv, first, "job file");
    if (operand == NULL)
        return STATUS_USAGE;
    struct buffer text = BUFFER_INIT(NODE_LIMIT_FILE_BYTES + 1);
    struct drover_error err;
    int status = file_read(operand, &text, &err);
    if (status < 0) {
        say("%s", err.message);
        status = (int)status_of_errno(-status);
    } else {
        status = start_job(operand, &text, &setting);
    }
    buffer_clear(&text);
    return status;
}

const struct command command_start = {
    .name = "start",
    .operands = "JOB",
    .summary = "Carry out a job in the background; prints its address",
    .options = options,
    .run = start,
};
