#include "cli/failures.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/member.h"
#include "cli/report.h"
#include "job/job.h"
#include "store/record.h"

/* --- For people --------------------------------------------------------------
 */

/* job       the run's, or one made up for a call of a C program
 * observer  the report's */
struct telling {
    const struct job *job;
    struct run_observer observer;
};

/* What was never made has no arguments: a call, or a whole stage. */
static int tell(void *context, const struct record_call *call,
                const struct record_outcome *ended)
{
    const struct telling *telling = context;
    struct outcome outcome = {
        .index = call->index,
        .calls = ended->cause == DROVER_SKIPPED && call->args.size == 0 ? 0 : 1,
        .args = call->args,
        .cause = ended->cause,
        .text = ended->text,
        .printed = ended->printed,
        .printed_size = ended->printed_size,
    };
    if (!job_find_stage(telling->job, call->stage, strlen(call->stage),
                        &outcome.stage))
        return -EBADMSG;
    telling->observer.ended(telling->observer.context, &outcome);
    return 0;
}

/* "repeat:" names files as the run did. */
static void print_heading(const struct store *store)
{
    char here[PATH_MAX];
    struct store_summary summary;
    const char *there = store_run(store)->directory;
    bool same = getcwd(here, sizeof here) != NULL && strcmp(here, there) == 0;
    store_summarize(store, &summary);
    if (summary.failed == 0)
        printf("failures none\n");
    else if (same)
        printf("failures %" PRIu64 "\n", summary.failed);
    else
        printf("failures %" PRIu64 ", to be repeated in %s\n", summary.failed,
               there);
}

static int print_of(struct store *store, const struct job *job,
                    struct drover_error *err)
{
    struct report *report = report_create(job, 0, NULL);
    if (report == NULL)
        return error_no_memory(err);
    struct telling telling = { .job = job,
                               .observer = report_observer(report) };
    int status = record_read_failures(store, tell, &telling, err);
    if (status == 0) {
        print_heading(store);
        report_print_failures(report, stdout);
    }
    report_destroy(report);
    return status;
}

/* One that came from nowhere named its files from the run's folder. */
static int parse_job(const struct store_run *run, struct job **job)
{
    char file[PATH_MAX + 8];
    struct problems problems;
    if (run->file[0] == '\0')
        snprintf(file, sizeof file, "%s/job", run->directory);
    else
        snprintf(file, sizeof file, "%s", run->file);
    int status = problems_init(&problems, file);
    if (status < 0)
        return status;
    status = job_parse(file, run->text, run->text_size, job, &problems);
    problems_clear(&problems);
    return status;
}

static int print_of_job(struct store *store, struct drover_error *err)
{
    struct job *job = NULL;
    int status = parse_job(store_run(store), &job);
    if (status == -ENOMEM)
        error_no_memory(err);
    if (status == 0)
        status = print_of(store, job, err);
    job_destroy(job);
    return status;
}

/* It has no job; its stage is called as the program is. */
static int print_of_program(struct store *store, struct drover_error *err)
{
    struct job_stage stage = { .name = store_run(store)->job };
    const struct job job = { .stages = &stage, .stage_count = 1 };
    return print_of(store, &job, err);
}

int failures_print(struct store *store, struct drover_error *err)
{
    int status = store_run(store)->text_size > 0 ? print_of_job(store, err)
                                                 : print_of_program(store, err);
    if (status == -EBADMSG)
        return error_set(err, EBADMSG,
                         "this drover cannot read the job in its record; "
                         "\"--json\" shows the failures without it");
    return status;
}

/* --- For programs ------------------------------------------------------------
 */

static int put(struct buffer *out, const struct record_call *call,
               const struct record_outcome *outcome)
{
    int status = member_put_text(out, "{\"stage\":", call->stage);
    if (status == 0)
        status = buffer_append_format(out, ",\"index\":%" PRIu64, call->index);
    if (status == 0)
        status = member_put_value(out, ",\"args\":", call->args, "{}",
                                  DROVER_JSON_NAN_NULL);
    if (status == 0)
        status = member_put_text(
            out, ",\"cause\":", drover_cause_name(outcome->cause));
    if (status == 0)
        status = member_put_text(out, ",\"error\":", outcome->text);
    if (status == 0)
        status = buffer_append_format(
            out,
            ",\"code\":%d,\"attempts\":%" PRIu64 ",\"elapsed_ns\":%" PRIu64
            ",\"cpu_us\":%" PRIu64 ",\"memory_kib\":%" PRIu64,
            outcome->number, outcome->attempts, outcome->elapsed_ns,
            outcome->cpu_us, outcome->memory_kib);
    if (status == 0)
        status = member_put_bytes(out, ",\"printed\":", outcome->printed,
                                  outcome->printed_size);
    if (status == 0)
        status = buffer_append_text(out, outcome->printed_cut
                                             ? ",\"printed_cut\":true}"
                                             : ",\"printed_cut\":false}");
    return status;
}

/* Each as it is read: there may be many. */
static int print_json(void *context, const struct record_call *call,
                      const struct record_outcome *outcome)
{
    const char **before = context;
    struct buffer out = BUFFER_INIT(SIZE_MAX);
    int status = buffer_append_text(&out, *before);
    if (status == 0)
        status = put(&out, call, outcome);
    if (status == 0)
        fwrite(buffer_bytes(&out), 1, buffer_size(&out), stdout);
    buffer_clear(&out);
    *before = ",";
    return status;
}

int failures_print_json(struct store *store, struct drover_error *err)
{
    const char *before = "[";
    error_no_memory(err);
    int status = record_read_failures(store, print_json, &before, err);
    if (status == 0)
        printf("%s]", before[0] == '[' ? "[" : "");
    return status;
}
