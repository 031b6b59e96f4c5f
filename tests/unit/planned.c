#include "planned.h"

#include <stdio.h>
#include <string.h>

#include "job_plugins.h"
#include "unit.h"
#include "value/encode.h"
#include "value/json.h"

struct planned planned_make(const char *stage)
{
    struct planned planned = { .job = NULL, .plan = NULL };
    char text[4096];
    snprintf(text, sizeof text,
             "version: 1\n"
             "plugins: {grid: grid, text: text, shell: shell, types: types}\n"
             "stages:\n"
             "  a:\n%s",
             stage);
    ASSERT_INT(problems_init(&planned.problems, "job.yaml"), 0);
    int status = job_parse("job.yaml", text, strlen(text), &planned.job,
                           &planned.problems);
    if (status == 0)
        status = plan_create(planned.job, job_plugins_declare(planned.job),
                             &planned.plan, &planned.problems);
    if (status < 0 && problems_kept(&planned.problems) > 0)
        ASSERT_TEXT(planned.problems.kept[0].message, "");
    ASSERT_INT(status, 0);
    return planned;
}

void planned_clear(struct planned *planned)
{
    plan_destroy(planned->plan);
    job_destroy(planned->job);
    problems_clear(&planned->problems);
}

/* All calls as JSON, one a line; for one that cannot be made the message. */
void planned_append_calls(struct expansion *expansion, struct buffer *out)
{
    struct buffer args = BUFFER_INIT(VALUE_LIMIT_BYTES);
    struct drover_error err;
    int status;
    while ((status = expansion_next(expansion, &args, &err)) != 0) {
        if (status < 0) {
            ASSERT_INT(buffer_size(&args), 0);
            ASSERT_INT(status, -err.code);
            buffer_append_text(out, err.message);
        } else {
            ASSERT_INT(drover_value_check(value_of_buffer(&args), NULL), 0);
            value_print_json(out, value_of_buffer(&args), 0);
        }
        buffer_append_text(out, "\n");
        buffer_reset(&args);
    }
    ASSERT_INT(expansion_next(expansion, &args, &err), 0);
    buffer_clear(&args);
}

const char *planned_calls_in(const char *folder, const char *stage)
{
    const struct expansion_input input = { .folder = folder };
    static char text[16384];
    struct buffer out = BUFFER_INIT(sizeof text);
    struct planned planned = planned_make(stage);
    struct expansion *expansion = NULL;
    struct drover_error err = { 0 };
    if (expansion_open(planned.plan, 0, &input, &expansion, &err) == 0)
        planned_append_calls(expansion, &out);
    else
        buffer_append_text(&out, err.message);
    buffer_append(&out, "", 1);
    memcpy(text, buffer_bytes(&out), buffer_size(&out));
    expansion_close(expansion);
    planned_clear(&planned);
    buffer_clear(&out);
    return text;
}

const char *planned_calls(const char *stage)
{
    return planned_calls_in(NULL, stage);
}

uint64_t planned_total(const char *stage)
{
    const struct expansion_input input = { .folder = NULL };
    struct planned planned = planned_make(stage);
    struct expansion *expansion = NULL;
    ASSERT_INT(expansion_open(planned.plan, 0, &input, &expansion, NULL), 0);
    uint64_t total = expansion_total(expansion);
    expansion_close(expansion);
    planned_clear(&planned);
    return total;
}
