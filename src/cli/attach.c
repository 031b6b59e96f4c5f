#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/collected.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/outlet.h"
#include "cli/reach.h"
#include "cli/runlog.h"
#include "cli/stand.h"
#include "cli/status.h"

enum { LINES_BEFORE = 10, LOOK_MS = 100, BATCH_ITEMS = 1000 };

static const char *set_values(void *context, const char *value)
{
    struct collected_form *form = context;
    (void)value;
    form->values = true;
    return NULL;
}

static const char *set_nan(void *context, const char *value)
{
    struct collected_form *form = context;
    return options_nan(value, &form->json_flags);
}

static const struct option_row options[] = {
    { 0, "values", NULL, "print the values alone", set_values },
    { 0, "nan", "null|text", "how JSON shows NaN and infinities (default null)",
      set_nan },
    { .name = NULL },
};

/* text       as the user calls the run
 * reference  what that refers to
 * log        file -1: there is none */
struct attached {
    const char *text;
    struct reference reference;
    const struct collected_form *form;
    struct drover_collector *collector;
    struct runlog log;
    struct outlet outlet;
    struct buffer lines;
};

/* --- Looking -----------------------------------------------------------------
 */

static void show_log(struct attached *attached)
{
    if (attached->log.file >= 0)
        runlog_copy(&attached->log, STDERR_FILENO);
}

/* Items that are there, and those that come within a moment. Returns 1: there
 * may be more; 0: all have been seen; or an error. */
static int take_items(struct attached *attached, size_t *count,
                      struct drover_error *err)
{
    struct drover_collected item;
    int status = 1;
    while (status == 1 && *count < BATCH_ITEMS) {
        status = drover_collector_next(attached->collector, &item,
                                       *count == 0 ? LOOK_MS : 0, err);
        if (status == 1) {
            if (collected_put(&attached->lines, &item, attached->form) < 0)
                return error_no_memory(err);
            if (attached->form->values && item.outcome.cause != DROVER_OK)
                collected_complain(&item);
            ++*count;
        }
    }
    return status == -ETIMEDOUT ? 1 : status;
}

static int show_items(struct attached *attached, struct drover_error *err)
{
    size_t count = 0;
    int status = take_items(attached, &count, err);
    struct drover_error write_err;
    int wrote =
        outlet_write(&attached->outlet, &attached->lines, count, &write_err);
    buffer_reset(&attached->lines);
    if (wrote == 0)
        return status;
    *err = write_err;
    return wrote;
}

/* --- Leaving -----------------------------------------------------------------
 */

static int detach(const struct attached *attached)
{
    say("detached; the run goes on: \"drover attach %s\" comes back, \"drover "
        "collect %s\" takes its results, \"drover cancel %s\" ends it",
        attached->text, attached->text, attached->text);
    return STATUS_SIGNAL + interrupt_signal();
}

static int tell_end(struct attached *attached)
{
    struct buffer standing = BUFFER_INIT(SIZE_MAX);
    struct drover_error err;
    int status = reach_end(&attached->reference,
                           clock_now_ms() + REACH_PATIENCE_MS, &standing, &err);
    show_log(attached);
    int result = status < 0 ? reach_complain(attached->text, &err)
                            : stand_explain(attached->text, &standing);
    buffer_clear(&standing);
    return result;
}

static int watch(struct attached *attached)
{
    struct drover_error err;
    int status = 1;
    while (status == 1 && interrupt_signal() == 0) {
        status = show_items(attached, &err);
        show_log(attached);
    }
    if (interrupt_signal() != 0)
        return detach(attached);
    if (status == -EPIPE)
        return STATUS_SIGNAL + SIGPIPE;
    /* What has ended in the middle can tell nothing, but its store can. */
    if (status == 0 || status == -ECONNRESET)
        return tell_end(attached);
    say("%s", err.message);
    return reach_exit_status(err.code);
}

/* --- Coming ------------------------------------------------------------------
 */

static int connect_to(struct attached *attached, struct drover_error *err)
{
    static const struct drover_collector_options peek = { .peek = true };
    size_t cut;
    int status = outlet_open(&attached->outlet, NULL, &cut, err);
    if (status == 0)
        status = reference_find(attached->text, &attached->reference, err);
    if (status < 0)
        return status;
    attached->collector = drover_collector_create(&peek, err);
    if (attached->collector == NULL)
        return -err->code;
    status = drover_collector_connect(attached->collector, attached->text, err);
    /* One in the foreground has none. */
    if (status == 0 && attached->reference.folder != NULL &&
        runlog_open(&attached->log, attached->reference.folder, NULL) == 0)
        runlog_skip(&attached->log, LINES_BEFORE);
    return status;
}

static int attach(const char *text, const struct collected_form *form)
{
    struct attached attached = { .text = text,
                                 .form = form,
                                 .log = { .file = -1, .process = -1 },
                                 .lines = BUFFER_INIT(SIZE_MAX) };
    struct drover_error err;
    interrupt_catch();
    int result = connect_to(&attached, &err) < 0 ? reach_complain(text, &err)
                                                 : watch(&attached);
    drover_collector_destroy(attached.collector);
    runlog_close(&attached.log);
    reference_clear(&attached.reference);
    buffer_clear(&attached.lines);
    return result;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct collected_form form = { .json_flags = DROVER_JSON_NAN_NULL };
    int first = options_parse(command, argc, argv, &form);
    if (first < 0)
        return -1 - first;
    const char *operand =
        options_operand(command, argc, argv, first, "address");
    return operand == NULL ? STATUS_USAGE : attach(operand, &form);
}

const struct command command_attach = {
    .name = "attach",
    .operands = "ADDRESS",
    .summary = "Watch a run in the background: its log and its results",
    .options = options,
    .run = run,
};
