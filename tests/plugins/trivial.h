/* What the plugins that fail to load share: one sound task. */
#ifndef PLUGINS_TRIVIAL_H
#define PLUGINS_TRIVIAL_H

#include <drover/plugin.h>

static int answer(struct drover_call *call)
{
    return drover_return_int(call, 42);
}

#define TRIVIAL_TASK                                                           \
    {                                                                          \
        .name = "answer", .run = answer, .result = { .type = DROVER_INT },     \
        .flags = DROVER_REUSABLE                                               \
    }

#endif
