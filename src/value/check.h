/* Checking bytes of unknown origin. */
#ifndef VALUE_CHECK_H
#define VALUE_CHECK_H

#include <stddef.h>

#include <drover/value.h>

/* As drover_value_check(), for a value that is going to lie inside DEPTH
 * containers. */
int value_check_inside(struct drover_value value, size_t depth,
                       struct drover_error *err);

#endif
