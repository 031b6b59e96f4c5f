#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/collected.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/outlet.h"
#include "cli/reach.h"
#include "cli/status.h"

enum { BATCH_BYTES = 1024 * 1024, WINDOW = 4096, CONFIRM_MS = 30 * 1000 };

/* --- Options -----------------------------------------------------------------
 */

struct setting {
    struct collected_form form;
    struct drover_collector_options collector;
    const char *output;
};

static const char *set_values(void *context, const char *value)
{
    struct setting *setting = context;
    (void)value;
    setting->form.values = true;
    return NULL;
}

static const char *set_format(void *context, const char *value)
{
    struct setting *setting = context;
    const char *wrong = options_format(value, &setting->form.plain);
    setting->form.values = setting->form.values || setting->form.plain;
    return wrong;
}

static const char *set_peek(void *context, const char *value)
{
    struct setting *setting = context;
    (void)value;
    setting->collector.peek = true;
    return NULL;
}

static const char *set_no_wait(void *context, const char *value)
{
    struct setting *setting = context;
    (void)value;
    setting->collector.no_wait = true;
    return NULL;
}

static const char *set_output(void *context, const char *value)
{
    struct setting *setting = context;
    setting->output = value;
    return value[0] == '\0' ? "expected a file" : NULL;
}

static const char *set_nan(void *context, const char *value)
{
    struct setting *setting = context;
    return options_nan(value, &setting->form.json_flags);
}

static const struct option_row options[] = {
    { 0, "values", NULL, "print the values alone", set_values },
    { 0, "format", "json|text",
      "print values as JSON (default), or texts as they are", set_format },
    { 0, "peek", NULL, "watch all results from the first on, take none",
      set_peek },
    { 0, "no-wait", NULL, "take what is there now, and end", set_no_wait },
    { 'o', "output", "FILE", "append to this file, and sync it", set_output },
    { 0, "nan", "null|text", "how JSON shows NaN and infinities (default null)",
      set_nan },
    { .name = NULL },
};

/* --- A batch -----------------------------------------------------------------
 *
 * Lines that are written in one go; then all that they say is acknowledged. */

/* The item of an address that came last. */
struct last {
    char *address;
    uint64_t number;
};

/* lines, count, items  of the batch; an item need not make a line
 * lasts      of the batch, by address
 * collected, failed    in all
 * result     the exit status, as far as it is known: the highest counts */
struct collecting {
    const struct setting *setting;
    struct drover_collector *collector;
    struct outlet outlet;
    struct buffer lines;
    size_t items;
    struct last *lasts;
    size_t last_count;
    uint64_t collected;
    uint64_t failed;
    int result;
};

static void note_result(struct collecting *collecting, int result)
{
    if (collecting->result < result)
        collecting->result = result;
}

static int fail(struct collecting *collecting, const struct drover_error *err,
                int result)
{
    say("%s", err->message);
    note_result(collecting, result);
    return -1;
}

static void note_lost(struct collecting *collecting,
                      const struct drover_error *err)
{
    say("%s; what was printed last may be given out again", err->message);
    note_result(collecting, reach_exit_status(err->code));
}

/* Returns 0 or -ENOMEM. */
static int note_last(struct collecting *collecting,
                     const struct drover_collected *item)
{
    for (size_t i = 0; i < collecting->last_count; i++)
        if (strcmp(collecting->lasts[i].address, item->address) == 0) {
            collecting->lasts[i].number = item->number;
            return 0;
        }
    struct last *lasts = reallocarray(
        collecting->lasts, collecting->last_count + 1, sizeof *lasts);
    if (lasts == NULL)
        return -ENOMEM;
    collecting->lasts = lasts;
    char *address = strdup(item->address);
    if (address == NULL)
        return -ENOMEM;
    lasts[collecting->last_count++] = (struct last){ address, item->number };
    return 0;
}

static void forget_lasts(struct collecting *collecting)
{
    for (size_t i = 0; i < collecting->last_count; i++)
        free(collecting->lasts[i].address);
    collecting->last_count = 0;
}

static int add(struct collecting *collecting,
               const struct drover_collected *item)
{
    struct drover_error err = { .code = ENOMEM, .message = "out of memory" };
    bool ok = item->outcome.cause == DROVER_OK;
    if (collected_put(&collecting->lines, item, &collecting->setting->form) <
            0 ||
        note_last(collecting, item) < 0)
        return fail(collecting, &err, STATUS_INTERNAL);
    if (!ok && collecting->setting->form.values)
        collected_complain(item);
    collecting->items++;
    collecting->collected++;
    collecting->failed += !ok;
    return 0;
}

static bool is_full(const struct collecting *collecting)
{
    return collecting->items >= outlet_appetite(&collecting->outlet) ||
           buffer_size(&collecting->lines) >= BATCH_BYTES;
}

/* That a connection was lost meanwhile does not keep the others from being
 * acknowledged. */
static int acknowledge_one(struct collecting *collecting,
                           const struct last *last)
{
    struct drover_error err;
    const struct drover_collected item = { .address = last->address,
                                           .number = last->number };
    int status =
        drover_collector_acknowledge(collecting->collector, &item, &err);
    if (status == -ECONNRESET)
        note_lost(collecting, &err);
    else if (status < 0)
        return fail(collecting, &err, reach_exit_status(err.code));
    return 0;
}

/* What went wrong with the acknowledgements of an address does not keep the
 * others from being confirmed. */
static void confirm(struct collecting *collecting, int patience_ms)
{
    struct drover_error err;
    int status;
    while ((status = drover_collector_confirm(collecting->collector,
                                              patience_ms, &err)) < 0 &&
           status != -ETIMEDOUT)
        note_lost(collecting, &err);
    if (status == -ETIMEDOUT && patience_ms > 0)
        note_lost(collecting, &err);
}

/* They are sent now, whether or not more is to come. */
static int acknowledge(struct collecting *collecting)
{
    int status = 0;
    for (size_t i = 0; i < collecting->last_count && status == 0; i++)
        status = acknowledge_one(collecting, &collecting->lasts[i]);
    confirm(collecting, 0);
    return status;
}

/* Write the batch and acknowledge it. Returns 0 or negative: it is over. */
static int flush(struct collecting *collecting)
{
    struct drover_error err;
    if (collecting->items == 0)
        return 0;
    int status = outlet_write(&collecting->outlet, &collecting->lines,
                              collecting->items, &err);
    buffer_reset(&collecting->lines);
    collecting->items = 0;
    if (status == 0 && !collecting->setting->collector.peek)
        status = acknowledge(collecting);
    else if (status == -EPIPE)
        note_result(collecting, STATUS_SIGNAL + SIGPIPE);
    else if (status < 0 && status != -EINTR)
        fail(collecting, &err, STATUS_IO);
    forget_lasts(collecting);
    return status;
}

/* --- All of them -------------------------------------------------------------
 */

static bool says(const struct drover_error *err, const char *words)
{
    return strstr(err->message, words) != NULL;
}

/* What can be done about an address that gives no more, which the library does
 * not know. */
static const char *say_how_to_go_on(const struct drover_error *err)
{
    if (says(err, "its results are in its store"))
        return "; \"drover collect\" takes them from there, \"drover resume\" "
               "carries the run on";
    if (says(err, "was killed before it ended") && !says(err, "resume"))
        return "; only the program that made this call can make it again";
    return "";
}

/* The others go on. */
static void tell_failure(struct collecting *collecting,
                         const struct drover_error *err)
{
    say("%s%s", err->message, say_how_to_go_on(err));
    note_result(collecting, reach_exit_status(err->code));
}

/* One item, or what else there is to be told. Returns negative when it is
 * over. */
static int take_next(struct collecting *collecting)
{
    struct drover_collected item;
    struct drover_error err;
    int patience_ms = collecting->items > 0 ? 0 : INTERRUPT_LOOK_MS;
    int status =
        drover_collector_next(collecting->collector, &item, patience_ms, &err);
    if (status > 0)
        status = add(collecting, &item);
    else if (status == 0)
        return flush(collecting) < 0 ? -1 : -ENODATA;
    else if (status == -ETIMEDOUT || status == -ENOBUFS)
        status = flush(collecting);
    else {
        tell_failure(collecting, &err);
        status = 0;
    }
    if (status == 0 && is_full(collecting))
        status = flush(collecting);
    return status;
}

/* Returns 0 when everything was collected that there is. */
static int take_all(struct collecting *collecting)
{
    int status = 0;
    while (status == 0) {
        if (interrupt_signal() != 0)
            return -EINTR;
        if (outlet_is_deserted(&collecting->outlet)) {
            note_result(collecting, STATUS_SIGNAL + SIGPIPE);
            return -EPIPE;
        }
        status = take_next(collecting);
    }
    return status == -ENODATA ? 0 : status;
}

static int judge(const struct collecting *collecting)
{
    if (interrupt_signal() != 0)
        return STATUS_SIGNAL + interrupt_signal();
    if (collecting->result != STATUS_OK)
        return collecting->result;
    if (collecting->collected == 0)
        return STATUS_NOTHING;
    return collecting->failed > 0 ? STATUS_CALLS_FAILED : STATUS_OK;
}

/* --- Beginning and end -------------------------------------------------------
 */

/* Whether the address at I is named before: once is enough. */
static bool is_repeated(char **addresses, size_t i)
{
    for (size_t earlier = 0; earlier < i; earlier++)
        if (strcmp(addresses[earlier], addresses[i]) == 0)
            return true;
    return false;
}

static void connect_all(struct collecting *collecting, char **addresses,
                        size_t count)
{
    struct drover_error err;
    for (size_t i = 0; i < count; i++)
        if (!is_repeated(addresses, i) &&
            drover_collector_connect(collecting->collector, addresses[i],
                                     &err) < 0)
            note_result(collecting, reach_complain(addresses[i], &err));
}

static int open_all(struct collecting *collecting)
{
    struct drover_error err;
    size_t cut;
    if (outlet_open(&collecting->outlet, collecting->setting->output, &cut,
                    &err) < 0) {
        say("%s", err.message);
        return err.code == EBUSY ? STATUS_BUSY : STATUS_CANNOT_CREATE;
    }
    if (cut > 0)
        say("%s: cut off %zu bytes of a line that somebody was killed in "
            "writing",
            collecting->setting->output, cut);
    collecting->collector =
        drover_collector_create(&collecting->setting->collector, &err);
    if (collecting->collector != NULL)
        return STATUS_OK;
    say("%s", err.message);
    return STATUS_INTERNAL;
}

static int collect(const struct setting *setting, char **addresses,
                   size_t count)
{
    struct collecting collecting = { .setting = setting,
                                     .lines = BUFFER_INIT(SIZE_MAX) };
    int status = open_all(&collecting);
    if (status == STATUS_OK) {
        interrupt_catch();
        connect_all(&collecting, addresses, count);
        take_all(&collecting);
        if (interrupt_signal() == 0)
            confirm(&collecting, CONFIRM_MS);
        status = judge(&collecting);
    }
    drover_collector_destroy(collecting.collector);
    outlet_close(&collecting.outlet);
    buffer_clear(&collecting.lines);
    forget_lasts(&collecting);
    free(collecting.lasts);
    return status;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct setting setting = { .collector = { .window = WINDOW } };
    int first = options_parse(command, argc, argv, &setting);
    if (first < 0)
        return -1 - first;
    size_t count = options_operands(command, argc, argv, first, "address");
    if (count == 0)
        return STATUS_USAGE;
    setting.form.addresses = count > 1;
    return collect(&setting, argv + first, count);
}

const struct command command_collect = {
    .name = "collect",
    .operands = "ADDRESS...",
    .summary = "Take the results of runs in the background",
    .options = options,
    .run = run,
};
