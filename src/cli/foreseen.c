#include "cli/foreseen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/member.h"

static int print_line(struct buffer *line, int status)
{
    if (status == 0)
        status = buffer_append_text(line, "}\n");
    if (status == 0 && fwrite(buffer_bytes(line), 1, buffer_size(line),
                              stdout) < buffer_size(line))
        status = -EPIPE;
    buffer_clear(line);
    return status;
}

int foreseen_print(const struct foreseen *foreseen)
{
    struct buffer line = BUFFER_INIT(SIZE_MAX);
    int status = member_put_text(&line, "{\"stage\":", foreseen->stage);
    if (status == 0)
        status =
            buffer_append_format(&line, ",\"index\":%" PRIu64, foreseen->index);
    if (status == 0)
        status = member_put_value(&line, ",\"args\":", foreseen->args, "null",
                                  foreseen->json_flags);
    if (status == 0)
        status = member_put_text(&line, ",\"why\":", foreseen->why);
    if (status == 0 && foreseen->wrong != NULL)
        status = member_put_text(&line, ",\"error\":", foreseen->wrong);
    return print_line(&line, status);
}

int foreseen_print_unknown(const char *stage, const char *const *after,
                           size_t count)
{
    struct buffer line = BUFFER_INIT(SIZE_MAX);
    int status = member_put_text(&line, "{\"stage\":", stage);
    if (status == 0)
        status = buffer_append_text(&line, ",\"index\":null,\"args\":null,"
                                           "\"why\":\"unknown\",\"after\":[");
    for (size_t i = 0; status == 0 && i < count; i++)
        status = member_put_text(&line, i == 0 ? "" : ",", after[i]);
    if (status == 0)
        status = buffer_append_text(&line, "]");
    return print_line(&line, status);
}
