/* [keeper] */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include <drover/value.h>

#include "plugin/declaration.h"
#include "run/keeper_state.h"

static int load_one(struct keeper *keeper, size_t i, const char *path,
                    struct drover_builder *declarations)
{
    struct drover_error err;
    int status = keeper_tell(
        keeper,
        &(struct message){ .type = MESSAGE_LOADING, .as.loading = { i } }, -1);
    if (status < 0)
        return status;
    struct plugin *plugin = &keeper->plugins[i];
    status = plugin_load(path, plugin, &err);
    if (status < 0) {
        struct span reason = { err.message, strlen(err.message) };
        keeper_tell(keeper,
                    &(struct message){ .type = MESSAGE_REFUSED,
                                       .as.refused = { i, reason } },
                    -1);
        return status;
    }
    declaration_encode(declarations, plugin->exported, path, plugin->build_id);
    keeper->plugin_count = i + 1;
    return 0;
}

static int load_all(struct keeper *keeper, struct drover_value paths,
                    struct drover_builder *declarations)
{
    struct drover_iterator each = drover_iterate(paths);
    struct drover_value item;
    int status = 0;
    drover_build_list_begin(declarations);
    for (size_t i = 0; status == 0 && drover_next(&each, &item); i++) {
        const char *text;
        size_t size;
        status = drover_value_get_text(item, &text, &size);
        char *path = status == 0 ? strndup(text, size) : NULL;
        if (path == NULL || i >= PLUGINS_MAX)
            status = -EINVAL;
        else
            status = load_one(keeper, i, path, declarations);
        free(path);
    }
    drover_build_list_end(declarations);
    return status;
}

int keeper_open_plugins(struct keeper *keeper, const struct message_open *open)
{
    struct drover_builder *declarations = drover_builder_create();
    struct drover_value built;
    if (declarations == NULL)
        return -ENOMEM;
    /* While a plugin has this process the host's end goes unnoticed. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int status = open->protocol == MESSAGE_PROTOCOL ? 0 : -EPROTO;
    keeper->seed = open->seed;
    if (status == 0)
        status = load_all(keeper, open->paths, declarations);
    if (status == 0)
        status = drover_builder_value(declarations, &built, NULL);
    prctl(PR_SET_PDEATHSIG, 0);
    /* What constructors have printed must not be flushed by every worker. */
    fflush(NULL);
    if (status == 0)
        status = keeper_tell(
            keeper,
            &(struct message){ .type = MESSAGE_LOADED, .as.loaded = { built } },
            -1);
    drover_builder_destroy(declarations);
    return status;
}
