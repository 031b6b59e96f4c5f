/* The configuration file, as conf/drover.yaml explains it to the user. */
#ifndef JOB_CONFIG_H
#define JOB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include <drover/error.h>

#include "job/key.h"
#include "job/problems.h"

enum { CONFIG_LIMIT_FOLDERS = 64 };

/* plugin_path  folders to look for plugins in, absolute, in order
 * workers      slots of a job that does not say; 0: not configured */
struct config {
    char **plugin_path;
    size_t plugin_path_count;
    unsigned workers;
};

/* Read the configuration file PATH. One that does not exist is as an empty one,
 * unless it MUST_EXIST.
 *
 * Returns 0 with CONFIG set, for the caller to clear; -EBADMSG with PROBLEMS
 * (initialised by the caller) added; -ENOMEM or the reason why the file could
 * not be read, with ERR set. */
int config_read(const char *path, bool must_exist, struct config *config,
                struct problems *problems, struct drover_error *err);
void config_clear(struct config *config);

/* Every key that a configuration file can have. */
const struct job_key *config_keys(size_t *count);

#endif
