/* Where an address is: a folder that only we can change, and a name in it. */
#ifndef BACKGROUND_ADDRESS_PLACE_H
#define BACKGROUND_ADDRESS_PLACE_H

#include <drover/error.h>

/* path         absolute, borrowed; name is its last part
 * folder_path  what is before that
 * folder       descriptor of it, O_PATH */
struct address_place {
    const char *path;
    const char *name;
    char *folder_path;
    int folder;
};

/* Open the place of the address PATH (absolute). Returns 0, -EINVAL,
 * -ENAMETOOLONG, -ENOENT and what else open(2) says of the folder. */
int address_place_open(const char *path, struct address_place *out,
                       struct drover_error *err);

void address_place_close(struct address_place *place);

/* Make the folder of the address PATH again if it is one that address_choose()
 * makes. Returns 0, also when it is another. */
int address_place_make(const char *path, struct drover_error *err);

#endif
