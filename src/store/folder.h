/* Small files in a store's folder, and making sure that they stay. */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include <drover/error.h>

/* Make what was done in the folder PATH (files made, renamed, removed) outlast
 * a power cut. Returns 0 or a negative errno. */
int folder_sync(const char *path, struct drover_error *err);

/* Make the bytes of the file NAME in the folder PATH outlast a power cut. */
int folder_sync_file(const char *path, const char *name,
                     struct drover_error *err);

/* Write TEXT to the file NAME in the folder PATH, all of it or nothing, and so
 * that it lasts once the folder is synced. Returns 0 or a negative errno. */
int folder_write_file(const char *path, const char *name, const char *text,
                      struct drover_error *err);

/* The text of that file, to be freed; NULL: there is none of at most 64 KiB,
 * or no memory. */
char *folder_read_file(const char *path, const char *name);

/* Open that file to append to it; it is made when it is not there. Returns a
 * descriptor above 2, or a negative errno. */
int folder_append_file(const char *path, const char *name,
                       struct drover_error *err);

/* Whether there is a regular file of that name; *SIZE (may be NULL) is how many
 * bytes are in it. */
bool folder_has_file(const char *path, const char *name, off_t *size);

#endif
