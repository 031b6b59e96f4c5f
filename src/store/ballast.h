/* Room that is kept free for the worst moment: a file in a store's folder which
 * is removed when the disk is full, so that a last commit succeeds. */
#ifndef STORE_BALLAST_H
#define STORE_BALLAST_H

#include <stdbool.h>

enum { BALLAST_BYTES = 64 * 1024 };

/* Put it into FOLDER unless it is there. Returns 0 or a negative errno: then
 * there is none. */
int ballast_create(const char *folder);

/* Whether there was one, and its room is free now. */
bool ballast_free(const char *folder);

#endif
