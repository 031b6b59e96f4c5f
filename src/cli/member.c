#include "cli/member.h"

#include <string.h>

#include "base/text.h"
#include "value/json.h"
#include "value/json_scalar.h"

int member_put_text(struct buffer *out, const char *key, const char *text)
{
    int status = buffer_append_text(out, key);
    return status == 0 ? json_put_text(out, text, strlen(text)) : status;
}

int member_put_bytes(struct buffer *out, const char *key, const char *bytes,
                     size_t size)
{
    struct buffer shown = BUFFER_INIT(SIZE_MAX);
    int status = text_escape_invalid(&shown, bytes, size);
    if (status == 0)
        status = buffer_append_text(out, key);
    if (status == 0)
        status = json_put_text(out, (const char *)buffer_bytes(&shown),
                               buffer_size(&shown));
    buffer_clear(&shown);
    return status;
}

int member_put_value(struct buffer *out, const char *key,
                     struct drover_value value, const char *empty,
                     unsigned flags)
{
    int status = buffer_append_text(out, key);
    if (status < 0)
        return status;
    return value.size == 0 ? buffer_append_text(out, empty)
                           : value_print_json(out, value, flags);
}
