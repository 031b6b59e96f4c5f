#include "plugin/plugin_set.h"

#include <stdio.h>

void plugin_set_start(const struct plugin_set *set, char *refusal, size_t size)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct drover_plugin *plugin = set->plugins[i].exported;
        int status = 0;
        if (plugin_has_hooks(plugin) && plugin->worker_start != NULL)
            status = plugin->worker_start();
        if (status != 0) {
            snprintf(refusal, size, "worker_start of plugin %s returned %d",
                     plugin->name, status);
            return;
        }
    }
}

void plugin_set_stop(const struct plugin_set *set)
{
    for (size_t i = set->count; i > 0; i--) {
        const struct drover_plugin *plugin = set->plugins[i - 1].exported;
        if (plugin_has_hooks(plugin) && plugin->worker_stop != NULL)
            plugin->worker_stop();
    }
}

bool plugin_set_find(const void *context, const struct message_call *message,
                     struct worker_task *out)
{
    const struct plugin_set *set = context;
    if (message->plugin >= set->count)
        return false;
    const struct plugin *plugin = &set->plugins[message->plugin];
    const struct drover_task *task =
        plugin_task(plugin->exported, message->task);
    if (task == NULL)
        return false;
    *out = (struct worker_task){ .run = task->run,
                                 .name = task->name,
                                 .declared = task,
                                 .param_stride = plugin->exported->param_stride,
                                 .build_id = plugin->build_id };
    return true;
}
