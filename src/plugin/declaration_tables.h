/* Reading the tables of a plugin that may have been built with another minor
 * version's structs: entries lie a stride apart, and what an entry does not
 * have is 0. */
#ifndef PLUGIN_DECLARATION_TABLES_H
#define PLUGIN_DECLARATION_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <drover/plugin.h>

/* What the structs had in version DROVER_ABI_MAJOR.0: their last fields then.
 * These stay as they are when fields are added. */
#define TABLES_PLUGIN_SIZE_MIN                                                 \
    (offsetof(struct drover_plugin, worker_stop) + sizeof(void (*)(void)))
#define TABLES_TASK_STRIDE_MIN                                                 \
    (offsetof(struct drover_task, flags) + sizeof(unsigned))
#define TABLES_PARAM_STRIDE_MIN                                                \
    (offsetof(struct drover_param, doc) + sizeof(const char *))

/* Copy entry INDEX of TABLE to OUT, an entry of SIZE bytes all 0. */
static inline void tables_copy(const void *table, size_t stride, size_t index,
                               void *out, size_t size)
{
    const char *entry = (const char *)table + index * stride;
    memcpy(out, entry, stride < size ? stride : size);
}

/* INDEX is below plugin->task_count. */
static inline struct drover_task tables_task(const struct drover_plugin *plugin,
                                             size_t index)
{
    struct drover_task task = { 0 };
    tables_copy(plugin->tasks, plugin->task_stride, index, &task, sizeof task);
    return task;
}

/* INDEX is at most that of the entry that ends the table. */
static inline struct drover_param
tables_param(const struct drover_plugin *plugin, const struct drover_task *task,
             size_t index)
{
    struct drover_param param = { 0 };
    tables_copy(task->params, plugin->param_stride, index, &param,
                sizeof param);
    return param;
}

/* Whether parameter INDEX is there, when all before it are. */
static inline bool tables_has_param(const struct drover_plugin *plugin,
                                    const struct drover_task *task,
                                    size_t index)
{
    return task->params != NULL &&
           tables_param(plugin, task, index).name != NULL;
}

#endif
