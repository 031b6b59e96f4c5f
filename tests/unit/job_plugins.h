/* What the bundled plugins grid, text and shell declare, for tests of jobs
 * that use them. */
#ifndef JOB_PLUGINS_H
#define JOB_PLUGINS_H

#include "job/job.h"
#include "plugin/declaration.h"

/* The declarations of JOB's plugins, by their locators; NULL for those that
 * are none of these. Valid until the next call. */
const struct declaration *const *job_plugins_declare(const struct job *job);

#endif
