/* A call that would be made, as a line of JSON on standard output. */
#ifndef CLI_FORESEEN_H
#define CLI_FORESEEN_H

#include <stddef.h>
#include <stdint.h>

#include <drover/value.h>

/* args        an empty view: null
 * why         a word
 * wrong       why the call cannot be made, or NULL
 * json_flags  of enum drover_json_flags */
struct foreseen {
    const char *stage;
    uint64_t index;
    struct drover_value args;
    const char *why;
    const char *wrong;
    unsigned json_flags;
};

/* Returns 0, -ENOMEM, or -EPIPE when it cannot be written. */
int foreseen_print(const struct foreseen *foreseen);

/* The calls of STAGE are not known before the COUNT stages in AFTER have
 * results. Likewise. */
int foreseen_print_unknown(const char *stage, const char *const *after,
                           size_t count);

#endif
