/* Whether what is in a file or a folder can be trusted to be ours or root's. */
#ifndef PLUGIN_TRUST_H
#define PLUGIN_TRUST_H

#include <drover/error.h>

/* Refuse the file PATH (absolute) when others than root and this process's
 * user could have written it: by its owner or mode, or by those of a folder
 * above it (a sticky folder, such as /tmp, is safe for what is ours).
 * Returns 0, -EPERM, or what kept us from looking. */
int trust_check_file(const char *path, struct drover_error *err);

/* Refuse the folder PATH itself, whatever is above it, when others than root
 * and this user could replace what we have in it. Returns as above. */
int trust_check_folder(const char *path, struct drover_error *err);

#endif
