#include "store/label.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "store/folder.h"

static const char NAME[] = "address";

/* The time comes first: an address may have line feeds in it. */
struct label label_read(const char *folder)
{
    struct label label = { NULL, 0 };
    char *text = folder_read_file(folder, NAME);
    char *end = text == NULL ? NULL : strchr(text, '\n');
    if (end != NULL) {
        label.created_ms = strtoll(text, NULL, 10);
        label.address = strdup(end + 1);
    }
    free(text);
    return label;
}

int label_write(const char *folder, const char *address, int64_t created_ms,
                struct drover_error *err)
{
    char text[PATH_MAX + 32];
    if (strlen(address) >= PATH_MAX)
        return error_set(err, ENAMETOOLONG,
                         "an address has at most %d bytes, this one %zu",
                         PATH_MAX - 1, strlen(address));
    snprintf(text, sizeof text, "%" PRId64 "\n%s", created_ms, address);
    return folder_write_file(folder, NAME, text, err);
}
