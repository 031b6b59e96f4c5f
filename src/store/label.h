/* What is written beside a record, in the file `address`, so that it can be
 * read while somebody else has the store: where the run is reached, and when it
 * was made. */
#ifndef STORE_LABEL_H
#define STORE_LABEL_H

#include <stdint.h>

#include <drover/error.h>

/* address     "": the run is in the foreground; to be freed. NULL: there is no
 *             label, or no memory
 * created_ms  since 1970; 0: that is not known */
struct label {
    char *address;
    int64_t created_ms;
};
struct label label_read(const char *folder);

/* Write it, or write it anew. Lasts once the folder is synced. Returns 0 or a
 * negative errno. */
int label_write(const char *folder, const char *address, int64_t created_ms,
                struct drover_error *err);

#endif
