#include "cli/collected.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "cli/member.h"
#include "cli/options.h"
#include "value/json.h"

static int put_object(struct buffer *out, const struct drover_collected *item,
                      const struct collected_form *form)
{
    const struct drover_outcome *outcome = &item->outcome;
    int status = member_put_text(out, "{\"stage\":", item->stage);
    if (status == 0)
        status =
            buffer_append_format(out, ",\"index\":%" PRIu64, outcome->index);
    if (status == 0)
        status = member_put_value(out, ",\"args\":", outcome->args, "{}",
                                  form->json_flags);
    if (status == 0)
        status = member_put_text(
            out, ",\"cause\":", drover_cause_name(outcome->cause));
    if (status == 0)
        status = member_put_value(out, ",\"value\":", outcome->value, "null",
                                  form->json_flags);
    if (status == 0 && outcome->cause != DROVER_OK)
        status = member_put_text(out, ",\"error\":", outcome->text);
    if (status == 0 && form->addresses)
        status = member_put_bytes(out, ",\"address\":", item->address,
                                  strlen(item->address));
    if (status == 0 && item->redelivered)
        status = buffer_append_text(out, ",\"redelivered\":true");
    return status == 0 ? buffer_append_text(out, "}\n") : status;
}

int collected_put(struct buffer *out, const struct drover_collected *item,
                  const struct collected_form *form)
{
    if (!form->values)
        return put_object(out, item, form);
    if (item->outcome.value.size == 0)
        return 0;
    int status =
        form->plain
            ? value_print_plain(out, item->outcome.value, form->json_flags)
            : value_print_json(out, item->outcome.value, form->json_flags);
    return status == 0 ? buffer_append_text(out, "\n") : status;
}

void collected_complain(const struct drover_collected *item)
{
    enum { SHOWN_BYTES = 4096 };
    const struct drover_outcome *outcome = &item->outcome;
    struct buffer line = BUFFER_INIT(SHOWN_BYTES);
    int status =
        member_put_value(&line, " ", outcome->args, "{}", DROVER_JSON_NAN_NULL);
    if (status < 0)
        buffer_reset(&line); /* too long to be shown */
    buffer_append_text(&line, ": ");
    text_escape(&line, outcome->text, strlen(outcome->text));
    say("%s[%" PRIu64 "]%.*s", item->stage, outcome->index,
        (int)buffer_size(&line), (const char *)buffer_bytes(&line));
    buffer_clear(&line);
}
