/* Room that is kept free for the worst moment: a file in a store's folder which
 * becomes smaller when the disk is full, so that last commits succeed: first
 * some of what collectors were given and have acknowledged, then how the run
 * has ended. */
#ifndef STORE_BALLAST_H
#define STORE_BALLAST_H

#include <stdbool.h>

enum { BALLAST_BYTES = 96 * 1024, BALLAST_END_BYTES = 32 * 1024 };

/* Put it into FOLDER unless it is there. Returns 0 or a negative errno: then
 * there is none. */
int ballast_create(const char *folder);

/* Free its room but for BALLAST_END_BYTES, or all of it. Returns whether there
 * was anything to be freed. */
bool ballast_free_some(const char *folder);
bool ballast_free(const char *folder);

#endif
