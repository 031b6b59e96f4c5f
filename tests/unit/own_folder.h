/* A folder of its own for a test, which is then the working folder. */
#ifndef OWN_FOLDER_H
#define OWN_FOLDER_H

#include <stddef.h>

/* Its path, once it was entered. */
extern char own_folder[32];

void own_folder_enter(void);

/* Remove the files of NAMES, ended by NULL, and then the folder itself, which
 * has to be the working folder. */
void own_folder_leave(const char *const *names);
#define OWN_FOLDER_LEAVE(...)                                                  \
    own_folder_leave((const char *const[]){ __VA_ARGS__, NULL })

/* Write SIZE bytes to the file NAME. */
void own_folder_write(const char *name, const char *bytes, size_t size);
#define OWN_FOLDER_WRITE(name, text)                                           \
    own_folder_write(name, text, sizeof(text) - 1)

#endif
