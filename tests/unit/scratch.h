/* A folder for one test case, and processes for it. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

enum { SCRATCH_NOBODY = 65534 };

/* Make the folder; whatever is in it goes with it. */
void scratch_create(void);
void scratch_destroy(void);

/* The same, and it is the working folder until it is left. */
void scratch_enter(void);
void scratch_leave(void);

/* Its path. */
const char *scratch_folder(void);

/* The path of NAME in it; valid until eight more have been made. */
const char *scratch_path(const char *name);

/* Make an empty file, 0600, and a folder, 0700, at a path. */
void scratch_make_file(const char *path);
void scratch_make_folder(const char *path);

/* Write SIZE bytes to the file at a path. */
void scratch_write(const char *path, const char *bytes, size_t size);
#define SCRATCH_WRITE(path, text) scratch_write(path, text, sizeof(text) - 1)

/* How many things are in the folder PATH. */
size_t scratch_count(const char *path);

/* Run FUNCTION in a forked child, and return what that returned: 0..255. As
 * ANOTHER user: needs root. */
int scratch_run(int (*function)(const void *context), const void *context);
int scratch_run_as(uid_t user, int (*function)(const void *context),
                   const void *context);

#endif
