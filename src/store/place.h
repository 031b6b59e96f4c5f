/* Where we are: the machine, its boot, and what file system a folder is in. */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include <stddef.h>

/* The host's name, and the id of its boot; each written to OUT, at most SIZE
 * bytes with the final NUL; "" when it cannot be told. */
void place_host(char *out, size_t size);
void place_boot(char *out, size_t size);

/* The kind of network file system that FOLDER is in: "NFS"; NULL when it is in
 * none that is known. */
const char *place_network(const char *folder);

#endif
