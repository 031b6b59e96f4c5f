/* Built for another plugin ABI */
#include "trivial.h"

static const struct drover_task tasks[] = { TRIVIAL_TASK };

const struct drover_plugin drover_plugin = {
    .magic = DROVER_PLUGIN_MAGIC,
    .abi_major = DROVER_ABI_MAJOR + 1,
    .abi_minor = DROVER_ABI_MINOR,
    .size = sizeof(struct drover_plugin),
    .task_stride = sizeof(struct drover_task),
    .param_stride = sizeof(struct drover_param),
    .task_count = 1,
    .name = "wrong-major",
    .version = "1",
    .summary = "Built for another plugin ABI",
    .tasks = tasks,
};
