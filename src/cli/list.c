#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/reach.h"
#include "cli/stand.h"
#include "cli/status.h"
#include "store/store.h"
#include "value/json.h"

enum { PATIENCE_MS = 1000 };

static const char *set_json(void *context, const char *value)
{
    bool *json = context;
    (void)value;
    *json = true;
    return NULL;
}

static const struct option_row options[] = {
    { 0, "json", NULL, "a JSON array of objects", set_json },
    { .name = NULL },
};

/* --- Looking -----------------------------------------------------------------
 */

/* A map for each run: see cli/stand.h. */
struct listing {
    struct buffer *standings;
    size_t count;
};

static struct buffer *add_one(struct listing *listing)
{
    struct buffer *standings =
        reallocarray(listing->standings, listing->count + 1, sizeof *standings);
    if (standings == NULL)
        return NULL;
    listing->standings = standings;
    buffer_init(&standings[listing->count], SIZE_MAX);
    return &standings[listing->count];
}

/* A run of which nobody can tell how it stands is listed, too. */
static int put_unknown(struct buffer *out, const struct reference *reference,
                       const struct drover_error *err)
{
    const struct stand_little little = {
        .folder = reference->folder,
        .state = err->code == EUCLEAN ? "damaged" : "unknown",
        .address = reference->path,
        .pid = store_owner(reference->folder),
        .error = err->message,
    };
    return stand_put_little(out, &little);
}

static int visit(void *context, const char *folder)
{
    struct listing *listing = context;
    struct reference reference;
    struct drover_error err;
    struct buffer *standing = add_one(listing);
    if (standing == NULL)
        return -ENOMEM;
    int status = reference_find(folder, &reference, &err);
    if (status < 0)
        return status == -ENOMEM ? status : 0; /* purged meanwhile */
    status = reach_standing(&reference, PATIENCE_MS, standing, &err);
    if (status == -ENOENT)
        status = 0;
    else if (status < 0)
        status = put_unknown(standing, &reference, &err);
    listing->count += status == 0 && buffer_size(standing) > 0;
    reference_clear(&reference);
    return status;
}

static struct drover_value value_at(const struct listing *listing, size_t i)
{
    return (struct drover_value){ buffer_bytes(&listing->standings[i]),
                                  buffer_size(&listing->standings[i]) };
}

/* --- Printing ----------------------------------------------------------------
 */

static int print_json(const struct listing *listing)
{
    struct buffer out = BUFFER_INIT(SIZE_MAX);
    int status = buffer_append_text(&out, "[");
    for (size_t i = 0; status == 0 && i < listing->count; i++) {
        status = buffer_append_text(&out, i == 0 ? "\n" : ",\n");
        if (status == 0)
            status = value_print_json(&out, value_at(listing, i),
                                      DROVER_JSON_NAN_NULL);
    }
    if (status == 0)
        status =
            buffer_append_text(&out, listing->count == 0 ? "]\n" : "\n]\n");
    if (status == 0)
        fwrite(buffer_bytes(&out), 1, buffer_size(&out), stdout);
    buffer_clear(&out);
    return status;
}

static int wider(int width, struct stand_text text)
{
    return (int)text.size > width ? (int)text.size : width;
}

static void print_count(int64_t count)
{
    if (count < 0)
        printf(" %7s", "-");
    else
        printf(" %7lld", (long long)count);
}

static void print_row(const struct stand *stand, int run_width, int job_width)
{
    struct buffer address = BUFFER_INIT(SIZE_MAX);
    if (stand->address.data != NULL)
        text_escape(&address, stand->address.data, stand->address.size);
    printf("%-*.*s  %-9.*s", run_width, (int)stand->run.size, stand->run.data,
           (int)stand->state.size, stand->state.data);
    print_count(stand->done);
    print_count(stand->failed);
    print_count(stand->total);
    printf("  %-*.*s  %.*s\n", job_width, (int)stand->job.size,
           stand->job.data == NULL ? "" : stand->job.data,
           (int)buffer_size(&address),
           address.data == NULL ? "" : (char *)buffer_bytes(&address));
    buffer_clear(&address);
}

static void print_table(const struct listing *listing)
{
    int run_width = (int)strlen("RUN"), job_width = (int)strlen("JOB");
    for (size_t i = 0; i < listing->count; i++) {
        struct stand stand = stand_read(value_at(listing, i));
        run_width = wider(run_width, stand.run);
        job_width = wider(job_width, stand.job);
    }
    printf("%-*s  %-9s %7s %7s %7s  %-*s  %s\n", run_width, "RUN", "STATE",
           "DONE", "FAILED", "TOTAL", job_width, "JOB", "ADDRESS");
    for (size_t i = 0; i < listing->count; i++) {
        struct stand stand = stand_read(value_at(listing, i));
        print_row(&stand, run_width, job_width);
    }
}

static int list(bool json)
{
    struct listing listing = { .count = 0 };
    struct drover_error err;
    int result = STATUS_OK;
    int status = store_visit(visit, &listing, &err);
    if (status == -ENOENT) /* there was never a store */
        status = 0;
    if (status < 0) {
        say("%s", status == -ENOMEM ? "out of memory" : err.message);
        result = (int)status_of_errno(-status);
    }
    if (!json)
        print_table(&listing);
    else if (print_json(&listing) < 0)
        result = STATUS_INTERNAL;
    for (size_t i = 0; i < listing.count; i++)
        buffer_clear(&listing.standings[i]);
    free(listing.standings);
    return result;
}

static int run(const struct command *command, int argc, char **argv)
{
    bool json = false;
    int first = options_parse(command, argc, argv, &json);
    if (first < 0)
        return -1 - first;
    if (first < argc)
        return options_complain(command, "list takes no operands");
    return list(json);
}

const struct command command_list = {
    .name = "list",
    .operands = "",
    .summary = "List all runs that have a store, the youngest last",
    .options = options,
    .run = run,
};
