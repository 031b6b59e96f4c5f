/* The configuration file, as conf/drover.yaml explains it to the user. */
#ifndef JOB_CONFIG_H
#define JOB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/error.h>

#include "job/key.h"
#include "job/problems.h"

struct job;

enum { CONFIG_LIMIT_FOLDERS = 64 };

/* plugin_path  folders to look for plugins in, absolute, in order
 * workers      slots of a job that does not say; 0: not configured
 * linger_ms, store_off, keep_ms  as in struct job; -1: not configured */
struct config {
    char **plugin_path;
    size_t plugin_path_count;
    unsigned workers;
    int64_t linger_ms;
    bool store_off;
    int64_t keep_ms;
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

/* Let JOB say what CONFIG says about linger: and store: where it does not say
 * itself. A job that says something about its store has the last word on all of
 * that. */
void config_complete(const struct config *config, struct job *job);

/* Every key that a configuration file can have. */
const struct job_key *config_keys(size_t *count);

#endif
