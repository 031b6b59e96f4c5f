/* Writes down when its workers start and stop */
#include <fcntl.h>
#include <unistd.h>

#include "trivial.h"

static int note(const char *letter)
{
    int notes = open("notes", O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (notes < 0 || write(notes, letter, 1) != 1)
        return 1;
    return close(notes);
}

static int begin(void)
{
    return note("a");
}

static void end(void)
{
    note("z");
}

static int number(struct drover_call *call)
{
    return drover_return_int(call, drover_arg_int(call, "i"));
}

static const struct drover_task tasks[] = {
    TRIVIAL_TASK,
    { .name = "number",
      .run = number,
      .flags = DROVER_REUSABLE,
      .params = DROVER_PARAMS({ .name = "i", .type = DROVER_INT }),
      .result = { .type = DROVER_INT } },
};
DROVER_PLUGIN_WITH_HOOKS("start-counts", "1", "Notes starts and stops", tasks,
                         begin, end);
