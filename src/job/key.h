/* Maps whose keys are known: one table drives reading, what is required, what
 * an unknown key was probably meant to be, and the manual's check. */
#ifndef JOB_KEY_H
#define JOB_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "job/node.h"
#include "job/scope.h"

/* A key of a file.
 *
 * path      where it stands: "stages.*.task", '*' being any name
 * required  how it is written, which is said when it is missing from a map
 *           where it can stand; NULL: it may be missing
 * read      takes its value over into CONTEXT, adding problems as it finds
 *           them. Returns 0 or -ENOMEM */
struct job_key {
    const char *path;
    const char *required;
    int (*read)(void *context, const struct node *value);
};

/* All keys of a kind of file, in the order in which those of one map are
 * read. */
struct key_table {
    const struct job_key *keys;
    size_t count;
};

/* Read MAP (any node, at AT for what is missing), whose keys are those right
 * below FOLDER ("", or ended by a dot: "stages.*."). Returns 0, whatever
 * problems were added, or -ENOMEM. */
int key_read_map(const struct scope *scope, const struct key_table *table,
                 const char *folder, const struct node *map, struct position at,
                 void *context);

#endif
