/* Whether a file can be trusted to hold code that we run. */
#ifndef PLUGIN_TRUST_H
#define PLUGIN_TRUST_H

#include <drover/error.h>

/* Refuse the file PATH (absolute) when others than root and this process's
 * user could have written it: by its owner or mode, or by those of a folder
 * above it (a sticky folder, such as /tmp, is safe for what is ours).
 * Returns 0, -EPERM, or what kept us from looking. */
int trust_check_file(const char *path, struct drover_error *err);

#endif
