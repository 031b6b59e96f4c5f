/* The plugins that a keeper has loaded, as its workers use them. */
#ifndef PLUGIN_PLUGIN_SET_H
#define PLUGIN_PLUGIN_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "plugin/call.h"
#include "plugin/load.h"
#include "wire/message.h"

struct plugin_set {
    const struct plugin *plugins;
    size_t count;
};

/* [worker] Run the plugins' worker_start, up to one that refuses: why it did
 * is then written to REFUSAL, of SIZE bytes. */
void plugin_set_start(const struct plugin_set *set, char *refusal, size_t size);

/* [worker] Run the plugins' worker_stop, the last one's first. */
void plugin_set_stop(const struct plugin_set *set);

/* A worker_find_fn; SET is a struct plugin_set. */
bool plugin_set_find(const void *set, const struct message_call *message,
                     struct worker_task *out);

#endif
