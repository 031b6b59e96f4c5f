/* What was collected, as a line of JSON, or as a sentence. */
#ifndef CLI_COLLECTED_H
#define CLI_COLLECTED_H

#include <stdbool.h>

#include <drover/collect.h>

#include "base/buffer.h"

/* How items are shown.
 *
 * values      the values alone; plain: texts among them as they are
 * addresses   say where each came from
 * json_flags  of enum drover_json_flags */
struct collected_form {
    bool values;
    bool plain;
    bool addresses;
    unsigned json_flags;
};

/* Append ITEM as a line. Returns 0, -ENOMEM, -EMSGSIZE, or -EINVAL when it
 * holds what is no value. */
int collected_put(struct buffer *out, const struct drover_collected *item,
                  const struct collected_form *form);

/* Say how a call ended that has no value to show. */
void collected_complain(const struct drover_collected *item);

#endif
