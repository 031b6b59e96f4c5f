#include <stdio.h>
#include <string.h>

#include "tasks.h"

/* "i:k" in the lines 0 to `lines` - 1, then the text of `rest` without a
 * newline; in every call whose number `every` divides. */
int print_lines(struct drover_call *call)
{
    int64_t i = drover_arg_int(call, "i");
    int64_t lines = drover_arg_int(call, "lines");
    FILE *stream = strcmp(drover_arg_text(call, "stream"), "stdout") == 0
                       ? stdout
                       : stderr;
    if (i % drover_arg_int(call, "every") == 0) {
        for (int64_t k = 0; k < lines; k++)
            fprintf(stream, "%lld:%lld\n", (long long)i, (long long)k);
        fputs(drover_arg_text(call, "rest"), stream);
    }
    return drover_return_int(call, i);
}

/* Every byte there is, again and again. */
int print_garbage(struct drover_call *call)
{
    int64_t size = drover_arg_int(call, "bytes");
    for (int64_t i = 0; i < size; i++)
        putchar((int)(i & 0xff));
    return drover_return_int(call, size);
}

int write_log(struct drover_call *call)
{
    drover_log(call, DROVER_LOG_ERROR, "an error");
    drover_log(call, DROVER_LOG_WARNING, "a warning");
    drover_log(call, DROVER_LOG_INFO, "for information");
    drover_log(call, DROVER_LOG_DEBUG, "for debugging");
    return drover_return_null(call);
}
