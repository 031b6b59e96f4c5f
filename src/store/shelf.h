/* The folder in which the stores of a user stand. */
#ifndef STORE_SHELF_H
#define STORE_SHELF_H

#include <stdbool.h>

#include <drover/error.h>

/* What folders are called that are not stores yet, or not any more; whoever was
 * killed in between leaves them. */
#define SHELF_NEW ".new-"
#define SHELF_GONE ".gone-"

/* The shelf's path, without symbolic links, to be freed. With MAKE it is made
 * when it is not there. Returns 0 with *OUT; -ENOENT; -EPERM when others could
 * interfere; or what mkdir(2) says. */
int shelf_get(bool make, char **out, struct drover_error *err);

/* FOLDER/PREFIX NAME, to be freed; NULL: no memory. */
char *shelf_join(const char *folder, const char *prefix, const char *name);

/* Remove what others have left unfinished. */
void shelf_sweep(const char *shelf);

/* Remove FOLDER and all that is in it. Returns 0 or a negative errno. */
int shelf_remove_tree(const char *folder);

#endif
