/* How names and texts of a file stand in messages about it. */
#ifndef JOB_WORDING_H
#define JOB_WORDING_H

#include <stddef.h>

#include "base/text.h"
#include "job/problems.h"

/* Both are given by value, for use among the arguments of a message:
 * `problems_add(problems, at, "no key %s", wording_quote(key).text)`. */
struct quotation {
    char text[128];
};
struct suggestion {
    char text[256];
};

/* TEXT in double quotes, cut when it is long. */
struct quotation wording_quote(const char *text);

/* What to write instead of NAME, of the COUNT names that there are:
 * ` (did you mean "with"?)`, or, when none is near, what there is:
 * ` (there is: task, with)`; nothing when there is none or too much, or when
 * PROBLEMS is full. GET as for text_nearest(). */
struct suggestion wording_suggest(const struct problems *problems,
                                  const char *name, text_name_fn get,
                                  const void *context, size_t count);

#endif
