/* Checking bytes of unknown origin. */
#ifndef VALUE_CHECK_H
#define VALUE_CHECK_H

#include <stddef.h>

#include <drover/value.h>

/* As drover_value_check(), for a value that is going to lie inside DEPTH
 * containers. */
int value_check_inside(struct drover_value value, size_t depth,
                       struct drover_error *err);

/* Containers around a value on its way: the list of a message's fields, the map
 * of a call's arguments, the list of a stage's results. They do not count for
 * DROVER_VALUE_DEPTH_MAX. */
enum { VALUE_DEPTH_ENVELOPE = 3 };

/* As drover_value_check(), for the body of a message. */
int value_check_body(struct drover_value body, struct drover_error *err);

#endif
