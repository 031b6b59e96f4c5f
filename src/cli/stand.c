#include "cli/stand.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/options.h"
#include "cli/status.h"
#include "value/encode.h"

/* --- Reading -----------------------------------------------------------------
 */

static struct stand_text read_text(struct drover_value standing,
                                   const char *key)
{
    struct drover_value value;
    struct stand_text text = { NULL, 0 };
    if (drover_map_get(standing, key, &value) == 0)
        drover_value_get_text(value, &text.data, &text.size);
    return text;
}

static int64_t read_number(struct drover_value standing, const char *key)
{
    struct drover_value value;
    int64_t number = -1;
    if (drover_map_get(standing, key, &value) == 0)
        drover_value_get_int(value, &number);
    return number;
}

/* What is not known may be. */
static bool read_truth(struct drover_value standing, const char *key)
{
    struct drover_value value;
    bool truth = true;
    if (drover_map_get(standing, key, &value) == 0)
        drover_value_get_bool(value, &truth);
    return truth;
}

struct stand stand_read(struct drover_value standing)
{
    return (struct stand){
        .run = read_text(standing, "run"),
        .address = read_text(standing, "address"),
        .state = read_text(standing, "state"),
        .job = read_text(standing, "job"),
        .started = read_text(standing, "started"),
        .ended = read_text(standing, "ended"),
        .store = read_text(standing, "store"),
        .error = read_text(standing, "error"),
        .pid = read_number(standing, "pid"),
        .done = read_number(standing, "done"),
        .failed = read_number(standing, "failed"),
        .total = read_number(standing, "total"),
        .items = read_number(standing, "items"),
        .acknowledged = read_number(standing, "acknowledged"),
        .attempts = read_number(standing, "attempts"),
        .resumable = read_truth(standing, "resumable"),
    };
}

bool stand_is(const struct stand *stand, const char *state)
{
    return stand->state.size == strlen(state) &&
           memcmp(stand->state.data, state, stand->state.size) == 0;
}

int stand_judge(const struct stand *stand)
{
    if (stand_is(stand, "killed"))
        return STATUS_UNSERVED;
    if (stand_is(stand, "damaged") || stand_is(stand, "halted"))
        return STATUS_IO;
    if (stand_is(stand, "cancelled"))
        return STATUS_CANCELLED;
    return stand->failed > 0 ? STATUS_CALLS_FAILED : STATUS_OK;
}

/* --- For people --------------------------------------------------------------
 */

int stand_put_counts(struct buffer *out, const struct stand *stand)
{
    if (stand->done < 0)
        return buffer_append_text(
            out, stand_is(stand, "busy")
                     ? "a process that does not serve it has its store open"
                     : "in the foreground, where it cannot be asked");
    int status = buffer_append_format(out, "%" PRId64, stand->done);
    if (status == 0 && stand->total >= 0)
        status = buffer_append_format(out, " of %" PRId64, stand->total);
    if (status == 0)
        status = buffer_append_text(out, " done");
    if (status == 0 && stand->failed > 0)
        status =
            buffer_append_format(out, ", %" PRId64 " failed", stand->failed);
    return status;
}

static int put_name(struct buffer *out, const char *name)
{
    return buffer_append_format(out, "%-9s", name);
}

/* A line of one text, when there is one. */
static int put_text(struct buffer *out, const char *name,
                    struct stand_text text)
{
    if (text.data == NULL)
        return 0;
    int status = put_name(out, name);
    if (status == 0)
        status = text_escape(out, text.data, text.size);
    return status == 0 ? buffer_append_text(out, "\n") : status;
}

static int put_state(struct buffer *out, const struct stand *stand)
{
    int status = put_name(out, "state");
    if (status == 0)
        status = text_escape(out, stand->state.data, stand->state.size);
    if (status == 0)
        status = buffer_append_text(out, ", ");
    if (status == 0 && stand->error.data != NULL)
        status = text_escape(out, stand->error.data, stand->error.size);
    else if (status == 0)
        status = stand_put_counts(out, stand);
    return status == 0 ? buffer_append_text(out, "\n") : status;
}

static int put_results(struct buffer *out, const struct stand *stand)
{
    if (stand->items < 0)
        return 0;
    int status = put_name(out, "results");
    if (status == 0)
        status = buffer_append_format(
            out, "%" PRId64 ", %" PRId64 " of them not collected\n",
            stand->items, stand->items - stand->acknowledged);
    return status;
}

static int put_process(struct buffer *out, const struct stand *stand)
{
    int status = stand->pid <= 0 ? 0 : put_name(out, "process");
    if (status == 0 && stand->pid > 0)
        status = buffer_append_format(out, "%" PRId64 "\n", stand->pid);
    return status;
}

static int put_attempts(struct buffer *out, const struct stand *stand)
{
    int status = stand->attempts <= 1 ? 0 : put_name(out, "begun");
    if (status == 0 && stand->attempts > 1)
        status =
            buffer_append_format(out, "%" PRId64 " times\n", stand->attempts);
    return status;
}

int stand_put_lines(struct buffer *out, const struct stand *stand)
{
    int status = put_text(out, "run", stand->run);
    if (status == 0)
        status = put_state(out, stand);
    if (status == 0)
        status = put_results(out, stand);
    if (status == 0)
        status = put_text(out, "started", stand->started);
    if (status == 0)
        status = put_text(out, "ended", stand->ended);
    if (status == 0)
        status = put_attempts(out, stand);
    if (status == 0)
        status = put_process(out, stand);
    if (status == 0)
        status = put_text(out, "address", stand->address);
    return status == 0 ? put_text(out, "store", stand->store) : status;
}

static const char *say_how_to_go_on(const struct stand *stand)
{
    if (stand_is(stand, "finished"))
        return "";
    return stand->resumable ? "; \"drover resume\" carries it on"
                            : "; only the program that made this call can make "
                              "it again";
}

int stand_explain(const char *text, const struct buffer *standing)
{
    enum { SHOWN_BYTES = 1024 };
    struct buffer counts = BUFFER_INIT(SHOWN_BYTES);
    struct stand stand = stand_read(
        (struct drover_value){ buffer_bytes(standing), buffer_size(standing) });
    int result = stand_judge(&stand);
    if (result != STATUS_OK && stand_put_counts(&counts, &stand) == 0)
        say("%s: %.*s, %.*s%s", text, (int)stand.state.size, stand.state.data,
            (int)buffer_size(&counts), (const char *)buffer_bytes(&counts),
            say_how_to_go_on(&stand));
    buffer_clear(&counts);
    return result;
}

/* --- Without the run's help --------------------------------------------------
 */

/* Paths may be any bytes. */
static void build_text(struct drover_builder *map, const char *key,
                       const char *text)
{
    struct buffer valid = BUFFER_INIT(SIZE_MAX);
    drover_build_text(map, key);
    if (text == NULL)
        drover_build_null(map);
    else if (text_escape_invalid(&valid, text, strlen(text)) == 0)
        drover_build_text_sized(map, (const char *)buffer_bytes(&valid),
                                buffer_size(&valid));
    buffer_clear(&valid);
}

/* A run's name is the job's and a random part, see store/store.h. */
static void build_job(struct drover_builder *map, const char *run)
{
    const char *dash = strrchr(run, '-');
    char *job = strndup(run, dash == NULL ? strlen(run) : (size_t)(dash - run));
    build_text(map, "job", job);
    free(job);
}

static void build(struct drover_builder *map, const struct stand_little *little)
{
    static const char *const unknown[] = { "done",         "failed",
                                           "total",        "items",
                                           "acknowledged", "attempts",
                                           "started",      "ended" };
    const char *slash = strrchr(little->folder, '/');
    const char *run = slash == NULL ? little->folder : slash + 1;
    drover_build_map_begin(map);
    build_text(map, "run", run);
    build_text(map, "address", little->address);
    build_text(map, "state", little->state);
    drover_build_text(map, "pid");
    if (little->pid > 0)
        drover_build_int(map, little->pid);
    else
        drover_build_null(map);
    build_job(map, run);
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        build_text(map, unknown[i], NULL);
    build_text(map, "store", little->folder);
    if (little->error != NULL)
        build_text(map, "error", little->error);
    drover_build_map_end(map);
}

int stand_put_little(struct buffer *out, const struct stand_little *little)
{
    struct drover_builder *map = drover_builder_create();
    struct drover_value value;
    if (map == NULL)
        return -ENOMEM;
    build(map, little);
    int status = drover_builder_value(map, &value, NULL);
    if (status == 0)
        status = value_put_raw(out, value);
    drover_builder_destroy(map);
    return status;
}
