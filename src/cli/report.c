#include "cli/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "cli/options.h"
#include "value/json.h"

enum { TEXT_LIMIT_BYTES = 32 * 1024, ARGS_SHOWN_BYTES = 2048, LINES_SHOWN = 8 };

/* A failure, as it will be shown. */
struct failure {
    struct failure *next;
    uint64_t index;
    bool whole_stage;
    char *what;
    char *args;
    char *command;
    char *printed;
};

/* All failures of a stage by one cause; the first ones in full. */
struct group {
    uint64_t count;
    size_t kept;
    struct failure *first;
    struct failure **last;
};

struct report {
    const struct job *job;
    unsigned log_level;
    struct notes *notes;
    struct group *groups; /* by stage and cause */
};

struct report *report_create(const struct job *job, unsigned log_level,
                             struct notes *notes)
{
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL)
        return NULL;
    report->job = job;
    report->log_level = log_level;
    report->notes = notes;
    report->groups =
        calloc(job->stage_count * DROVER_CAUSES, sizeof *report->groups);
    if (report->groups == NULL) {
        free(report);
        return NULL;
    }
    for (size_t i = 0; i < job->stage_count * DROVER_CAUSES; i++)
        report->groups[i].last = &report->groups[i].first;
    return report;
}

void report_destroy(struct report *report)
{
    if (report == NULL)
        return;
    for (size_t i = 0; i < report->job->stage_count * DROVER_CAUSES; i++)
        while (report->groups[i].first != NULL) {
            struct failure *failure = report->groups[i].first;
            report->groups[i].first = failure->next;
            free(failure->what);
            free(failure->args);
            free(failure->command);
            free(failure->printed);
            free(failure);
        }
    free(report->groups);
    free(report);
}

/* --- Texts of a failure ------------------------------------------------------
 */

/* The buffer's contents as a string, to be freed; NULL without memory. */
static char *take_text(struct buffer *buffer)
{
    char *text = NULL;
    if (buffer_append(buffer, "", 1) == 0)
        text = strdup((char *)buffer_bytes(buffer));
    buffer_clear(buffer);
    return text;
}

static void append_quoted(struct buffer *out, const char *text, size_t size)
{
    buffer_append_text(out, "'");
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\'')
            buffer_append_text(out, "'\\''");
        else
            buffer_append(out, &text[i], 1);
    }
    buffer_append_text(out, "'");
}

/* The command that repeats just this call; NULL when there is none, for it is
 * of no plugin, or when its arguments are too long for a command line that one
 * would want to see. */
static char *make_command(const struct job *job, const struct outcome *outcome)
{
    const struct job_stage *stage = &job->stages[outcome->stage];
    struct buffer out = BUFFER_INIT(TEXT_LIMIT_BYTES);
    if (job->plugin_count == 0)
        return NULL;
    struct drover_iterator pairs = drover_iterate(outcome->args);
    struct drover_value key, value;
    int status = buffer_append_text(&out, "drover call ");
    if (status == 0 && job->seed != 0)
        status = buffer_append_format(&out, "--seed %" PRIu64 " ", job->seed);
    if (status == 0)
        status = buffer_append_format(
            &out, "%s.%s", job->plugins[stage->plugin].locator, stage->task);
    while (status == 0 && drover_next_pair(&pairs, &key, &value)) {
        struct buffer word = BUFFER_INIT(ARGS_SHOWN_BYTES);
        const char *name;
        size_t size;
        if (drover_value_type(value) == DROVER_NULL)
            continue;
        status = drover_value_get_text(key, &name, &size);
        if (status == 0)
            status = buffer_append_format(&word, "%.*s=", (int)size, name);
        if (status == 0)
            status = value_print_json(&word, value, DROVER_JSON_NAN_NULL);
        if (status == 0)
            status = buffer_append_text(&out, " ");
        if (status == 0)
            append_quoted(&out, (char *)buffer_bytes(&word),
                          buffer_size(&word));
        buffer_clear(&word);
    }
    if (status == 0)
        return take_text(&out);
    buffer_clear(&out);
    return NULL;
}

static char *make_args(const struct outcome *outcome)
{
    struct buffer out = BUFFER_INIT(SIZE_MAX);
    if (value_print_json(&out, outcome->args, DROVER_JSON_NAN_NULL) < 0) {
        buffer_clear(&out);
        return NULL;
    }
    if (buffer_size(&out) > ARGS_SHOWN_BYTES) {
        out.end = out.start + ARGS_SHOWN_BYTES;
        buffer_append_text(&out, "... (cut)");
    }
    return take_text(&out);
}

/* The last lines, each on a line of its own below the failure. */
static char *make_printed(const struct outcome *outcome)
{
    const char *from = outcome->printed;
    const char *end = from + outcome->printed_size;
    size_t lines = 0;
    for (const char *at = end; at > from && lines <= LINES_SHOWN; at--)
        if (at[-1] == '\n' && ++lines > LINES_SHOWN)
            from = at;
    struct buffer out = BUFFER_INIT(SIZE_MAX);
    while (from < end) {
        const char *newline = memchr(from, '\n', (size_t)(end - from));
        const char *stop = newline == NULL ? end : newline;
        if (buffer_append_format(&out, "      | %.*s\n", (int)(stop - from),
                                 from) < 0)
            break;
        from = stop + 1;
    }
    return take_text(&out);
}

/* What happened, on one line whatever a task has put into its message. */
static char *make_what(const struct outcome *outcome)
{
    struct buffer out = BUFFER_INIT(TEXT_LIMIT_BYTES);
    /* A text that is too long is cut. */
    (void)text_escape(&out, outcome->text, strlen(outcome->text));
    if (outcome->results > 0)
        buffer_append_format(&out, " (after %" PRIu64 " result%s)",
                             outcome->results,
                             outcome->results == 1 ? "" : "s");
    return take_text(&out);
}

static void keep(struct report *report, struct group *group,
                 const struct outcome *outcome)
{
    struct failure *failure = calloc(1, sizeof *failure);
    if (failure == NULL)
        return; /* it is counted */
    failure->index = outcome->index;
    failure->whole_stage = outcome->calls != 1;
    failure->what = make_what(outcome);
    if (outcome->args.size > 0) {
        failure->args = make_args(outcome);
        failure->command = make_command(report->job, outcome);
    }
    if (outcome->printed_size > 0)
        failure->printed = make_printed(outcome);
    *group->last = failure;
    group->last = &failure->next;
    group->kept++;
}

/* --- The observer ------------------------------------------------------------
 */

static void on_ended(void *context, const struct outcome *outcome)
{
    struct report *report = context;
    if (outcome->cause == DROVER_OK)
        return;
    struct group *group =
        &report
             ->groups[outcome->stage * DROVER_CAUSES + (size_t)outcome->cause];
    group->count += outcome->calls == 0 ? 1 : outcome->calls;
    if (group->kept < REPORT_FAILURES_MAX)
        keep(report, group, outcome);
}

static void note_line(const struct report *report, int stage, uint64_t index,
                      const char *mark, const char *line, size_t size)
{
    struct buffer out = BUFFER_INIT(64 * 1024);
    if (stage == DISPATCH_NO_STAGE)
        buffer_append_text(&out, "plugin: ");
    else
        buffer_append_format(
            &out, "%s[%" PRIu64 "]: ", report->job->stages[stage].name, index);
    buffer_append_text(&out, mark);
    buffer_append(&out, line, size);
    buffer_append_text(&out, "\n");
    notes_add(report->notes, (char *)buffer_bytes(&out), buffer_size(&out));
    buffer_clear(&out);
}

static void on_printed(void *context, int stage, uint64_t index,
                       const char *line, size_t size)
{
    note_line(context, stage, index, "", line, size);
}

static void on_logged(void *context, int stage, uint64_t index, unsigned level,
                      const char *text, size_t size)
{
    static const char *const marks[] = { "error: ", "warning: ", "info: ",
                                         "debug: " };
    const struct report *report = context;
    if (level > report->log_level || level > DROVER_LOG_DEBUG)
        return;
    for (const char *end = text + size; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline == NULL ? end : newline;
        struct buffer line = BUFFER_INIT(TEXT_LIMIT_BYTES);
        (void)text_escape(&line, text, (size_t)(stop - text));
        note_line(report, stage, index, marks[level],
                  (const char *)buffer_bytes(&line), buffer_size(&line));
        buffer_clear(&line);
        text = stop + 1;
    }
}

static void on_noticed(void *context, const char *text)
{
    const struct report *report = context;
    struct buffer out = BUFFER_INIT(TEXT_LIMIT_BYTES);
    buffer_append_format(&out, "drover: %s\n", text);
    notes_add(report->notes, (char *)buffer_bytes(&out), buffer_size(&out));
    buffer_clear(&out);
}

struct run_observer report_observer(struct report *report)
{
    return (struct run_observer){ .context = report,
                                  .printed = on_printed,
                                  .logged = on_logged,
                                  .ended = on_ended,
                                  .noticed = on_noticed };
}

/* --- The end -----------------------------------------------------------------
 */

static void print_failure(const struct report *report, FILE *out, size_t stage,
                          const char *cause, const struct failure *failure)
{
    const char *name = report->job->stages[stage].name;
    const char *what = failure->what == NULL ? "" : failure->what;
    if (failure->whole_stage)
        fprintf(out, "  %s: %s: %s\n", name, cause, what);
    else
        fprintf(out, "  %s[%" PRIu64 "]: %s: %s\n", name, failure->index, cause,
                what);
    if (failure->args != NULL)
        fprintf(out, "      args:   %s\n", failure->args);
    if (failure->command != NULL)
        fprintf(out, "      repeat: %s\n", failure->command);
    if (failure->printed != NULL)
        fprintf(out, "      it printed last:\n%s", failure->printed);
}

static void print_group(const struct report *report, FILE *out, size_t stage,
                        enum drover_cause cause)
{
    const struct group *group =
        &report->groups[stage * DROVER_CAUSES + (size_t)cause];
    for (const struct failure *failure = group->first; failure;
         failure = failure->next)
        print_failure(report, out, stage, drover_cause_name(cause), failure);
    if (group->count > group->kept)
        fprintf(out, "  %s: and %" PRIu64 " more with the cause %s\n",
                report->job->stages[stage].name, group->count - group->kept,
                drover_cause_name(cause));
}

static void print_counts(const struct run_summary *summary)
{
    uint64_t stages = summary->stages_unbegun;
    char unbegun[64];
    snprintf(unbegun, sizeof unbegun, "%" PRIu64 " stage%s did not begin",
             stages, stages == 1 ? "" : "s");
    if (summary->failed == 0)
        say("%s:", unbegun);
    else
        say("%" PRIu64 " of %" PRIu64 " calls did not succeed%s%s:",
            summary->failed, summary->failed + summary->succeeded,
            stages == 0 ? "" : ", ", stages == 0 ? "" : unbegun);
}

void report_print_failures(const struct report *report, FILE *out)
{
    /* What others follow from comes first. */
    static const enum drover_cause order[] = {
        DROVER_LOAD, DROVER_SIGNAL, DROVER_EXIT,    DROVER_PROTOCOL,
        DROVER_LOST, DROVER_ERROR,  DROVER_SKIPPED, DROVER_CANCELLED,
    };
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        for (size_t stage = 0; stage < report->job->stage_count; stage++)
            print_group(report, out, stage, order[i]);
}

void report_print(const struct report *report,
                  const struct run_summary *summary)
{
    if (summary->failed == 0 && summary->stages_unbegun == 0)
        return;
    if (notes_is_closed(report->notes))
        return;
    print_counts(summary);
    report_print_failures(report, stderr);
}
