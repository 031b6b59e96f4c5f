/* The arguments of a call that a program makes. */
#ifndef EXCHANGE_ARGUMENTS_H
#define EXCHANGE_ARGUMENTS_H

#include <drover/error.h>
#include <drover/plugin.h>

#include "base/buffer.h"

/* Append to OUT the map ARGS (an empty view: none). With DECLARED, not NULL,
 * they are checked against that, put into its order, and those that are missing
 * are filled in. Returns 0, -EINVAL or -EMSGSIZE with what is wrong, or
 * -ENOMEM. */
int arguments_complete(const struct drover_task *declared,
                       struct drover_value args, struct buffer *out,
                       struct drover_error *err);

#endif
