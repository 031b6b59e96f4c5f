/* Tasks that write down what became of them, where it outlives every process:
 * in the file `ledger` of the folder that the variable LEDGER names. A line is
 *
 *     begin|end|overlap STAGE INDEX PID
 *
 * overlap: another process was at the same call, alive. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <drover/plugin.h>

enum { FILL_MAX = 1024 * 1024, CALLS_MAX = 100000 };

static int open_file(const char *name)
{
    char path[PATH_MAX];
    const char *folder = getenv("LEDGER");
    snprintf(path, sizeof path, "%s/%s", folder == NULL ? "." : folder, name);
    return open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void note(struct drover_call *call, const char *what)
{
    char line[128];
    int size = snprintf(line, sizeof line, "%s %s %lld %ld\n", what,
                        drover_arg_text(call, "stage"),
                        (long long)drover_arg_int(call, "i"), (long)getpid());
    int ledger = open_file("ledger");
    if (ledger < 0 || write(ledger, line, (size_t)size) != size)
        abort();
    close(ledger);
}

/* Each call has a byte of its own to lock, which its process's death frees. */
static int begin(struct drover_call *call)
{
    off_t place = drover_arg_text(call, "stage")[0] * CALLS_MAX;
    struct flock own = { .l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = place + drover_arg_int(call, "i"),
                         .l_len = 1 };
    int lock = open_file("running");
    note(call, fcntl(lock, F_OFD_SETLK, &own) == 0 ? "begin" : "overlap");
    return lock;
}

static void end(struct drover_call *call, int lock)
{
    note(call, "end");
    close(lock);
}

static void pause_for(struct drover_call *call)
{
    int64_t pause_us = drover_arg_int(call, "pause_us");
    struct timespec left = { pause_us / 1000000,
                             (long)(pause_us % 1000000) * 1000 };
    nanosleep(&left, NULL);
}

static void pack(struct drover_call *call, struct drover_builder *out,
                 int64_t k)
{
    static char fill[FILL_MAX];
    size_t size = (size_t)drover_arg_int(call, "fill");
    memset(fill, 'a' + (int)(k % 26), size);
    drover_build_pack(out, "{s: s, s: I, s: I, s: S}", "stage",
                      drover_arg_text(call, "stage"), "i",
                      drover_arg_int(call, "i"), "k", k, "fill", fill, size);
}

/* One value, after a pause. */
static int once(struct drover_call *call)
{
    int lock = begin(call);
    pause_for(call);
    pack(call, drover_call_builder(call), 0);
    end(call, lock);
    return drover_return_built(call);
}

/* Values number 0 to count - 1, each sent after a pause. */
static int series(struct drover_call *call)
{
    int lock = begin(call);
    int status = 0;
    for (int64_t k = 0; k < drover_arg_int(call, "count") && status == 0; k++) {
        struct drover_builder *out = drover_builder_create();
        struct drover_value value;
        pause_for(call);
        pack(call, out, k);
        if (drover_builder_value(out, &value, NULL) == 0)
            status = drover_send(call, value);
        drover_builder_destroy(out);
    }
    end(call, lock);
    return status == 0 ? drover_return_nothing(call) : status;
}

/* clang-format off */
#define PARAMETERS                                                             \
    { .name = "stage", .type = DROVER_TEXT },                                  \
    { .name = "i", .type = DROVER_INT },                                       \
    { .name = "pause_us", .type = DROVER_INT, .fallback = "0" },               \
    { .name = "fill", .type = DROVER_INT, .fallback = "0" }
/* clang-format on */

static const struct drover_task tasks[] = {
    { .name = "once",
      .run = once,
      .params = DROVER_PARAMS(PARAMETERS),
      .flags = DROVER_REUSABLE },
    { .name = "series",
      .run = series,
      .params =
          DROVER_PARAMS(PARAMETERS, { .name = "count", .type = DROVER_INT }),
      .flags = DROVER_REUSABLE },
};
DROVER_PLUGIN("ledger", "1", "Tasks that are written down", tasks);
