#include "cli/one_call.h"

#include <inttypes.h>
#include <string.h>

#include "value/json.h"

/* TEXT as a YAML scalar in single quotes. */
static int append_scalar(struct buffer *out, const char *text, size_t size)
{
    int status = buffer_append_text(out, "'");
    for (size_t i = 0; status == 0 && i < size; i++)
        status = text[i] == '\'' ? buffer_append_text(out, "''")
                                 : buffer_append(out, &text[i], 1);
    return status == 0 ? buffer_append_text(out, "'") : status;
}

static int append_pair(struct buffer *out, const char *key, const char *text)
{
    int status = buffer_append_text(out, key);
    if (status == 0)
        status = append_scalar(out, text, strlen(text));
    return status == 0 ? buffer_append_text(out, "\n") : status;
}

/* JSON is YAML; but a dollar would begin a substitution. */
static int append_value(struct buffer *out, struct drover_value value)
{
    struct buffer json = BUFFER_INIT(out->limit);
    int status = value_print_json(&json, value, DROVER_JSON_NAN_NULL);
    const char *text = (const char *)buffer_bytes(&json);
    for (size_t i = 0; status == 0 && i < buffer_size(&json); i++) {
        status = buffer_append(out, &text[i], 1);
        if (status == 0 && text[i] == '$')
            status = buffer_append(out, &text[i], 1);
    }
    buffer_clear(&json);
    return status;
}

/* Arguments that are null are those that were left out. */
static int append_args(struct buffer *out, struct drover_value args)
{
    struct drover_iterator pairs = drover_iterate(args);
    struct drover_value key, value;
    int status = buffer_append_text(out, "    with: {");
    bool first = true;
    while (status == 0 && drover_next_pair(&pairs, &key, &value)) {
        const char *name;
        size_t size;
        if (drover_value_type(value) == DROVER_NULL)
            continue;
        status = drover_value_get_text(key, &name, &size);
        if (status == 0 && !first)
            status = buffer_append_text(out, ", ");
        if (status == 0)
            status = append_scalar(out, name, size);
        if (status == 0)
            status = buffer_append_text(out, ": ");
        if (status == 0)
            status = append_value(out, value);
        first = false;
    }
    return status == 0 ? buffer_append_text(out, "}\n") : status;
}

static int append_duration(struct buffer *out, const char *key, int64_t ms,
                           const char *end)
{
    return ms < 0
               ? 0
               : buffer_append_format(out, "%s%" PRId64 "ms%s\n", key, ms, end);
}

int one_call_write(struct buffer *out, const struct job *job, size_t stage,
                   struct drover_value args, const char *address)
{
    const struct job_stage *called = &job->stages[stage];
    const struct job_plugin *plugin = &job->plugins[called->plugin];
    int status = buffer_append_format(
        out, "version: 1\nworkers: 1\nseed: %" PRIu64 "\n", job->seed);
    if (status == 0)
        status = append_pair(out, "name: ", job->name);
    if (status == 0)
        status = append_pair(out, "background: ", address);
    if (status == 0)
        status = append_duration(out, "linger: ", job->linger_ms, "");
    if (status == 0)
        status = append_duration(out, "store: {keep: ", job->keep_ms, "}");
    if (status == 0)
        status = buffer_append_format(out, "plugins:\n  %s: ", plugin->name);
    if (status == 0)
        status = append_pair(out, "", plugin->locator);
    if (status == 0)
        status = buffer_append_format(
            out, "stages:\n  %s:\n    task: %s.%s\n    worker: %s\n",
            called->name, plugin->name, called->task,
            called->reused ? "reused" : "forked");
    return status == 0 ? append_args(out, args) : status;
}
