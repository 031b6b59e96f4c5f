/* Built for a later plugin ABI */
#include "trivial.h"

static const struct drover_task tasks[] = { TRIVIAL_TASK };

const struct drover_plugin drover_plugin = {
    .magic = DROVER_PLUGIN_MAGIC,
    .abi_major = DROVER_ABI_MAJOR,
    .abi_minor = DROVER_ABI_MINOR + 1,
    .size = sizeof(struct drover_plugin),
    .task_stride = sizeof(struct drover_task),
    .param_stride = sizeof(struct drover_param),
    .task_count = 1,
    .name = "higher-minor",
    .version = "1",
    .summary = "Built for a later plugin ABI",
    .tasks = tasks,
};
