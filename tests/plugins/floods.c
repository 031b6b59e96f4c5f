/* Much at once: results, arguments */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trivial.h"

static int send_much(struct drover_call *call, int64_t count, size_t size)
{
    char *text = malloc(size + 1);
    int status = text == NULL ? drover_fail(call, "no memory") : 0;
    if (text != NULL)
        memset(text, 'x', size);
    for (int64_t i = 0; status == 0 && i < count; i++)
        status = drover_send_pack(call, "S", text, size);
    free(text);
    return status;
}

/* The first call waits for the file `until`, all others send. */
static int flood(struct drover_call *call)
{
    if (drover_call_index(call) > 0)
        return send_much(call, drover_arg_int(call, "count"),
                         (size_t)drover_arg_int(call, "size"));
    while (access(drover_arg_text(call, "until"), F_OK) < 0)
        usleep(10000);
    return drover_return_text(call, "first");
}

/* How long the text is; takes 5 ms. */
static int measure(struct drover_call *call)
{
    usleep(5000);
    return drover_return_int(call,
                             (int64_t)strlen(drover_arg_text(call, "text")));
}

static int ignore(struct drover_call *call)
{
    return drover_return_int(call, drover_arg_int(call, "i"));
}

static const struct drover_task tasks[] = {
    TRIVIAL_TASK,
    { .name = "flood",
      .run = flood,
      .params = DROVER_PARAMS({ .name = "i", .type = DROVER_INT },
                              { .name = "count", .type = DROVER_INT },
                              { .name = "size", .type = DROVER_INT },
                              { .name = "until", .type = DROVER_TEXT }),
      .flags = DROVER_REUSABLE },
    { .name = "ignore",
      .run = ignore,
      .params = DROVER_PARAMS({ .name = "i", .type = DROVER_INT },
                              { .name = "what", .type = DROVER_ANY }),
      .result = { .type = DROVER_INT },
      .flags = DROVER_REUSABLE },
    { .name = "measure",
      .run = measure,
      .params = DROVER_PARAMS({ .name = "text", .type = DROVER_TEXT }),
      .result = { .type = DROVER_INT },
      .flags = DROVER_REUSABLE },
};
DROVER_PLUGIN("floods", "1", "Much at once", tasks);
