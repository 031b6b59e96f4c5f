#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tasks.h"

enum { DESCRIPTORS_MAX = 256 };

static bool is_listed(struct drover_call *call, const char *name, int64_t i)
{
    struct drover_iterator each = drover_iterate(drover_arg_value(call, name));
    struct drover_value item;
    int64_t listed;
    while (drover_next(&each, &item))
        if (drover_value_get_int(item, &listed) == 0 && listed == i)
            return true;
    return false;
}

int end_badly(struct drover_call *call)
{
    const char *how = drover_arg_text(call, "how");
    int64_t i = drover_arg_int(call, "i");
    if (!is_listed(call, "when", i))
        return drover_return_int(call, i);
    if (strcmp(how, "crash") == 0)
        raise(SIGSEGV);
    else if (strcmp(how, "abort") == 0)
        abort();
    else if (strcmp(how, "exit") == 0)
        exit((int)drover_arg_int(call, "status"));
    else if (strcmp(how, "kill") == 0)
        kill(getpid(), SIGKILL);
    else if (strcmp(how, "type") == 0)
        return drover_return_text(call, "no int");
    else if (strcmp(how, "number") == 0)
        return (int)drover_arg_int(call, "status");
    return drover_fail(call, "cannot do %lld, as was asked for", (long long)i);
}

int hang(struct drover_call *call)
{
    (void)call;
    for (;;)
        pause();
}

int kill_keeper(struct drover_call *call)
{
    kill(getppid(), SIGKILL);
    return hang(call);
}

int close_all(struct drover_call *call)
{
    for (int i = 0; i < DESCRIPTORS_MAX; i++)
        close(i);
    return drover_return_null(call);
}

int scribble(struct drover_call *call)
{
    char garbage[64];
    memset(garbage, 0xfe, sizeof garbage);
    for (int i = 3; i < DESCRIPTORS_MAX; i++)
        if (write(i, garbage, sizeof garbage) < 0)
            continue;
    return drover_return_null(call);
}
