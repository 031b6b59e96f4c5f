/* Exports something else as drover_plugin */
#include "trivial.h"

static const struct drover_task tasks[] = { TRIVIAL_TASK };

const struct drover_plugin drover_plugin = {
    .magic = 0x12345678,
    .abi_major = DROVER_ABI_MAJOR,
    .abi_minor = DROVER_ABI_MINOR,
    .size = sizeof(struct drover_plugin),
    .task_stride = sizeof(struct drover_task),
    .param_stride = sizeof(struct drover_param),
    .task_count = 1,
    .name = "wrong-magic",
    .version = "1",
    .summary = "Exports something else as drover_plugin",
    .tasks = tasks,
};
