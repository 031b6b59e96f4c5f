/* Errors of libdrover: what went wrong, in the caller's own storage. */
#ifndef DROVER_ERROR_H
#define DROVER_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* Filled by functions that take one as their last parameter, on failure only.
 * Such a parameter may always be NULL.
 *
 * code     a positive errno number; the function returned it negated
 * message  one sentence for people, without a final period or newline */
struct drover_error {
    int code;
    char message[508];
};

#ifdef __cplusplus
}
#endif

#endif
