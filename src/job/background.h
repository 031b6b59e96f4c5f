/* What can be the address of a background run, as far as its text tells: it is
 * printed as a line, and names a socket, not a folder. */
#ifndef JOB_BACKGROUND_H
#define JOB_BACKGROUND_H

#include <stdbool.h>

/* For messages: what is expected. */
#define BACKGROUND_ADDRESS_RULE                                                \
    "the path of a socket, without control characters and without a / at its " \
    "end"

bool background_is_address(const char *text);

#endif
