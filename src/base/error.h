/* Filling a struct drover_error. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <drover/error.h>

/* Set ERR (may be NULL) to the errno number CODE (positive) and a sentence.
 * Returns -CODE, so that a function can end with it. */
int error_set(struct drover_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put context and ": " in front of the message that ERR holds. Returns
 * -err->code, or -EIO when ERR is NULL. */
int error_prefix(struct drover_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The sentence for "no memory". Returns -ENOMEM. */
int error_no_memory(struct drover_error *err);

#endif
