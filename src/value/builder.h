/* What other layers need of builders beside <drover/value.h>. */
#ifndef VALUE_BUILDER_H
#define VALUE_BUILDER_H

#include <stdbool.h>
#include <stddef.h>

#include <drover/value.h>

/* A builder whose value is at most LIMIT bytes; drover_builder_create() takes
 * VALUE_LIMIT_BYTES. Returns NULL when there is no memory. */
struct drover_builder *builder_create(size_t limit);

/* Make the builder fail with the errno number CODE (positive) and a sentence,
 * unless it has failed before. */
void builder_fail(struct drover_builder *builder, int code, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

bool builder_has_failed(const struct drover_builder *builder);

#endif
