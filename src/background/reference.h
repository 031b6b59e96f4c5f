/* What users call a run by: the path of a socket, or the name of a run. */
#ifndef BACKGROUND_REFERENCE_H
#define BACKGROUND_REFERENCE_H

#include <drover/error.h>

/* Where a run is.
 *
 * path    of its socket, absolute; NULL: it has none
 * folder  of its store; NULL: that is not known
 * run     its name, when it was called by that; else NULL: whichever run is
 *         served at the path */
struct reference {
    char *path;
    char *folder;
    const char *run;
};

/* Find what TEXT refers to. Returns 0 with *OUT, to be cleared; -ENOENT when
 * there is no such address and no such run; what address_look() and
 * store_find() say; -ENOMEM. */
int reference_find(const char *text, struct reference *out,
                   struct drover_error *err);

void reference_clear(struct reference *reference);

#endif
