/* A task that starts a background call. */
#include <unistd.h>

#include <drover/background.h>
#include <drover/plugin.h>

static int hang(struct drover_call *call)
{
    (void)call;
    while (pause() < 0)
        ;
    return 0;
}

/* Returns whether it is served, which it was when it was started. */
static int start(struct drover_call *call)
{
    struct drover_background background = {
        .address = drover_arg_text(call, "address"),
        .task = hang,
    };
    struct drover_error err;
    if (drover_background_start_pack(&background, &err, NULL) < 0)
        return drover_fail(call, "%s", err.message);
    return drover_return_bool(call, access(background.address, F_OK) == 0);
}

static const struct drover_task tasks[] = {
    { .name = "start",
      .run = start,
      .summary = "Start a background call that never ends",
      .params = DROVER_PARAMS({ .name = "address", .type = DROVER_TEXT }),
      .result = { .type = DROVER_BOOL } },
};
DROVER_PLUGIN("background", "1", "Background calls within calls", tasks);
