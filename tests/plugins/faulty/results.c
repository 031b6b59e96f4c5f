#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tasks.h"

/* All arguments, as they came. */
int echo(struct drover_call *call)
{
    return drover_return_value(call, drover_call_args(call));
}

int big(struct drover_call *call)
{
    size_t size = (size_t)drover_arg_int(call, "bytes");
    char *text = malloc(size + 1);
    if (text == NULL)
        return drover_fail(call, "no memory for %zu bytes", size);
    memset(text, 'x', size);
    text[size] = '\0';
    int result = drover_return_text(call, text);
    free(text);
    return result;
}

/* The same, but the first call waits for the file `until` before. */
int late(struct drover_call *call)
{
    if (drover_call_index(call) == 0)
        wait_for_file(drover_arg_text(call, "until"));
    return big(call);
}

/* i, count times; the last of them is returned if `returns`. */
int many(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i");
    int64_t count = drover_arg_int(call, "count");
    bool returns = drover_arg_bool(call, "returns");
    for (int64_t k = 0; k < count - returns; k++) {
        int result = drover_send_pack(call, "[I, I]", i, k);
        if (result != 0)
            return result;
    }
    if (!returns)
        return 0;
    return drover_return_pack(call, "[I, I]", i, count - 1);
}

/* i, count times; then it waits for the file `until`, and fails if `fails`. */
int drip(struct drover_call *call)
{
    int64_t count = drover_arg_int(call, "count");
    for (int64_t k = 0; k < count; k++)
        if (drover_send_pack(call, "I", drover_arg_int(call, "i")) != 0)
            return -1;
    while (access(drover_arg_text(call, "until"), F_OK) < 0)
        usleep(5000);
    return drover_arg_bool(call, "fails") ? drover_fail(call, "ran dry") : 0;
}

int undeclared(struct drover_call *call)
{
    return drover_return_int(call, drover_arg_int(call, "nobody_said"));
}
