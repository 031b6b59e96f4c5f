/* [host] */
#include "run/state.h"

#include <string.h>

#include "base/error.h"

uint64_t source_tag(enum source source, size_t slot)
{
    return (uint64_t)source << 32 | slot;
}

void run_fail(struct run *run, int status, const char *what)
{
    if (run->failure == 0)
        error_set(run->err, -status, "%s: %s", what, strerror(-status));
    if (run->failure == 0)
        run->failure = status;
}
